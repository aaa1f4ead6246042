"""A `jid` that no task gives.

What: an `async_status` whose `jid` names a variable that neither the text nor a task before it
gives. A name alone, without `.ansible_job_id`, may still come from an inventory or from `-e`: it is
a warning.

Why: the variable is undefined, and the task fails on every host. Nothing has a job id by itself: it
is in what the task registers that launches the job.

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

from understudy.check.flow import Flow, Unclear, Visit
from understudy.check.job_ids import Asked, asked, name_span, place
from understudy.check.rule import Rule
from understudy.text.diagnostic import Diagnostic, Edit, Fix, Label, Severity, did_you_mean

RULE = Rule("jid-undefined", Severity.ERROR, proof=("undefined_messages",))
_OF_ANSIBLE = frozenset({"groups", "hostvars", "omit", "vars"})


def check_flow(flow: Flow) -> Iterator[Diagnostic]:
    """Yield a finding for each job id whose name is not known at its task."""
    outside = flow.surroundings.names | flow.settings.variables | _OF_ANSIBLE
    for visit in flow.visits:
        for one in asked(visit):
            name = one.read.chain.name
            is_elsewhere = name in outside or name.startswith("ansible_")
            if _is_nowhere(one) and not is_elsewhere:
                yield _finding(one, flow)


def _is_nowhere(one: Asked) -> bool:
    """Tell whether nothing gives the id; a list of jobs may be a variable of any name."""
    is_list = one.read is not one.written and not one.read.chain.path
    return one.read.sources == {Unclear.NOWHERE} and not one.is_guarded and not is_list


def _finding(one: Asked, flow: Flow) -> Diagnostic:
    name = one.read.chain.name
    before = flow.visits[: one.visit.number]
    nearest = (visit for visit in reversed(before) if visit.play is one.visit.play)
    after = flow.visits[one.visit.number :]
    meant = _meant(name, before)
    later = next((visit for visit in after if visit.given.name == name), None)
    launch = next(filter(_is_unregistered, nearest), None)
    others: tuple[Label, ...] = ()
    if meant:
        others = (Label(place(meant), "registered here"),)
    elif later:
        others = (Label(place(later), "registered only here"),)
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


def _meant(name: str, before: list[Visit]) -> Visit | None:
    """Return the task whose result was meant: of a launch, if there is one of such a name."""
    launches = {visit.given.name: visit for visit in before if visit.given.name and _is_job(visit)}
    results = {visit.given.name: visit for visit in before if visit.given.name}
    for known in (launches, results):
        near = did_you_mean(name, [one for one in known if one])
        if near:
            return known[near]
    return None


def _is_job(visit: Visit) -> bool:
    return bool(visit.async_s)


def _is_unregistered(visit: Visit) -> bool:
    return _is_job(visit) and visit.given.name is None


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
    span = name_span(one.read)
    if meant is None or span is None or meant.task.loop:
        return None
    name = str(meant.given.name)
    return Fix(message=f"write `{name}`", edits=(Edit(span, name),))
