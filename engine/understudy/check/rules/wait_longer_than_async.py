"""A wait that is much longer than its job may run.

What: a status task with `until` whose `retries` times `delay` is more than 1.2 times the `async` of
the launch, and more than 10 s above it.

Why: the job is killed when the seconds of its `async` are over, and the next check finds it failed.
The wait never takes the time that it seems to give: most often `async` is meant to be longer.

Fix: unsafe; it makes the wait as long as the job may run.

Example:
    - command: /opt/backup
      async: 600
      poll: 0
      register: backup
    - async_status:
        jid: "{{ backup.ansible_job_id }}"
      register: status
      until: status is finished
      retries: 360
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

from understudy.check.flow.visits import Registered, Visit
from understudy.check.meaning.conditions import is_run
from understudy.check.meaning.jobs import launch_of, limit_label, shown
from understudy.check.meaning.waits import Wait, as_long_as_its_job, enough_retries, wait_of
from understudy.check.rule import Rule
from understudy.text.diagnostic import Diagnostic, Severity

RULE = Rule("wait-longer-than-async", Severity.INFO, proof=("job_timeout_watcher",))
_FACTOR, _MARGIN_S = 1.2, 10
"""How much longer a wait may be: a job that was killed says so a few seconds later."""


def check_task(visit: Visit) -> Iterator[Diagnostic]:
    """Yield a finding for a status task that could wait long after its job's end."""
    wait, launch = wait_of(visit), launch_of(visit)
    if wait is None or launch is None or not is_run(visit):
        return
    limit_s = launch.visit.async_s or 0
    enough_s = max(limit_s * _FACTOR, limit_s + _MARGIN_S)
    is_spare = wait.longest_s - wait.delay_s >= limit_s > 0
    if is_spare and wait.longest_s > enough_s:
        yield _finding(wait, launch, limit_s)


def _finding(wait: Wait, launch: Registered, limit_s: float) -> Diagnostic:
    retries = enough_retries(limit_s, wait.delay_s)
    allowed, limit = shown(wait.longest_s), shown(limit_s)
    return RULE.finding(
        wait.span,
        f"this wait may take {allowed} s, but the job may run only {limit} s",
        label=wait.sum,
        others=(limit_label(launch.visit),),
        notes=("the first check after that finds the job failed, and the wait is over",),
        help=f"write `async: {ceil(wait.longest_s)}` if the job may take that long,"
        f" else `retries: {retries}`",
        fix=as_long_as_its_job(wait, limit_s),
    )
