"""`until` or `retries` on a task that only launches a job.

What: `until` or `retries` together with `async` and `poll: 0`.

Why: they are about the result of the launch, which is there at once, and knows nothing of how the
job ends. A failing job is not tried again, and each further try launches one more job beside it.

Example:
    - command: /opt/backup
      async: 3600
      poll: 0
      register: backup
      until: backup is finished
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
from dataclasses import replace

from understudy.check.flow.visits import Visit
from understudy.check.meaning.conditions import is_run
from understudy.check.meaning.jobs import launch_label, refuses_async
from understudy.check.meaning.places import written
from understudy.check.meaning.waits import LAUNCHED, until_of
from understudy.check.rule import Rule
from understudy.check.targets import Target
from understudy.text.diagnostic import Diagnostic, Severity

RULE = Rule("until-on-launch", Severity.WARNING, proof=("job_retries", "until_on_launch"))


def check_task(visit: Visit) -> Iterator[Diagnostic]:
    """Yield a finding for a launch that is to be tried again."""
    is_job = visit.is_launch and not refuses_async(visit.task, Target.UNDERSTUDY)
    if not is_job or not is_run(visit):
        return
    if visit.task.until:
        if any(read.registered is visit.given for read in visit.reads_in("until")):
            yield _judging(visit)
    elif visit.retries:
        message = "`retries` never repeats a job that is only launched"
        yield _finding(visit, "retries", message, "a launch does not fail when its job does")


def _judging(visit: Visit) -> Diagnostic:
    missing = _missing(visit)
    note = f"a launch has no `{missing}`: the task fails" if missing else _outcome(visit)
    found = _finding(visit, "until", "`until` judges the launch, not the job", note)
    return replace(found, severity=Severity.ERROR) if missing else found


def _missing(visit: Visit) -> str | None:
    """Return a key that `until` surely reads, and that no launch gives."""
    if until_of(visit, LAUNCHED) is not None:
        return None
    first = next(visit.reads_in("until"), None)
    if first is None or first.registered is not visit.given or first.chain.guarded:
        return None
    key = next(iter(first.chain.path), None)
    return key if isinstance(key, str) and key not in LAUNCHED else None


def _outcome(visit: Visit) -> str:
    holds = until_of(visit, LAUNCHED)
    if holds is None:
        return "each further try launches one more job"
    if holds:
        return "it holds at once, while the job has only begun"
    return "it never holds, and each further try launches one more job"


def _finding(visit: Visit, keyword: str, message: str, note: str) -> Diagnostic:
    return RULE.finding(
        written(visit, keyword),
        message,
        others=(launch_label(visit),),
        notes=(note,),
        help=f"write `{keyword}` at the `async_status` that waits for the job,"
        " or wait for it here with a `poll` above 0",
    )
