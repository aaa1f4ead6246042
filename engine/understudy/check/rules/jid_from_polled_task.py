"""A status task for a job that its own task has waited for.

What: the `jid` of an `async_status` comes from a task with `async` and a `poll` above 0, or without
`poll`, whose default is 15 s.

Why: such a task waits until its job ends, and then removes the job's file. The status task fails
with `could not find job`. What the job gave is in what the first task registers.

Fix: unsafe; it writes `poll: 0` at the task of the job.

Example:
    - command: /opt/backup
      async: 3600
      poll: 10
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

from understudy.check.flow.visits import Visit
from understudy.check.meaning.job_ids import Asked, asked, mode
from understudy.check.meaning.jobs import shown
from understudy.check.meaning.places import poll_label
from understudy.check.mending.fixes import fix_writing
from understudy.check.rule import Rule
from understudy.text.diagnostic import Diagnostic, Severity

RULE = Rule(
    "jid-from-polled-task",
    Severity.ERROR,
    proof=("job_poll_ok", "status_of_polled_job", "poll_default_is_fifteen"),
)


def check_task(visit: Visit) -> Iterator[Diagnostic]:
    """Yield a finding for a status of a job that is surely over and cleaned up."""
    for one in asked(visit):
        if one.polled and mode(visit) == "status" and not one.may_fail:
            yield _finding(one, one.polled)


def _finding(one: Asked, task: Visit) -> Diagnostic:
    name = one.read.chain.name
    default = "" if task.task.poll_s is not None else " (the default)"
    poll = f"`poll: {shown(task.poll_s or 0)}`{default}"
    return RULE.finding(
        one.written.span,
        f"the job of `{name}` is over: {poll} has waited for it and removed its file",
        label="could not find job",
        others=(poll_label(task, "waits until the job ends"),),
        help=f"write `poll: 0` there, or leave this task out: `{name}` is the job's result",
        fix=fix_writing(task.task, "poll", "0"),
    )
