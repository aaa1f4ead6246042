"""A `poll` that looks for the end of a job only when its time is over.

What: a job whose `poll`, 15 s if it is not written, is not shorter than its `async`.

Why: the first check comes after the first `poll` seconds, however short the job is. A job of one
second keeps its host waiting for all of them, and one that takes too long is given up unseen.

Fix: unsafe; it makes `poll` a tenth of `async`.

Example:
    - command: /opt/migrate
      async: 10

Instead:

    - command: /opt/migrate
      async: 10
      poll: 1
"""

from __future__ import annotations

from collections.abc import Iterator

from understudy.check.flow.visits import Visit
from understudy.check.meaning.conditions import is_run
from understudy.check.meaning.jobs import limit_label, refuses_async, shown
from understudy.check.meaning.places import written
from understudy.check.mending.fixes import fix_writing
from understudy.check.rule import Rule
from understudy.check.targets import ANSIBLE, Target
from understudy.text.diagnostic import Diagnostic, Fix, Severity
from understudy.values.texts import Template

RULE = Rule(
    "poll-coarser-than-job",
    Severity.INFO,
    targets=ANSIBLE,
    proof=("poll_default_is_fifteen", "poll_default", "job_timeout_controller"),
)
_CHECKS = 10


def check_task(visit: Visit) -> Iterator[Diagnostic]:
    """Yield a finding for a job that is looked at once."""
    limit_s, poll_s = visit.async_s, visit.poll_s
    if not (visit.is_polled and is_run(visit)) or not limit_s or not poll_s or limit_s <= 1:
        return
    if poll_s >= limit_s and not refuses_async(visit.task, Target.ANSIBLE_2_19):
        yield _finding(visit, limit_s, poll_s)


def _finding(visit: Visit, limit_s: float, poll_s: float) -> Diagnostic:
    limit, poll = written(visit, "async"), written(visit, "poll")
    default = "" if poll else " (the default)"
    what = "each item" if visit.task.loop else "the task"
    finer = max(1, int(limit_s / _CHECKS))
    return RULE.finding(
        poll or limit,
        f"the first check of this job comes after {shown(poll_s)} s{default},"
        f" but the job may run only {shown(limit_s)} s",
        others=(limit_label(visit),) if limit and poll else (),
        notes=(f"{what} takes {shown(poll_s)} s, however short the job is",),
        help=f"write `poll: {finer}`",
        fix=_fix(visit, finer),
    )


def _fix(visit: Visit, poll_s: int) -> Fix | None:
    is_template = isinstance(visit.task.poll_s, Template)
    return None if is_template else fix_writing(visit.task, "poll", str(poll_s))
