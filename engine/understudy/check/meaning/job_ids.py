"""What tasks that look after jobs ask for: the ids they read, and whose results these are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from understudy.check.flow.known import UNKNOWN
from understudy.check.flow.reads import Chain
from understudy.check.flow.visits import Flow, Read, Registered, Visit, text_of
from understudy.check.meaning.conditions import is_guarded, is_run
from understudy.check.meaning.jobs import is_async_status
from understudy.check.meaning.places import is_whole
from understudy.check.meaning.waits import LAUNCHED
from understudy.text.diagnostic import did_you_mean

JOB_ID = "ansible_job_id"
_MAY_BE_THERE = LAUNCHED.keys() | frozenset(
    "ansible_async_watchdog_pid ansible_facts ansible_index_var ansible_loop ansible_loop_var"
    " attempts changed_when_result deprecations diff exception failed_when_result false_condition"
    " invocation item module_stderr module_stdout msg results retries skip_reason skipped"
    " skipped_reason timedout unreachable warnings".split()
)
"""Keys of a launch, of one that was skipped, and of one that did not succeed."""
_BARE_ID = re.compile(r"[A-Za-z_]\w*[.\[][^{}]*\bansible_job_id\b['\"\]]*")
_OF_DICTS = frozenset(dir(dict))

_SHOWING = frozenset({"assert", "debug"})
_JUDGING = frozenset((name,) for name in ("changed", "failed", "finished", "skipped", "started"))


@dataclass(frozen=True, slots=True)
class Asked:
    """A job id that an `async_status` reads, and nothing but that."""

    visit: Visit
    written: Read
    """What stands in `jid`."""
    read: Read
    """What that means in the end: in a loop, what is read there."""
    chain: Chain
    """The way from the result to the id."""

    @property
    def is_by_item(self) -> bool:
        """Whether it is read by way of a loop's item, or of another name."""
        return self.read is not self.written

    @property
    def tasks(self) -> list[Visit]:
        """Every task whose result it can come from; none if something else may have given it."""
        return [result.visit for result in self.read.results]

    @property
    def launch(self) -> Visit | None:
        """The launch of the job whose id it surely is."""
        result = self.read.registered
        return result.visit if result and result.visit.is_launch and self.is_id else None

    @property
    def polled(self) -> Visit | None:
        """The task that surely has launched the job and waited for it, if it is its id."""
        tasks = self.tasks
        is_polled = self.is_id and bool(tasks) and all(task.is_polled for task in tasks)
        return tasks[0] if is_polled else None

    @property
    def is_nowhere(self) -> bool:
        """Whether nothing gives it; a list of jobs may be a variable of any name."""
        is_list = self.is_by_item and not self.read.chain.path
        return self.read.is_nowhere and not self.is_guarded and not is_list

    @property
    def is_id(self) -> bool:
        """Whether it is the id of a result, or of one of the results of a loop."""
        first, *rest = self.chain.path or ("",)
        return self.chain.path == (JOB_ID,) or (first == "results" and rest[1:] == [JOB_ID])

    @property
    def may_fail(self) -> bool:
        """Whether the task provides for its own failure."""
        task = self.visit.task
        return task.inherited.ignore_errors is not None or bool(task.failed_when)

    @property
    def is_guarded(self) -> bool:
        """Whether the task says what holds if there is no such id."""
        return is_guarded(self.visit, self.written) or is_guarded(self.visit, self.read)


def asked(visit: Visit) -> Iterator[Asked]:
    """Yield the job id that a task asks for, if it surely comes to that."""
    if not is_async_status(visit.task) or not is_run(visit):
        return
    for read in visit.reads_in("args"):
        if read.keyword == "args.jid" and not read.via and is_whole(read):
            yield Asked(visit, read, *visit.meaning(read))


def id_without_braces(visit: Visit) -> str | None:
    """Return the `jid` of a task that is a text which was meant to be rendered."""
    if not is_async_status(visit.task) or not is_run(visit):
        return None
    text = text_of(visit.task.action.args.get("jid"))
    return text if text is not None and _BARE_ID.fullmatch(text) else None


def meant_by(one: Asked, flow: Flow) -> Visit | None:
    """Return the task whose result was meant: of a launch, if there is one of such a name."""
    before = [visit for visit in flow.visits[: one.visit.number] if visit.given.name]
    launches = {str(visit.given.name): visit for visit in before if visit.async_s}
    results = {str(visit.given.name): visit for visit in before}
    for known in (launches, results):
        near = did_you_mean(one.read.chain.name, known)
        if near:
            return known[near]
    return None


def not_registered_before(one: Asked, flow: Flow) -> Visit | None:
    """Return the last job before, in the same play, that no name was given."""
    before = reversed(flow.visits[: one.visit.number])
    jobs = (visit for visit in before if visit.async_s and visit.play is one.visit.play)
    return next((visit for visit in jobs if visit.given.name is None), None)


def key_of_job(chain: Chain, launch: Registered) -> str | None:
    """Return the key of one result that a chain reads, if a launch has none of that name."""
    path, loop = chain.path, launch.task.loop
    if loop is not None:
        path = path[2:] if path[:1] == ("results",) else ()
    key = path[0] if path else None
    is_of_loop = loop is not None and key in (loop.loop_var, loop.index_var)
    if not isinstance(key, str) or key.startswith("_") or is_of_loop:
        return None
    return None if key in _MAY_BE_THERE or key in _OF_DICTS else key


def uses(launch: Registered) -> Iterator[Read]:
    """Yield every read that may come to the id of a job; what only shows or judges it does not."""
    for read in launch.reads:
        shows = read.visit.task.action.name in _SHOWING
        judges = read.chain.test is not None or read.chain.path[:1] in _JUDGING
        if not shows and not judges:
            yield read


def overwritten(visit: Visit) -> Registered | None:
    """Return the launch whose id nothing has read when a task registers under its name."""
    hidden = next(iter(visit.hidden), None)
    if len(visit.hidden) != 1 or not isinstance(hidden, Registered):
        return None
    is_lost = hidden.visit.is_launch and not hidden.may_be_read and not any(uses(hidden))
    return hidden if is_lost and is_run(visit) else None


def mode(visit: Visit) -> str | None:
    """Return what an `async_status` is to do, or None if only a run can tell."""
    value = visit.known(visit.task.action.args.get("mode", "status"))
    is_known = value is not UNKNOWN and visit.task.action.template is None
    return str(value) if is_known else None
