"""A wait that gives up while its job may still run.

What: an `async_status` task whose `retries` times `delay` is less than the `async` of the task that
launched the job. `retries` is 3 and `delay` is 5 s where they are not written.

Why: the wait fails, and with it the host, though nothing is wrong with the job; it runs on until
the seconds of its `async` are over, and nobody sees how it ends.

Fix: unsafe; it makes the wait as long as the job.

Example:
    - command: /opt/backup
      async: 3600
      poll: 0
      register: backup
    - async_status:
        jid: "{{ backup.ansible_job_id }}"
      register: status
      until: status is finished
      retries: 30
      delay: 10

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

from collections.abc import Iterator
from math import ceil

from understudy.check.flow import Flow, Registered, Visit
from understudy.check.job_ids import is_run
from understudy.check.jobs import (
    Wait,
    as_long_as_its_job,
    is_status,
    launch_of,
    shown,
    wait_of,
    written,
)
from understudy.check.rule import Rule
from understudy.text.diagnostic import Diagnostic, Label, Severity

RULE = Rule(
    "wait-shorter-than-async",
    Severity.WARNING,
    proof=("until_exhausted", "until_default_retries", "delay_default", "status_until_finished"),
)
_WAITING = frozenset({"pause", "wait_for", "wait_for_connection", "reboot"})


def check_flow(flow: Flow) -> Iterator[Diagnostic]:
    """Yield a finding for each wait that is shorter than its job may be."""
    for visit in flow.visits:
        wait, launch = wait_of(visit), launch_of(visit)
        if wait is None or launch is None or _is_on_purpose(visit, launch):
            continue
        limit_s = launch.visit.async_s or 0
        before_s = _waited_s(flow.visits[launch.visit.number + 1 : visit.number])
        if before_s is not None and before_s + wait.longest_s < limit_s:
            yield _finding(wait, launch, limit_s)


def _is_on_purpose(visit: Visit, launch: Registered) -> bool:
    """Tell whether the wait may give up: it is not run, may fail, or is taken up again."""
    task = visit.task
    again = (read.visit for read in launch.reads if read.visit.number > visit.number)
    return (
        launch.may_be_read
        or not is_run(visit)
        or visit.is_rescued
        or task.inherited.ignore_errors is not None
        or bool(task.failed_when)
        or any(is_status(later.task) and later.task is not task for later in again)
    )


def _waited_s(between: list[Visit]) -> float | None:
    """Return how long other tasks wait at most before it begins; None if that is not known."""
    waited_s = 0.0
    for visit in between:
        task = visit.task
        is_loop = task.loop is not None
        if task.action.name in _WAITING or visit.async_s is None:
            return None
        if task.until or task.retries is not None or visit.is_polled:
            wait = wait_of(visit)
            if wait is None or is_loop:
                return None
            waited_s += wait.longest_s
    return waited_s


def _finding(wait: Wait, launch: Registered, limit_s: float) -> Diagnostic:
    visit = wait.visit
    each = "the wait for each item" if visit.task.loop else "this wait"
    return RULE.finding(
        wait.span,
        f"{each} gives up after {shown(wait.longest_s)} s, but the job may run {shown(limit_s)} s",
        label=wait.sum,
        others=(
            Label(
                written(launch.visit, "async") or launch.task.span,
                "the job may run until here, then it is killed",
            ),
        ),
        notes=("the wait fails, the job keeps running, and nothing collects its result",),
        help=_help(wait, limit_s),
        fix=as_long_as_its_job(wait, limit_s),
    )


def _help(wait: Wait, limit_s: float) -> str:
    if wait.delay_s <= 0:
        return f"write `retries: {ceil(limit_s / 5)}` and `delay: 5`"
    retries = f"use `retries: {ceil(limit_s / wait.delay_s)}`"
    is_enough = wait.longest_s >= 1
    return f"{retries}, or `async: {int(wait.longest_s)}`" if is_enough else retries
