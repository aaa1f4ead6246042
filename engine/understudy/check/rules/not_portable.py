"""Something that runs here, and that Ansible refuses or gets wrong.

What: `async` on an action that begins on the controller and ends on the host, as `copy` and
`template`; a `chdir` of `script` with a space in it; a `hostname` of the kind `generic`.

Why: here it works. Whoever runs the same playbook with ansible-core 2.19 sees the task fail.

Example:
    - unarchive:
        src: application.tar.gz
        dest: /opt
      async: 600
      poll: 10

Instead:

    - unarchive:
        src: application.tar.gz
        dest: /opt
"""

from __future__ import annotations

from collections.abc import Iterator

from understudy.check.flow.visits import Visit, text_of
from understudy.check.meaning.conditions import is_run
from understudy.check.meaning.jobs import WITH_A_FIRST_HALF, refusal
from understudy.check.meaning.places import written
from understudy.check.rule import Rule
from understudy.check.targets import Target
from understudy.text.diagnostic import Diagnostic, Label, Severity

RULE = Rule(
    "not-portable",
    Severity.INFO,
    targets=frozenset({Target.UNDERSTUDY}),
    proof=("async_with_a_first_half", "hostname_generic", "script_in_a_folder_with_a_space"),
)


def check_task(visit: Visit) -> Iterator[Diagnostic]:
    """Yield a finding for each thing that a task does only here."""
    action = visit.task.action
    is_job = (visit.async_s or 0) > 0 and not action.own
    if not is_run(visit):
        return
    if is_job and action.name in WITH_A_FIRST_HALF:
        yield _refused(visit)
    elif action.name == "script" and " " in _argument(visit, "chdir").strip():
        yield _folder_with_a_space(visit)
    elif action.name == "hostname" and _argument(visit, "use") == "generic":
        yield _generic_name(visit)


def _argument(visit: Visit, name: str) -> str:
    return text_of(visit.known(visit.task.action.args.get(name))) or ""


def _refused(visit: Visit) -> Diagnostic:
    action = visit.task.action
    return RULE.finding(
        written(visit, "async"),
        f"Ansible refuses `async` on `{action.written}`",
        label="a job here, a failure there",
        others=(Label(action.span, "begins on the controller"),),
        notes=(refusal(visit.task),),
        help="remove `async` and `poll` if the playbook is to run with Ansible, too",
    )


def _folder_with_a_space(visit: Visit) -> Diagnostic:
    action = visit.task.action
    return RULE.finding(
        action.arg_spans.get("chdir", action.span),
        "Ansible takes a `chdir` of `script` with a space in it for two words",
        notes=("the task fails there",),
        help="copy the script with `copy`, then call it with `command` and `chdir`",
    )


def _generic_name(visit: Visit) -> Diagnostic:
    action = visit.task.action
    return RULE.finding(
        action.arg_spans.get("use", action.span),
        "Ansible cannot set a name with `use: generic`",
        notes=("here `/etc/hostname` is written; there the task fails",),
        help="remove `use`, or name what the hosts have: `systemd`, `debian`, `redhat`",
    )
