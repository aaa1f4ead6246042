"""A task with `retries` and without `until`.

What: `retries` is more than 0, and there is no `until`.

Why: the task is tried again while it fails. Ansible before 2.16 ignored `retries` without `until`:
what is meant holds everywhere only if it is written.

Example:
    - command: /opt/server/status
      retries: 5

Instead:

    - command: /opt/server/status
      register: status
      until: status is success
      retries: 5
"""

from __future__ import annotations

from collections.abc import Iterator

from understudy.check.flow.visits import Visit
from understudy.check.meaning.attempts import is_retried
from understudy.check.meaning.jobs import is_async_status, shown
from understudy.check.meaning.places import written
from understudy.check.rule import Rule
from understudy.text.diagnostic import Diagnostic, Severity

RULE = Rule("retries-without-until", Severity.INFO, proof=("retries_without_until",))


def check_task(visit: Visit) -> Iterator[Diagnostic]:
    """Yield a finding if a task is tried again without saying until when."""
    task = visit.task
    if task.until or not is_retried(visit) or visit.is_launch or is_async_status(task):
        return
    if any(visit.known(one) is False for one in task.failed_when):
        return
    name = task.register or "result"
    register = "" if task.register else f"`register: {name}` and "
    tries = shown((visit.retries or 0) + 1)
    yield RULE.finding(
        written(visit, "retries") or task.span,
        f"without `until` this task is tried up to {tries} times, as long as it fails",
        notes=("Ansible before 2.16 ignored `retries` without `until`, and tried it once",),
        help=f"write {register}`until: {name} is success` to say so",
    )
