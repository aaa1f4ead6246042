"""A status task run as another user than the one who launched its job.

What: the launch and its `async_status` differ in `become`, `become_user` or `remote_user`, as far
as both are written. Where only one of them becomes another user it is a warning: who logs in may be
the same.

Why: a job's file lies in the home of the user who launched it. A status task run as another user
looks in that one's home and fails with `could not find job`.

Fix: unsafe; it runs the status task as the user of the launch.

Example:
    - command: /opt/backup
      become: true
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
      become: true
      async: 3600
      poll: 0
      register: backup
    - async_status:
        jid: "{{ backup.ansible_job_id }}"
      become: true
      register: status
      until: status is finished
      retries: 360
      delay: 10
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from understudy.check.flow.known import UNKNOWN
from understudy.check.flow.visits import Flow, Visit
from understudy.check.meaning.job_ids import Asked, asked
from understudy.check.meaning.places import written
from understudy.check.mending.fixes import fix_with
from understudy.check.mending.rewrite import set_keyword
from understudy.check.rule import Rule
from understudy.config import Config
from understudy.playbook.model import Inherited
from understudy.text.diagnostic import Diagnostic, Fix, Label, Severity
from understudy.text.source import Span
from understudy.values.texts import Value

RULE = Rule(
    "jid-other-user",
    Severity.ERROR,
    proof=("job_of_another_user", "status_unknown_job", "async_dir_absolute"),
)
_OUTSIDE = frozenset({"ansible_async_dir", "ansible_become", "ansible_become_user", "ansible_user"})
"""Variables that win over the keywords, or give a directory that is not in a home."""
_HOMES = ("~/", "$HOME/", "${HOME}/")
_KEYWORDS = ("become_user", "become", "remote_user")
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
LOGIN = "the user who logs in"


def check_flow(flow: Flow) -> Iterator[Diagnostic]:
    """Yield a finding for each status of a job that another user has launched."""
    if _OUTSIDE & (flow.surroundings.names | flow.settings.variables | flow.given):
        return
    if _decides(flow.surroundings.config):
        return
    for visit in flow.visits:
        for one in asked(visit):
            if one.launch and not one.may_fail:
                yield from _compared(one, one.launch)


def _decides(config: Config) -> bool:
    """Tell whether a configuration says who asks, or where jobs lie for every user."""
    is_in_a_home = config.async_dir.startswith(_HOMES)
    names_users = config.become or config.become_user != "root" or config.remote_user is not None
    return names_users or not is_in_a_home


def _compared(one: Asked, launch: Visit) -> Iterator[Diagnostic]:
    if _has_own_folder(launch) or _has_own_folder(one.visit):
        return
    users = _user(launch), _user(one.visit)
    differ = None not in users and users[0] != users[1]
    is_of_become = LOGIN not in users or any(_becomes(visit) for visit in (launch, one.visit))
    if differ and is_of_become:
        yield _finding(one, launch)


def _becomes(visit: Visit) -> bool:
    return visit.known(visit.task.inherited.become.become) is True


def _user(visit: Visit) -> str | None:
    """Return who a task runs as, or None if only a run can tell."""
    inherited: Inherited = visit.task.inherited
    becomes = visit.known(inherited.become.become)
    if becomes not in (None, True, False):
        return None
    user: Value = visit.known(inherited.become.user if becomes else inherited.remote_user)
    if user is None:
        return "root" if becomes else LOGIN
    return None if user is UNKNOWN else str(user)


def _has_own_folder(visit: Visit) -> bool:
    """Tell whether a task may look for jobs elsewhere than in a home, or connect as it is told."""
    if any(_OUTSIDE & layer.keys() for layer in visit.names.layers):
        return True
    return any(
        not isinstance(one, dict) or "ANSIBLE_ASYNC_DIR" in one
        for one in visit.task.inherited.environment
    )


def _finding(one: Asked, launch: Visit) -> Diagnostic:
    before, now = _user(launch) or "", _user(one.visit) or ""
    return RULE.finding(
        _place(one.visit) or one.written.span,
        f"{_shown(before)} launched this job, but {_shown(now)} asks for it",
        label="could not find job",
        others=(Label(_place(launch) or launch.task.span, f"launched by {_shown(before)}"),),
        notes=("a job's file lies in the home of the user who launched it",),
        help=_help(launch, before),
        fix=_fix(one.visit, launch, before),
        severity=Severity.WARNING if LOGIN in (before, now) else Severity.ERROR,
    )


def _shown(user: str) -> str:
    return user if user == LOGIN else f"`{user}`"


def _place(visit: Visit) -> Span | None:
    spans = (written(visit, keyword) for keyword in _KEYWORDS)
    return next((span for span in spans if span), None)


def _help(launch: Visit, user: str) -> str:
    if user == LOGIN:
        return "ask without `become`"
    if not _becomes(launch):
        return f"write `remote_user: {user}` here, too"
    return (
        f"write `become: true`{'' if user == 'root' else f' and `become_user: {user}`'} here, too"
    )


def _fix(status: Visit, launch: Visit, user: str) -> Fix | None:
    """Return the fix that lets a status task run as the user who launched its job."""
    node, own = status.task.node, status.task.inherited.become
    if node is None or user == LOGIN or not _PLAIN.fullmatch(user):
        return None
    if not _becomes(launch):
        edits = [] if _becomes(status) else [set_keyword(node, "remote_user", user)]
    else:
        edits = [] if own.become is True else [set_keyword(node, "become", "true")]
        if user != "root" or own.user is not None:
            edits.append(set_keyword(node, "become_user", user))
    return fix_with(f"ask as `{user}`", *edits)
