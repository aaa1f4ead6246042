"""A status task for a task that is no job.

What: the `jid` of an `async_status` is `.ansible_job_id` of what a task without `async` registers.
`poll` alone makes no job.

Why: only a job has an id. The key is not there, and the status task fails on every host.

Example:
    - command: /opt/backup
      register: backup
    - async_status:
        jid: "{{ backup.ansible_job_id }}"

Instead:

    - command: /opt/backup
      async: 3600
      poll: 0
      register: backup
    - async_status:
        jid: "{{ backup.ansible_job_id }}"
"""

from __future__ import annotations

from collections.abc import Iterator

from understudy.check.flow.visits import Visit
from understudy.check.meaning.job_ids import Asked, asked, overwritten
from understudy.check.meaning.places import result_place, written
from understudy.check.rule import Rule
from understudy.playbook.tasks import LOST
from understudy.text.diagnostic import Diagnostic, Label, Severity

RULE = Rule("jid-from-sync-task", Severity.ERROR, proof=("jid_of_no_job",))
_MAY_HAVE_AN_ID = frozenset({"async_status", "include_role", "include_tasks", LOST, ""})
"""What passes on the id of a job, or cannot be looked into."""


def check_task(visit: Visit) -> Iterator[Diagnostic]:
    """Yield a finding for a job id of a task that surely is no job."""
    for one in asked(visit):
        tasks = one.tasks
        if one.is_id and tasks and all(map(_is_no_job, tasks)) and not one.is_guarded:
            yield _finding(one, tasks[0])


def _is_no_job(visit: Visit) -> bool:
    if overwritten(visit):
        return False
    action = visit.task.action
    has_none = action.name not in _MAY_HAVE_AN_ID and action.own is None
    return has_none and action.template is None and visit.is_synchronous


def _finding(one: Asked, task: Visit) -> Diagnostic:
    name = one.read.chain.name
    poll = written(task, "poll")
    others = [Label(result_place(task), "registered by a task without `async`")]
    if poll is not None:
        others.append(Label(poll, "alone, this has no effect"))
    return RULE.finding(
        one.written.span,
        f"`{name}` has no `ansible_job_id`: its task runs without `async`",
        label="undefined",
        others=tuple(others),
        help="give that task `async: SECONDS` and `poll: 0`, or leave this one out",
    )
