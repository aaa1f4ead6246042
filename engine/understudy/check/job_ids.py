"""What tasks that look after jobs ask for: the ids they read, and whose results these are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from understudy.check.flow import Flow, Read, Registered, Unclear, Visit
from understudy.check.jobs import written
from understudy.check.known import UNKNOWN
from understudy.check.reads import Chain, sole_chain
from understudy.check.walk import never
from understudy.playbook.model import Task
from understudy.text.diagnostic import Label, did_you_mean
from understudy.text.nodes import Node, Scalar, Sequence
from understudy.text.source import Position, Span
from understudy.values.texts import Condition, Expression, Template

JOB_ID = "ansible_job_id"
OF_LAUNCH = frozenset({JOB_ID, "results_file", "started", "finished", "changed", "failed"})
"""Everything that a task with `poll: 0` registers."""
_MAY_BE_THERE = OF_LAUNCH | frozenset(
    "ansible_async_watchdog_pid ansible_facts ansible_index_var ansible_loop ansible_loop_var"
    " attempts changed_when_result deprecations diff exception failed_when_result false_condition"
    " invocation item module_stderr module_stdout msg results retries skip_reason skipped"
    " skipped_reason timedout unreachable warnings".split()
)
"""Keys of a launch, of one that was skipped, and of one that did not succeed."""
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
    def results(self) -> tuple[Registered, ...]:
        """Every result that it can come from; empty if something else may have given it."""
        return sure_results(self.read)

    @property
    def is_nowhere(self) -> bool:
        """Whether nothing gives it; a list of jobs may be a variable of any name."""
        is_list = self.read is not self.written and not self.read.chain.path
        return self.read.sources == {Unclear.NOWHERE} and not self.is_guarded and not is_list

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


def is_guarded(visit: Visit, read: Read) -> bool:
    """Tell whether a task asks, in `when` or where it reads, if there is something to be read."""
    return any(
        one.chain.guarded and one.chain.name == read.chain.name
        for one in visit.reads
        if one.keyword == "when" or one.text is read.text
    )


def is_run(visit: Visit) -> bool:
    """Tell whether a task can be come to at all."""
    return visit.unreachable is None and not never(visit.task.inherited.when)


def sure_results(read: Read) -> tuple[Registered, ...]:
    """Return every result that a read can be of; empty if something else may have given it."""
    may_be = read.may_be
    return may_be if len(may_be) == len(read.sources) else ()


def asked(visit: Visit) -> Iterator[Asked]:
    """Yield the job id that a task asks for, if it surely comes to that."""
    task = visit.task
    if task.action.name != "async_status" or not is_run(visit):
        return
    for read in visit.reads_in("args"):
        if read.keyword == "args.jid" and not read.via and is_whole(read):
            yield Asked(visit, read, *visit.meaning(read))


def is_whole(read: Read) -> bool:
    """Tell whether a text is nothing but what is read."""
    return sole_chain(read.text) == read.chain


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


_REBOOT = re.compile(r"\b(reboot|shutdown|poweroff|halt|kexec|(tel)?init [06])\b")


def reboots(task: Task) -> bool:
    """Tell whether a task calls a program that ends all others on the host."""
    action = task.action
    if action.name not in ("command", "shell", "raw"):
        return False
    parts = (action.free_form, *action.args.values())
    return any(_REBOOT.search(getattr(part, "text", str(part))) for part in parts)


def further(visit: Visit, other: Visit) -> list[Condition]:
    """Return the conditions of a task that another one does not have as well."""
    known = other.task.inherited.when
    return [
        condition
        for condition in visit.task.inherited.when
        if condition is not True and not any(same_texts(condition, one) for one in known)
    ]


_FORGOTTEN = re.compile(r"#.*\bfire[- ]and[- ]forget\b", re.IGNORECASE)


def is_forgotten(task: Task) -> bool:
    """Tell whether a comment in a task, or right above it, says `fire-and-forget`."""
    if task.node is None:
        return False
    source, first = task.span.source, task.span.start.line
    above = source.line(first - 1).lstrip()
    lines = [above] if above.startswith("#") else []
    lines += [source.line(number) for number in range(first, _last_line(task.node) + 1)]
    return any(map(_FORGOTTEN.search, lines))


def _last_line(node: Node) -> int:
    """Return the last line of a node that has something of it."""
    if isinstance(node, Scalar):
        end = node.span.end
        return end.line if end.column > 1 else end.line - 1
    parts = (
        node.items if isinstance(node, Sequence) else [one for pair in node.pairs() for one in pair]
    )
    lines = [_last_line(part) for part in parts if part.source is node.source]
    return max(lines, default=node.span.start.line)


def mode(visit: Visit) -> str | None:
    """Return what an `async_status` is to do, or None if only a run can tell."""
    value = visit.known(visit.task.action.args.get("mode", "status"))
    is_known = value is not UNKNOWN and visit.task.action.template is None
    return str(value) if is_known else None


def place(visit: Visit) -> Span:
    """Return the place that stands for a task where it is spoken of: its `register`, or itself."""
    return written(visit, "register") or visit.task.span


def poll_label(visit: Visit, text: str) -> Label:
    """Return the place that says how a job is waited for: `poll`, or `async` without it."""
    span = written(visit, "poll")
    if span is not None:
        return Label(span, text)
    return Label(written(visit, "async") or visit.task.span, f"without `poll`, {text}")


def name_span(read: Read) -> Span | None:
    """Return where the name stands that is read, without what follows it."""
    span = read.span
    if span is None:
        return None
    line, column = span.start
    end = Position(line, column + len(read.chain.name))
    is_there = span.source.line(line)[column - 1 : end.column - 1] == read.chain.name
    return Span(span.source, span.start, end) if is_there else None


def whole_span(read: Read) -> Span | None:
    """Return where a chain stands from its name to its end, if it is written as one would."""
    start, span = name_span(read), read.span
    return span if start is not None and span is not None and span != read.text.span else None


def same_texts(one: object, other: object) -> bool:
    """Tell whether two values of keywords are written alike."""
    texts = (Template, Expression)
    if isinstance(one, texts) and isinstance(other, texts):
        return one.text.strip() == other.text.strip()
    return one == other
