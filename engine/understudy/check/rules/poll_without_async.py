"""`poll` on a task that is not a job.

What: `poll` without `async`, or beside `async: 0`.

Why: it has no effect. `poll: 0` alone launches nothing: the task runs in the foreground, and what
comes after it waits.

Fix: safe; it removes `poll`.

Example:
    - command: /opt/backup
      poll: 0

Instead:

    - command: /opt/backup
      async: 3600
      poll: 0
"""

from __future__ import annotations

from collections.abc import Iterator

from understudy.check.flow.visits import Visit
from understudy.check.meaning.places import written
from understudy.check.mending.fixes import fix_removing
from understudy.check.rule import Rule
from understudy.text.diagnostic import Diagnostic, Label, Severity
from understudy.values.texts import Template

RULE = Rule("poll-without-async", Severity.WARNING, proof=("poll_without_async",))


def check_task(visit: Visit) -> Iterator[Diagnostic]:
    """Yield a finding for a `poll` that asks for nothing."""
    task = visit.task
    is_no_job = visit.is_synchronous and not isinstance(task.async_s, Template | bool)
    if is_no_job and task.poll_s is not None:
        yield _finding(visit)


def _finding(visit: Visit) -> Diagnostic:
    without = written(visit, "async")
    empty = "`async` is empty" if visit.task.async_s is None else "`async` is 0"
    missing = empty if without else "there is no `async`"
    launches = ("the task is waited for: nothing is launched",) if visit.poll_s == 0 else ()
    return RULE.finding(
        written(visit, "poll"),
        f"`poll` has no effect, since {missing}",
        others=(Label(without, "not a job"),) if without else (),
        notes=launches,
        help="add `async` with the seconds that the task may take, or remove `poll`",
        fix=fix_removing(visit.task, "poll", is_safe=True),
    )
