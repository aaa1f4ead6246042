"""A job that nothing waits for or asks how it ended.

What: a task with `poll: 0` whose result is not registered, or whose job id nothing reads later.
A comment `# fire-and-forget` in the task, or on the line above it, says that this is meant.
A job that reboots the machine is left out, and one after which the play waits otherwise: for a
port, a file or the connection, or with `until`.

Why: whether the job failed is seen nowhere, and a play ends without waiting for its jobs.

Fix: unsafe; it puts a wait at the end of the play, where the job is registered and stands in the
play itself.

Example:
    - command: /opt/backup
      async: 3600
      poll: 0
      register: backup

Instead:

    - command: /opt/backup
      async: 3600
      poll: 0
      register: backup
    - async_status:
        jid: "{{ backup.ansible_job_id }}"
      register: status
      until: status is finished
      retries: 360
      delay: 10
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from understudy.check.flow.visits import Flow, Read, Registered, Visit
from understudy.check.meaning.conditions import is_run
from understudy.check.meaning.forgotten import is_forgotten
from understudy.check.meaning.job_ids import (
    asked,
    id_without_braces,
    key_of_job,
    meant_by,
    not_registered_before,
    overwritten,
    uses,
)
from understudy.check.meaning.jobs import is_async_status, never_starts, reboots
from understudy.check.meaning.places import written
from understudy.check.meaning.waits import text_of_wait
from understudy.check.mending.rewrite import insert_task_after
from understudy.check.rule import Rule
from understudy.playbook.model import Block, Step, Task
from understudy.text.diagnostic import Diagnostic, Edit, Fix, Label, Severity

RULE = Rule(
    "job-never-collected", Severity.WARNING, proof=("job_outlives_play", "status_failed_job")
)
_WAITING = frozenset({"reboot", "wait_for", "wait_for_connection"})
_OWN = frozenset(
    "become become_exe become_flags become_method become_user connection delegate_to port"
    " remote_user run_once tags".split()
)
"""Keywords that the wait for a job would need, too."""
_DELAY_S = 10


def check_flow(flow: Flow) -> Iterator[Diagnostic]:
    """Yield a finding for each job that is launched and never asked for."""
    told, ends = set(_told_otherwise(flow)), _Ends(flow.given, _blocks_around(flow))
    waits = {id(one.play): one.number for one in flow.visits if _waits_otherwise(one.task)}
    for visit in flow.visits:
        given = visit.given
        if not visit.is_launch or not is_run(visit) or is_forgotten(visit.task):
            continue
        if given.may_be_read or given in told or never_starts(visit.task, flow.settings.target):
            continue
        is_awaited = waits.get(id(visit.play), 0) > visit.number
        if not is_awaited and not reboots(visit.task) and not any(uses(given)):
            yield _finding(visit, ends)


def _told_otherwise(flow: Flow) -> Iterator[Registered]:
    """Yield the launches of which it is told why their jobs are not found."""
    texts = (id_without_braces(visit) for visit in flow.visits)
    unasked = {re.split(r"\W", text)[0] for text in texts if text}
    yield from (result for result in flow.results if result.name in unasked)
    for visit in flow.visits:
        for read in visit.reads:
            result = read.registered
            if result is not None and _is_misread(read, result):
                yield result
        lost = overwritten(visit)
        if lost and any(is_async_status(read.visit.task) for read in visit.given.reads):
            yield lost
        for one in asked(visit):
            meant = one.is_nowhere and (meant_by(one, flow) or not_registered_before(one, flow))
            if meant:
                yield meant.given


def _is_misread(read: Read, launch: Registered) -> bool:
    """Tell whether a read takes a launch for its job, or for that of a loop."""
    is_list = read.chain.path[:1] == ("results",) and not launch.task.loop
    is_guessed = read.chain.guarded or read.keyword == "until"
    return not is_guessed and (is_list or key_of_job(read.chain, launch) is not None)


def _waits_otherwise(task: Task) -> bool:
    """Tell whether a task waits for what a job does: the machine, a port, the end of a loop."""
    return task.action.name in _WAITING or (bool(task.until) and not is_async_status(task))


def _finding(visit: Visit, ends: _Ends) -> Diagnostic:
    name = visit.given.name
    register = written(visit, "register")
    others = (Label(register, "nothing reads the job id in it"),) if register else ()
    return RULE.finding(
        written(visit, "poll") or visit.task.span,
        "nothing waits for this job or asks how it ended",
        others=others,
        notes=("if the job fails, nobody is told, and the play goes on",),
        help=_help(name),
        fix=_fix(visit, ends),
    )


def _help(name: str | None) -> str:
    wait = "wait for it with `async_status`" if name else "register it and wait with `async_status`"
    return f"{wait}, or write `# fire-and-forget` behind `poll: 0`"


def _fix(visit: Visit, ends: _Ends) -> Fix | None:
    """Return the fix that waits for a job at the end of its play, as long as it may run."""
    name, node, limit_s = visit.given.name, visit.task.node, visit.async_s
    is_of_play = not (visit.includes or visit.task.role or visit.task.is_handler)
    if name is None or node is None or not limit_s or not is_of_play:
        return None
    end = ends.of(visit) if ends.are_alike(visit) else None
    if end is None:
        return None
    before, _, behind = end.text.partition(_PLACEHOLDER)
    line_break = end.span.source.line_break
    indent = before.rpartition(line_break)[2]
    text = text_of_wait(visit, name, limit_s, _DELAY_S, ends.taken)
    text = text.replace("\n", f"{line_break}{indent}")
    edit = Edit(end.span, f"{before}{text}{behind}")
    return Fix(message=f"wait for `{name}` at the end of the play", edits=(edit,))


_PLACEHOLDER = "- wait"


def _blocks_around(flow: Flow) -> dict[int, Block]:
    """Return the block around each task and block, by the identity of what is in it."""
    return {
        id(step): block
        for block in flow.blocks
        for step in (*block.body, *block.rescue, *block.always)
    }


@dataclass(slots=True)
class _Ends:
    """The edits that put a task at the end of a play: each is sought once."""

    taken: Collection[str]
    """Names that mean something else to other tasks."""
    around: Mapping[int, Block]
    found: dict[int, Edit | None] = field(default_factory=dict)

    def are_alike(self, visit: Visit) -> bool:
        """Tell whether the end is come to only after a task, and is run where and as it is."""
        names = (name for layer in visit.task.inherited.vars for name in layer)
        if any(name.startswith("ansible_") for name in names):
            return False
        step: Step | None = visit.task
        while step is not None:
            if step.node is None or _OWN & step.node.entries.keys():
                return False
            # a rescue goes on where its block has failed, perhaps before the launch
            if isinstance(step, Block) and step.rescue:
                return False
            step = self.around.get(id(step))
        return True

    def of(self, visit: Visit) -> Edit | None:
        """Return the edit for a task of a play, if the end is in the same file, behind it."""
        steps, node = visit.play.tasks, visit.task.node
        last = steps[-1].node if steps else None
        if last is None or node is None or last.source is not node.source:
            return None
        if last.span.start < node.span.start:
            return None
        if id(last) not in self.found:
            self.found[id(last)] = insert_task_after(last, _PLACEHOLDER)
        return self.found[id(last)]
