"""A `jid` whose name no task before it registers.

What: an `async_status` whose `jid` names a variable that neither the text nor a task before it
gives. A name alone, without `.ansible_job_id`, may still come from an inventory or from `-e`: it is
a warning.

Why: the variable is undefined, and the task fails on every host. Nothing has a job id by itself: it
is in what the task registers that launches the job.

Fix: unsafe; it writes a name of much the same letters that a task before registers.

Example:
    - command: /opt/backup
      async: 3600
      poll: 0
      register: backup_job
    - async_status:
        jid: "{{ backup_jobs.ansible_job_id }}"

Instead:

    - command: /opt/backup
      async: 3600
      poll: 0
      register: backup_job
    - async_status:
        jid: "{{ backup_job.ansible_job_id }}"
"""

from __future__ import annotations

from collections.abc import Iterator

from understudy.check.flow.visits import Flow, Visit
from understudy.check.meaning.job_ids import Asked, asked, meant_by, not_registered_before
from understudy.check.meaning.places import name_span, result_place
from understudy.check.mending.fixes import fix_replacing
from understudy.check.rule import Rule
from understudy.text.diagnostic import Diagnostic, Fix, Label, Severity

RULE = Rule("jid-undefined", Severity.ERROR, proof=("jid_undefined", "undefined_messages"))
_OF_ANSIBLE = frozenset({"groups", "hostvars", "omit", "vars"})


def check_flow(flow: Flow) -> Iterator[Diagnostic]:
    """Yield a finding for each job id whose name is not known at its task."""
    outside = flow.surroundings.names | flow.settings.variables | _OF_ANSIBLE
    for visit in flow.visits:
        for one in asked(visit):
            name = one.read.chain.name
            is_elsewhere = name in outside or name.startswith("ansible_")
            if one.is_nowhere and not is_elsewhere:
                yield _finding(one, flow)


def _finding(one: Asked, flow: Flow) -> Diagnostic:
    name = one.read.chain.name
    after = flow.visits[one.visit.number :]
    meant, launch = meant_by(one, flow), not_registered_before(one, flow)
    later = next((visit for visit in after if visit.given.name == name), None)
    others: tuple[Label, ...] = ()
    if meant:
        others = (Label(result_place(meant), "registered here"),)
    elif later:
        others = (Label(result_place(later), "registered only here"),)
    elif launch:
        others = (Label(launch.task.span, "this job is not registered"),)
    return RULE.finding(
        one.read.span,
        f"no task before this one registers `{name}`",
        label="undefined" if one.chain.path else "undefined, unless `-e` or an inventory gives it",
        others=others,
        help=_help(meant, later, launch),
        fix=_fix(one, meant),
        severity=Severity.ERROR if one.chain.path else Severity.WARNING,
    )


def _help(meant: Visit | None, later: Visit | None, launch: Visit | None) -> str:
    if meant and meant.task.loop:
        results = f'loop: "{{{{ {meant.given.name}.results }}}}"'
        return (
            f"did you mean `{meant.given.name}`? its task has a loop: "
            f'write `{results}` and `jid: "{{{{ item.ansible_job_id }}}}"`'
        )
    if meant:
        return f"did you mean `{meant.given.name}`?"
    if later:
        return "put this task behind the one that registers it"
    if launch and launch.is_polled:
        return "leave this task out: the task above waits for its job until it ends"
    if launch:
        return 'write `register: job` there, and here `jid: "{{ job.ansible_job_id }}"`'
    return (
        "write `register: job` at the task that launches the job, "
        'and here `jid: "{{ job.ansible_job_id }}"`'
    )


def _fix(one: Asked, meant: Visit | None) -> Fix | None:
    if meant is None or meant.task.loop:
        return None
    return fix_replacing(name_span(one.read), str(meant.given.name))
