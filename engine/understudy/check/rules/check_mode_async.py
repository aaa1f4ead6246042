"""A wait for a job that cannot succeed in check mode.

What: a wait whose `until` asks for what no module gives in check mode: the output of a command, or
any key of a module that knows no check mode. Or a wait for a job that is launched only without
check mode, while the wait is run with it, too.

Why: with `--check` a job is launched all the same, and gives what its module gives then. A wait
for more fails after all its retries; one for a job that was never launched fails at once.

Fix: unsafe; it has the wait left out in check mode, where the task has no `when` yet.

Example:
    - command: /opt/backup
      async: 3600
      poll: 0
      register: backup
      when: not ansible_check_mode
    - async_status:
        jid: "{{ backup.ansible_job_id }}"
      register: status
      until: status is finished
      retries: 360
      delay: 10

Instead:

    - command: /opt/backup
      async: 3600
      poll: 0
      register: backup
      when: not ansible_check_mode
    - async_status:
        jid: "{{ backup.ansible_job_id }}"
      register: status
      until: status is finished
      retries: 360
      delay: 10
      when: not ansible_check_mode
"""

from __future__ import annotations

from collections.abc import Iterator

from understudy.check.flow.known import Names, known
from understudy.check.flow.visits import Registered, Visit
from understudy.check.meaning.conditions import is_run
from understudy.check.meaning.jobs import is_status, jid_of, launch_of
from understudy.check.meaning.places import written
from understudy.check.meaning.waits import RUNNING, ends_at_once, until_of
from understudy.check.mending.fixes import fix_writing
from understudy.check.rule import Rule
from understudy.check.targets import SINCE_2_17
from understudy.playbook.model import Task
from understudy.playbook.module_schema import load_schema
from understudy.text.diagnostic import Diagnostic, Fix, Label, Severity
from understudy.text.source import Span

RULE = Rule(
    "check-mode-async",
    Severity.INFO,
    targets=SINCE_2_17,
    proof=("check_mode_status", "check_mode_async", "check_mode_until"),
)
_SWITCH = "ansible_check_mode"
_COMMANDS = frozenset({"command", "shell"})
_ENDED = {**RUNNING, "finished": True, "skipped": True}
_OF_COMMANDS = {**_ENDED, "cmd": [], "delta": None, "end": None, "rc": 0, "start": None}
"""What the status of a job says in check mode, but for `msg`."""
_OVER = {"ansible_job_id": "j1.1", "finished": True, "started": True}
"""What is known of a job that is over, out of check mode."""


def check_task(visit: Visit) -> Iterator[Diagnostic]:
    """Yield a finding for a wait that the same playbook fails at with `--check`."""
    if not is_status(visit.task) or not is_run(visit) or _is_provided_for(visit):
        return
    launch = launch_of(visit)
    if launch is None or launch.task.inherited.check_mode is not None:
        return
    jid = jid_of(visit)
    if any(_is_off(one) for one in launch.task.inherited.when):
        if jid and not jid[0].chain.guarded and not visit.task.loop:
            yield _never_launched(visit, launch, jid[0].span)
    elif visit.task.until and visit.retries != 0 and not ends_at_once(visit):
        missing = _missing(visit, launch)
        if missing is not None:
            yield _never_holds(visit, launch, missing)


def _is_provided_for(visit: Visit) -> bool:
    """Tell whether the author has thought of check mode, or of the failure."""
    inherited = visit.task.inherited
    asks = any(read.chain.name == _SWITCH for read in visit.reads)
    is_caught = inherited.ignore_errors is not None or visit.is_rescued
    return (
        asks
        or is_caught
        or bool(visit.task.failed_when)
        or inherited.check_mode is not None
        or bool(inherited.when)
    )


def _is_off(condition: object) -> bool:
    """Tell whether a condition is false in check mode, whatever else holds."""
    names = Names(({_SWITCH: True},), lambda name: name == _SWITCH)
    return known(condition, names) is False


def _missing(visit: Visit, launch: Registered) -> str | None:
    """Return what `until` asks for in vain, in words; None if it may hold."""
    if launch.task.action.name in _COMMANDS:
        never = until_of(visit, _OF_COMMANDS) is False and until_of(visit, _OVER) is not False
        return "a command gives no output and no times" if never else None
    own = [read for read in visit.reads_in("until") if not read.via]
    asked = {read.chain.path[0] for read in own if read.chain.path and not read.chain.guarded}
    is_sure = all(read.registered is visit.given for read in own)
    absent = sorted(str(key) for key in asked - _ENDED.keys() - {"msg"})
    if is_sure and absent and _has_no_check_mode(launch.task) and until_of(visit, _ENDED) is None:
        return f"`{launch.task.action.written}` knows no check mode, and gives no `{absent[0]}`"
    return None


def _has_no_check_mode(task: Task) -> bool:
    schema = None if task.action.own else load_schema(task.action.name)
    return schema is not None and schema.supports.check_mode == "none"


def _never_holds(visit: Visit, launch: Registered, missing: str) -> Diagnostic:
    return RULE.finding(
        written(visit, "until"),
        "in check mode this wait always fails",
        label="never holds in check mode",
        others=(Label(launch.task.action.span, "launched in check mode, too"),),
        notes=(missing,),
        help=_HELP,
        fix=_fix(visit),
    )


def _never_launched(visit: Visit, launch: Registered, span: Span | None) -> Diagnostic:
    when = written(launch.visit, "when")
    return RULE.finding(
        span,
        "in check mode there is no such job, and this task fails",
        label="undefined in check mode",
        others=(Label(when, "not launched in check mode"),) if when else (),
        help=_HELP,
        fix=_fix(visit),
    )


_HELP = f"add `when: not {_SWITCH}`"


def _fix(visit: Visit) -> Fix | None:
    node = visit.task.node
    has_when = node is not None and node.get("when") is not None
    return None if has_when else fix_writing(visit.task, "when", f"not {_SWITCH}")
