"""A clean-up of a job that its own task has cleaned up already.

What: an `async_status` with `mode: cleanup` whose `jid` comes from a task with `async` and a `poll`
above 0, or without `poll`, whose default is 15 s.

Why: such a task waits until its job ends, and then removes the job's file. Cleaning up again fails
with `could not find job`.

Example:
    - command: /opt/backup
      async: 3600
      poll: 10
      register: backup
    - async_status:
        jid: "{{ backup.ansible_job_id }}"
        mode: cleanup

Instead:

    - command: /opt/backup
      async: 3600
      poll: 10
      register: backup
"""

from __future__ import annotations

from collections.abc import Iterator

from understudy.check.flow.visits import Visit
from understudy.check.meaning.job_ids import Asked, asked, mode
from understudy.check.meaning.places import poll_label
from understudy.check.rule import Rule
from understudy.text.diagnostic import Diagnostic, Severity

RULE = Rule("cleanup-after-poll", Severity.WARNING, proof=("job_poll_ok", "cleanup_running_job"))


def check_task(visit: Visit) -> Iterator[Diagnostic]:
    """Yield a finding for the clean-up of a job that was surely polled."""
    for one in asked(visit):
        if one.polled and mode(visit) == "cleanup" and not one.may_fail:
            yield _finding(one, one.polled)


def _finding(one: Asked, task: Visit) -> Diagnostic:
    name = one.read.chain.name
    return RULE.finding(
        one.written.span,
        f"the job of `{name}` is already cleaned up",
        label="could not find job",
        others=(poll_label(task, "waits for the job and removes its file"),),
        help="leave this task out; only a job with `poll: 0` needs it",
    )
