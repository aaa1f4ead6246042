"""A wait for a job whose condition holds while the job still runs.

What: an `async_status` task whose `until` is true of what every check says of a running job.
`is success` is: a job that runs has not failed.

Why: the first answer ends the wait, and what comes next begins before the job is done.

Fix: unsafe; it writes `until: … is finished`.

Example:
    - command: /opt/backup
      async: 3600
      poll: 0
      register: backup
    - async_status:
        jid: "{{ backup.ansible_job_id }}"
      register: status
      until: status is success
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
from understudy.check.meaning.conditions import is_run
from understudy.check.meaning.jobs import is_status
from understudy.check.meaning.places import written
from understudy.check.meaning.waits import ends_at_once
from understudy.check.mending.fixes import fix_writing
from understudy.check.rule import Rule
from understudy.text.diagnostic import Diagnostic, Severity

RULE = Rule(
    "status-not-finished",
    Severity.WARNING,
    proof=("status_until_finished", "status_until_success"),
)


def check_task(visit: Visit) -> Iterator[Diagnostic]:
    """Yield a finding for an `until` that the first answer fulfils."""
    if not is_status(visit.task) or not is_run(visit) or not ends_at_once(visit):
        return
    own = (read for read in visit.reads_in("until") if read.registered is visit.given)
    if any(own) and visit.retries != 0:
        yield _finding(visit, str(visit.task.register))


def _finding(visit: Visit, register: str) -> Diagnostic:
    return RULE.finding(
        written(visit, "until"),
        "this wait ends on the first answer, while the job may still run",
        label="holds of a running job, too: it has not failed, and has not finished",
        notes=("a job that fails makes its status task fail, whatever `until` says",),
        help=f"write `until: {register} is finished`",
        fix=fix_writing(visit.task, "until", f"{register} is finished"),
    )
