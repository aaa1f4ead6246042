"""A task that is tried again and can never fail.

What: `failed_when: false` beside `until` or `retries`, where nothing reads the result later.

Why: when its retries are used up the task counts as ok, as if `until` had held. Without `until` it
is tried once only: what never fails is not repeated.

Example:
    - command: /opt/server/status
      register: status
      until: status.stdout == 'up'
      retries: 5
      failed_when: false

Instead:

    - command: /opt/server/status
      register: status
      until: status.stdout == 'up'
      retries: 5
"""

from __future__ import annotations

from collections.abc import Iterator

from understudy.check.flow.visits import Visit
from understudy.check.meaning.attempts import is_retried
from understudy.check.meaning.jobs import shown
from understudy.check.meaning.places import written
from understudy.check.rule import Rule
from understudy.text.diagnostic import Diagnostic, Label, Severity

RULE = Rule(
    "failed-when-false-hides",
    Severity.WARNING,
    proof=("until_exhausted_failed_when_false", "retries_without_until"),
)


def check_task(visit: Visit) -> Iterator[Diagnostic]:
    """Yield a finding if the end of a task's retries shows nowhere."""
    task = visit.task
    if not is_retried(visit) or visit.is_launch:
        return
    if not any(visit.known(one) is False for one in task.failed_when):
        return
    if not task.until:
        yield _never_again(visit)
    elif not visit.given.reads and not visit.given.may_be_read:
        yield _hidden(visit)


def _hidden(visit: Visit) -> Diagnostic:
    name = visit.task.register
    later = f", or look at `{name} is failed` in a later task" if name else ""
    return RULE.finding(
        written(visit, "failed_when"),
        "this task counts as ok even where `until` never holds",
        others=(Label(written(visit, "until") or visit.task.span, "nobody sees that it failed"),),
        notes=(f"after {shown((visit.retries or 0) + 1)} attempts the play goes on",),
        help=f"write `ignore_errors: true`, which shows the failure{later}",
    )


def _never_again(visit: Visit) -> Diagnostic:
    return RULE.finding(
        written(visit, "failed_when"),
        "this task never fails, so that `retries` never repeats it",
        others=(Label(written(visit, "retries") or visit.task.span, "without effect"),),
        help="write in `until` what is waited for, or remove `retries`",
    )
