"""A key of a job's result, read from its launch.

What: `rc`, `stdout` or another key of a module's result, read from what a task with `poll: 0`
registers, also in its own `changed_when` and `failed_when`.

Why: such a task is over before its job is. It registers `ansible_job_id`, `results_file`,
`started`, `finished`, `changed` and `failed`, and that never changes; what the job gives is
registered by the `async_status` that finds it finished. A task that reads it from the launch fails.

Example:
    - command: /opt/backup
      async: 3600
      poll: 0
      register: backup
    - debug:
        msg: it is done
      when: backup.rc == 0

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
    - debug:
        msg: it is done
      when: status.rc == 0
"""

from __future__ import annotations

from collections.abc import Iterator

from understudy.check.flow.visits import Read, Registered, Visit
from understudy.check.meaning.conditions import is_guarded, is_run
from understudy.check.meaning.job_ids import JOB_ID, key_of_job
from understudy.check.meaning.jobs import is_async_status, launch_label
from understudy.check.meaning.places import result_place, written
from understudy.check.rule import Rule
from understudy.text.diagnostic import Diagnostic, Label, Severity, did_you_mean

RULE = Rule("launch-has-no-result", Severity.ERROR, proof=("job_launch", "jid_of_no_job"))
_JUDGED = frozenset("failed failure finished skip skipped succeeded success successful".split())
"""What a text may ask first, so that it does not come to read the rest."""


def check_task(visit: Visit) -> Iterator[Diagnostic]:
    """Yield a finding for each read of what only the job itself gives."""
    launches = {one for read in visit.reads for one in read.may_be if one.visit.is_launch}
    if not launches or not is_run(visit):
        return
    for read in visit.reads:
        origin, chain = visit.meaning(read)
        launch = origin.registered
        if launch is None or launch not in launches or read.keyword == "until":
            continue
        key = key_of_job(chain, launch)
        if key is not None and not _is_asked_first(visit, read, origin):
            yield _finding(read, launch, key)


def _is_asked_first(visit: Visit, *reads: Read) -> bool:
    """Tell whether a text may stop before it reads something that is not there."""
    names = {read.chain.name for read in reads}
    texts = {id(read.text) for read in reads}
    return any(is_guarded(visit, read) for read in reads) or any(
        one.chain.name in names and (one.chain.test in _JUDGED or _JUDGED & {*one.chain.path})
        for one in visit.reads
        if id(one.text) in texts or one.keyword == "when"
    )


def _finding(read: Read, launch: Registered, key: str) -> Diagnostic:
    name, near = read.chain.name, did_you_mean(key, (JOB_ID, "finished"))
    if near is not None:
        return RULE.finding(
            read.span,
            f"`{name}` has no `{key}`",
            label="undefined",
            others=(Label(result_place(launch.visit), "registers what the launch gives"),),
            help=f"did you mean `{near}`?",
        )
    others = [launch_label(launch.visit)]
    status = next((one.visit for one in launch.reads if _collects(one)), None)
    if status is not None:
        others.append(Label(written(status, "register") or status.task.span, "has what it gives"))
    return RULE.finding(
        read.span,
        f"`{name}` has no `{key}`: it is what the launch gave, not the job",
        label="undefined",
        others=tuple(others),
        help=_help(read, status, key, is_own=launch.visit is read.visit),
    )


def _collects(read: Read) -> bool:
    return is_async_status(read.visit.task) and read.visit.task.register is not None


def _help(read: Read, status: Visit | None, key: str, *, is_own: bool) -> str:
    if is_own:
        return f"write `{read.keyword}` at the `async_status` that waits for the job"
    if status is None:
        return f"wait for the job with `async_status`, and read `{key}` of what that registers"
    name = (
        f"`{status.task.register}`" if not status.task.loop else f"`{status.task.register}.results`"
    )
    is_before = status.number < read.visit.number
    return f"read `{key}` from {name}" + (
        "" if is_before else ", behind the task that registers it"
    )
