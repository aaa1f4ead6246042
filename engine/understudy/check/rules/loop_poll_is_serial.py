"""A loop over jobs, each of which is waited for before the next one is launched.

What: a loop together with `async` and a `poll` above 0.

Why: the items run strictly one after another, each with its pauses between checks: that is slower
than the same loop without `async`. Jobs run side by side if all are launched with `poll: 0`, and
a second loop waits for them.

Fix: unsafe; it makes the two loops, where the task has no other keywords that the second one would
need, and nothing reads its result.

Example:
    - command: xz {{ item }}
      loop: [/var/log/a, /var/log/b]
      async: 600
      poll: 10

Instead:

    - command: xz {{ item }}
      loop: [/var/log/a, /var/log/b]
      async: 600
      poll: 0
      register: jobs
    - async_status:
        jid: "{{ item.ansible_job_id }}"
      loop: "{{ jobs.results }}"
      register: status
      until: status is finished
      retries: 60
      delay: 10
"""

from __future__ import annotations

from collections.abc import Iterator

from understudy.check.flow.known import UNKNOWN
from understudy.check.flow.visits import Flow, Visit
from understudy.check.meaning.conditions import is_run
from understudy.check.meaning.jobs import refuses_async, shown
from understudy.check.meaning.places import written
from understudy.check.meaning.waits import free_name, text_of_wait
from understudy.check.mending.fixes import fix_with
from understudy.check.mending.rewrite import insert_task_after, set_keyword
from understudy.check.rule import Rule
from understudy.text.diagnostic import Diagnostic, Edit, Fix, Label, Severity
from understudy.text.nodes import Mapping

RULE = Rule("loop-poll-is-serial", Severity.WARNING, proof=("job_loop_sequential",))
_PLAIN = frozenset("args async loop loop_control name poll register with_items with_list".split())
"""Keywords of a task that the status task behind it need not have."""


def check_flow(flow: Flow) -> Iterator[Diagnostic]:
    """Yield a finding for each loop whose jobs wait for each other."""
    for visit in flow.visits:
        is_job = visit.is_polled and not refuses_async(visit.task, flow.settings.target)
        if is_job and is_run(visit) and _has_items(visit) and not _is_in_turn(visit):
            yield _finding(visit, flow)


def _has_items(visit: Visit) -> bool:
    """Tell whether a task loops, and not surely over one item or none."""
    loop = visit.task.loop
    if loop is None:
        return False
    items = visit.known(loop.items)
    return items is UNKNOWN or not isinstance(items, list) or len(items) > 1


def _is_in_turn(visit: Visit) -> bool:
    """Tell whether the author wants one after another: with pauses, or until one is right."""
    loop = visit.task.loop
    return loop is not None and (loop.pause_s != 0 or bool(loop.break_when))


def _finding(visit: Visit, flow: Flow) -> Diagnostic:
    task = visit.task
    poll = written(visit, "poll")
    loop = task.loop.span if task.loop else task.span
    every = "" if poll else f" every {shown(visit.poll_s or 0)} s (the default)"
    return RULE.finding(
        poll or written(visit, "async"),
        "the jobs of this loop run one after another",
        label=f"each job is checked{every} until it ends, then the next is launched",
        others=(Label(loop, "one job for each item"),),
        notes=("this is slower than the loop without `async`",),
        help="launch all with `poll: 0` and `register`, then loop over the results with"
        " `async_status` and `until`",
        fix=_fix(visit, flow),
    )


def _fix(visit: Visit, flow: Flow) -> Fix | None:
    task, given = visit.task, visit.given
    if task.node is None or task.is_handler or given.reads or given.may_be_read:
        return None
    if not _is_plain(task.node, visit):
        return None
    jobs = task.register or free_name("jobs", flow.given)
    launch = [set_keyword(task.node, "poll", "0"), *_registered(task.node, jobs, visit, flow)]
    return fix_with("launch all, then wait for all", *launch)


def _is_plain(node: Mapping, visit: Visit) -> bool:
    action = visit.task.action.written
    inherited = visit.task.inherited
    keys = {str(key) for key in node.entries}
    return keys - {action} <= _PLAIN and not inherited.when and inherited.become.user is None


def _registered(node: Mapping, jobs: str, visit: Visit, flow: Flow) -> list[Edit | None]:
    text = text_of_wait(visit, jobs, visit.async_s or 0, visit.poll_s or 1, flow.given)
    register = [] if "register" in node.entries else [set_keyword(node, "register", jobs)]
    return [*register, insert_task_after(node, text)]
