"""A `timeout` on a task that is tried again.

What: `timeout` on a task with `until` or `retries`.

Why: a time-out ends the whole task, not one attempt: what is left of the retries is not used, and
`failed_when` is not asked.

Example:
    - command: /opt/server/status
      timeout: 10
      retries: 5
      register: status
      until: status is success

Instead:

    - command: timeout 10 /opt/server/status
      retries: 5
      register: status
      until: status is success
"""

from __future__ import annotations

from collections.abc import Iterator

from understudy.check.flow.known import number
from understudy.check.flow.visits import Visit
from understudy.check.meaning.attempts import is_retried
from understudy.check.meaning.jobs import refuses_async, shown
from understudy.check.meaning.places import written
from understudy.check.rule import Rule
from understudy.check.targets import Target
from understudy.text.diagnostic import Diagnostic, Label, Severity

RULE = Rule(
    "timeout-ends-retries", Severity.WARNING, proof=("timeout_ends_the_task", "job_retries")
)
_COMMANDS = frozenset({"command", "shell"})


def check_task(visit: Visit) -> Iterator[Diagnostic]:
    """Yield a finding if the time-out of a task ends its retries; of a job it ends the launch."""
    timeout_s = number(visit.known(visit.task.inherited.timeout_s))
    place = written(visit, "timeout")
    if place is None or not timeout_s or not is_retried(visit) or not visit.is_synchronous:
        return
    retries = written(visit, "retries") or written(visit, "until") or visit.task.span
    yield RULE.finding(
        place,
        f"after {shown(timeout_s)} s the task ends: it is not tried again",
        others=(Label(retries, "these retries are for other failures only"),),
        notes=("a time-out is for the task, not for the attempt; `failed_when` is not asked",),
        help=_help(visit, shown(timeout_s)),
    )


def _help(visit: Visit, seconds: str) -> str:
    if visit.task.action.name in _COMMANDS:
        return f"put `timeout {seconds}` before the command, which ends one attempt"
    if not refuses_async(visit.task, Target.ANSIBLE_2_19):
        return f"write `async: {seconds}` and `poll: 1`, which ends one attempt"
    return "limit the time by an argument of the module, if it has one"
