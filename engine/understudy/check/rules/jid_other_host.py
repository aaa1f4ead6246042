"""A status task on another host than the one on which its job was launched.

What: the launch and its `async_status` differ in `delegate_to` or in `run_once`.

Why: a job's file lies on the host on which it was launched. Elsewhere the status task fails with
`could not find job`. If only the launch has `run_once`, there is one job, but every host has its
id; if only the status task has it, one host's job is waited for and those of the others are not.

Fix: unsafe; it runs the status task where the job was launched.

Example:
    - command: /opt/backup
      delegate_to: storage
      async: 3600
      poll: 0
      register: backup
    - async_status:
        jid: "{{ backup.ansible_job_id }}"
      register: status
      until: status is finished
      retries: 360
      delay: 10

Instead:

    - command: /opt/backup
      delegate_to: storage
      async: 3600
      poll: 0
      register: backup
    - async_status:
        jid: "{{ backup.ansible_job_id }}"
      delegate_to: storage
      register: status
      until: status is finished
      retries: 360
      delay: 10
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from understudy.check.flow.known import UNKNOWN
from understudy.check.flow.reads import Chain, sole_chain
from understudy.check.flow.visits import Visit
from understudy.check.flow.walk import LOCAL
from understudy.check.meaning.conditions import further
from understudy.check.meaning.job_ids import Asked, asked
from understudy.check.meaning.places import written
from understudy.check.mending.fixes import fix_removing, fix_writing
from understudy.check.rule import Rule
from understudy.text.diagnostic import Diagnostic, Fix, Label, Severity
from understudy.text.source import Span
from understudy.values.texts import Template

RULE = Rule(
    "jid-other-host",
    Severity.ERROR,
    proof=("job_of_another_host", "status_of_one_host", "delegation"),
)
_ITSELF = "the host itself"
_LOCAL = "localhost"
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


def check_task(visit: Visit) -> Iterator[Diagnostic]:
    """Yield a finding for a status that is asked elsewhere than its job was launched."""
    for one in asked(visit):
        launch = one.launch
        if launch is None or one.may_fail:
            continue
        hosts = _host(launch), _host(visit)
        if None in hosts:
            yield from _of_items(one, launch)
        elif hosts[0] != hosts[1]:
            yield _of_delegation(one, launch)
        elif _is_of_several_hosts(visit):
            yield from _of_run_once(one, launch)


def _of_items(one: Asked, launch: Visit) -> Iterator[Diagnostic]:
    """Yield a finding if each item was launched on a host of its own, and none is asked there."""
    loop, there = launch.task.loop, launch.task.inherited.delegate_to
    here = one.visit.task.inherited
    if loop is None or here.delegate_to is not None or here.connection is not None:
        return
    if isinstance(there, Template) and sole_chain(there) == Chain(loop.loop_var):
        host = f'"{{{{ {one.written.chain.name}.{loop.loop_var} }}}}"'
        yield RULE.finding(
            one.written.span,
            "these jobs were launched on other hosts, but are asked for on the host itself",
            label="could not find job",
            others=(Label(_place(launch, "delegate_to"), "launched there"),),
            help=f"write `delegate_to: {host}`",
            fix=fix_writing(one.visit.task, "delegate_to", host) if one.is_by_item else None,
            severity=Severity.WARNING,
        )


def _host(visit: Visit) -> str | None:
    """Return where a task runs, or None if only a run can tell."""
    inherited = visit.task.inherited
    host, connection = visit.known(inherited.delegate_to), visit.known(inherited.connection)
    if host is UNKNOWN or connection is UNKNOWN:
        return None
    of_play = visit.play.hosts
    name = str(of_play if host is None else host)
    if connection == "local" or name in LOCAL:
        return _LOCAL
    return _ITSELF if host is None or name == of_play else name


def _of_delegation(one: Asked, launch: Visit) -> Diagnostic:
    there, here = _host(launch) or "", _host(one.visit) or ""
    return RULE.finding(
        written(one.visit, "delegate_to") or one.written.span,
        f"the job was launched on {_shown(there)}, but is asked for on {_shown(here)}",
        label="could not find job",
        others=(Label(_place(launch, "delegate_to"), f"launched on {_shown(there)}"),),
        help=_help(there),
        fix=_as_launched(one.visit, there),
        severity=Severity.WARNING if _ITSELF in (there, here) else Severity.ERROR,
    )


def _shown(host: str) -> str:
    return host if host == _ITSELF else f"`{host}`"


def _help(there: str) -> str:
    if there == _ITSELF:
        return "ask without `delegate_to`"
    return f"write `delegate_to: {there}` here, too"


def _place(visit: Visit, keyword: str) -> Span:
    return written(visit, keyword) or visit.task.span


def _as_launched(status: Visit, there: str) -> Fix | None:
    if there == _ITSELF:
        return fix_removing(status.task, "delegate_to")
    return fix_writing(status.task, "delegate_to", there) if _PLAIN.fullmatch(there) else None


def _is_of_several_hosts(visit: Visit) -> bool:
    """Tell whether `run_once` may make a difference, and means what it says."""
    play = visit.play
    is_one = isinstance(play.hosts, str) and play.hosts in LOCAL
    return not is_one and not play.serial and play.strategy is None


def _of_run_once(one: Asked, launch: Visit) -> Iterator[Diagnostic]:
    status = one.visit
    once, again = (_runs_once(visit) for visit in (launch, status))
    if None in (once, again) or once == again:
        return
    if once and _host(launch) == _ITSELF and not further(status, launch):
        yield RULE.finding(
            one.written.span,
            "one host has this job, but every host asks for it",
            label="could not find job, but on the first host",
            others=(Label(_place(launch, "run_once"), "launched on the first host"),),
            help="write `run_once: true` here, too",
            fix=fix_writing(status.task, "run_once", "true"),
            severity=Severity.WARNING,
        )
    elif again:
        yield RULE.finding(
            _place(status, "run_once"),
            "every host has a job of its own, but only that of the first host is asked for",
            others=(Label(_place(launch, "async"), "launched for every host"),),
            help="remove `run_once` here, or write it there, too",
            fix=fix_removing(status.task, "run_once"),
            severity=Severity.WARNING,
        )


def _runs_once(visit: Visit) -> bool | None:
    value = visit.known(visit.task.inherited.run_once)
    return bool(value) if value in (None, True, False) else None
