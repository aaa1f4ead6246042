"""A task that disturbs a job while it may still run.

What: between a launch and the first task that asks for its job there is a reboot, an end of the
play for the host, or another task for the same package manager; or a loop launches several jobs for
one package manager.

Why: a reboot ends the job. After `meta: end_host` or `end_play` nothing asks how it ended. Only one
process at a time holds the lock of a package manager: the others wait for it, and fail after some
time.

Example:
    - command: /opt/backup
      async: 3600
      poll: 0
      register: backup
    - reboot:
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
    - reboot:
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from understudy.check.flow.visits import Flow, Registered, Visit
from understudy.check.meaning.conditions import further, is_run, same_texts
from understudy.check.meaning.forgotten import is_forgotten
from understudy.check.meaning.job_ids import uses
from understudy.check.meaning.jobs import launch_label, reboots
from understudy.check.rule import Rule
from understudy.playbook.model import Task
from understudy.text.diagnostic import Diagnostic, Label, Severity

RULE = Rule(
    "job-outlives-danger",
    Severity.WARNING,
    proof=("job_outlives_play", "meta_end_play_and_batch", "job_loop_sequential"),
)
_ENDS = frozenset({"end_batch", "end_host", "end_play"})
_WAITING = frozenset({"pause", "wait_for", "wait_for_connection"})
_PACKAGES = {
    "apt": "apt",
    "dnf": "dnf",
    "dnf5": "dnf",
    "yum": "dnf",
    "zypper": "zypper",
    "pacman": "pacman",
    "apk": "apk",
    "package": "",
}
"""Modules by the package manager whose lock they need; of `package` only the host knows it."""


def check_flow(flow: Flow) -> Iterator[Diagnostic]:
    """Yield a finding for each task that disturbs a job: the first job that it does."""
    waits = [visit.number for visit in flow.visits if visit.task.action.name in _WAITING]
    for visit in flow.visits:
        if not is_run(visit):
            continue
        yield from _of_loop(visit)
        jobs = visit.jobs if _may_disturb(visit) else ()
        disturbed = [job for job in jobs if _may_be_disturbed(job.task, visit.task)]
        for job in sorted(disturbed, key=lambda one: one.visit.number):
            found = _of_job(job, visit) if _is_open(job, visit, waits) else None
            if found is not None:
                yield found
                break


def _may_disturb(visit: Visit) -> bool:
    action = visit.task.action
    if action.name == "meta":
        return str(action.free_form) in _ENDS
    return action.name == "reboot" or action.name in _PACKAGES or reboots(visit.task)


def _may_be_disturbed(job: Task, task: Task) -> bool:
    """Tell whether what a task does matters to a job: of most packages, to one of its manager."""
    name = task.action.name
    return name not in _PACKAGES or _is_same_manager(job.action.name, name)


def _is_open(job: Registered, visit: Visit, waits: list[int]) -> bool:
    """Tell whether a job surely runs beside a task on its host, as far as it has not yet ended."""
    launch = job.visit
    own, other = launch.task.inherited, visit.task.inherited
    if launch.play is not visit.play or not same_texts(own.delegate_to, other.delegate_to):
        return False
    following = bisect_right(waits, launch.number)
    if following < len(waits) and waits[following] < visit.number:
        return False
    is_either = bool(further(launch, visit)) and bool(further(visit, launch))
    if is_either or any(read.visit.number <= visit.number for read in uses(job)):
        return False
    return not reboots(job.task) and not is_forgotten(job.task)


def _of_job(job: Registered, visit: Visit) -> Diagnostic | None:
    task, manager = visit.task, job.task.action.name
    name, ends = task.action.name, str(task.action.free_form)
    if name == "reboot" or reboots(task):
        return _finding(job, visit, "this reboot ends a job that may still run")
    if name == "meta" and ends in _ENDS and any(uses(job)):
        message = f"after `{ends}` nothing asks how a job ended that may still run"
        return _finding(job, visit, message, others=tuple(_asking(job)))
    if _is_same_manager(manager, name):
        message = f"`{name}` needs the lock that the job of `{manager}` may still hold"
        return _finding(job, visit, message, label="waits for the lock, and may fail")
    return None


def _finding(
    job: Registered, visit: Visit, message: str, *, label: str = "", others: tuple[Label, ...] = ()
) -> Diagnostic:
    return RULE.finding(
        visit.task.action.span,
        message,
        label=label,
        others=(launch_label(job.visit), *others),
        help="wait for the job with `async_status` before",
    )


def _asking(job: Registered) -> Iterator[Label]:
    span = next((read.span for read in uses(job)), None)
    if span is not None:
        yield Label(span, "not reached then")


def _is_same_manager(first: str, second: str) -> bool:
    if first not in _PACKAGES or second not in _PACKAGES:
        return False
    managers = _PACKAGES[first], _PACKAGES[second]
    return "" in managers or managers[0] == managers[1]


def _of_loop(visit: Visit) -> Iterator[Diagnostic]:
    """Yield a finding for jobs of one loop that need one lock."""
    loop, name = visit.task.loop, visit.task.action.name
    if loop is None or not visit.is_launch or name not in _PACKAGES or loop.pause_s:
        return
    items = visit.known(loop.items)
    if isinstance(items, list) and len(items) > 1:
        yield RULE.finding(
            visit.task.action.span,
            f"the jobs of this loop need one lock: only one `{name}` at a time can hold it",
            others=(Label(loop.span, f"launches {len(items)} jobs at once"),),
            help=f"give `{name}` all names in one list, without a loop",
        )
