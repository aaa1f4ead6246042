"""A wait that gives up while its job may still run.

What: a status task with `until` whose `retries` times `delay` is less than the `async` of the
launch. `retries` is 3 and `delay` is 5 s where they are not written.

Why: the wait fails, and with it the host, though nothing is wrong with the job; it runs on until
the seconds of its `async` are over, and nobody sees how it ends.

Fix: unsafe; it makes the wait as long as the job may run.

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
from dataclasses import dataclass

from understudy.check.flow.visits import DEFAULT_DELAY_S, Flow, Registered, Visit
from understudy.check.meaning.conditions import is_run
from understudy.check.meaning.jobs import is_status, launch_of, limit_label, shown
from understudy.check.meaning.waits import Wait, as_long_as_its_job, enough_retries, wait_of
from understudy.check.rule import Rule
from understudy.text.diagnostic import Diagnostic, Severity

RULE = Rule(
    "wait-shorter-than-async",
    Severity.WARNING,
    proof=("wait_gives_up", "until_default_retries", "delay_default"),
)
_WAITING = frozenset({"pause", "wait_for", "wait_for_connection", "reboot"})


def check_flow(flow: Flow) -> Iterator[Diagnostic]:
    """Yield a finding for each wait that is shorter than its job may be."""
    before = None
    for visit in flow.visits:
        wait, launch = wait_of(visit), launch_of(visit)
        if wait is None or launch is None or _is_on_purpose(visit, launch):
            continue
        limit_s = launch.visit.async_s or 0
        before = before or _Waited.of(flow.visits)
        before_s = before.between(launch.visit.number, visit.number)
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


@dataclass(frozen=True, slots=True)
class _Waited:
    """How long tasks wait at most, added up once for all that lies between any two of them."""

    sums_s: list[float]
    """For each task, the seconds that all before it wait, as far as they are known."""
    unknown: list[int]
    """For each task, the number of the last one before it of which that is not known."""

    @classmethod
    def of(cls, visits: list[Visit]) -> _Waited:
        made = cls([0.0], [-1])
        for visit in visits:
            waited_s = _waited_s(visit)
            made.sums_s.append(made.sums_s[-1] + (waited_s or 0))
            made.unknown.append(visit.number if waited_s is None else made.unknown[-1])
        return made

    def between(self, first: int, last: int) -> float | None:
        """Return how long the tasks between two wait at most; None if that is not known."""
        is_known = self.unknown[last] <= first
        return self.sums_s[last] - self.sums_s[first + 1] if is_known else None


def _waited_s(visit: Visit) -> float | None:
    """Return how long a task waits at most; None if that is not known."""
    task = visit.task
    if task.action.name in _WAITING or visit.async_s is None:
        return None
    if not task.until and task.retries is None and not visit.is_polled:
        return 0
    wait = wait_of(visit) if task.loop is None else None
    return wait.longest_s if wait else None


def _finding(wait: Wait, launch: Registered, limit_s: float) -> Diagnostic:
    visit = wait.visit
    each = "the wait for each item" if visit.task.loop else "this wait"
    return RULE.finding(
        wait.span,
        f"{each} gives up after {shown(wait.longest_s)} s, but the job may run {shown(limit_s)} s",
        label=wait.sum,
        others=(limit_label(launch.visit),),
        notes=("the wait fails, the job keeps running, and nothing collects its result",),
        help=_help(wait, limit_s),
        fix=as_long_as_its_job(wait, limit_s),
    )


def _help(wait: Wait, limit_s: float) -> str:
    if wait.delay_s <= 0:
        retries = enough_retries(limit_s, DEFAULT_DELAY_S)
        return f"write `retries: {retries}` and `delay: {DEFAULT_DELAY_S}`"
    longer = f"write `retries: {enough_retries(limit_s, wait.delay_s)}`"
    return f"{longer}, or `async: {int(wait.longest_s)}`" if wait.longest_s >= 1 else longer
