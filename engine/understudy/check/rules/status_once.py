"""A status task that asks once and does nothing with the answer.

What: `async_status` without `until` whose result nothing reads; or with `retries` but no `until`.

Why: `async_status` looks at the job and returns. That the job still runs is no failure, so that
nothing is waited for, and `retries` alone repeats nothing.

Fix: unsafe; it adds what makes the task wait, where it is known whose job it is.

Example:
    - command: /opt/backup
      async: 3600
      poll: 0
      register: backup
    - async_status:
        jid: "{{ backup.ansible_job_id }}"

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

from collections.abc import Iterator, Mapping

from understudy.check.flow.visits import Flow, Visit
from understudy.check.meaning.conditions import is_run
from understudy.check.meaning.jobs import is_status, launch_of, shown
from understudy.check.meaning.places import written
from understudy.check.meaning.waits import enough_retries, free_name
from understudy.check.mending.fixes import fix_with
from understudy.check.mending.rewrite import set_keyword
from understudy.check.rule import Rule
from understudy.text.diagnostic import Diagnostic, Fix, Severity

RULE = Rule(
    "status-once",
    Severity.WARNING,
    proof=("status_once", "retries_without_until"),
)
_DELAY_S = 10


def check_flow(flow: Flow) -> Iterator[Diagnostic]:
    """Yield a finding for each status task that waits for nothing and tells nobody."""
    for visit in flow.visits:
        task = visit.task
        # an `until` that cannot be understood is told as such
        is_judged = visit.key("until") or task.failed_when or task.changed_when
        if not is_status(task) or is_judged or not is_run(visit):
            continue
        if task.retries is not None:
            if visit.retries != 0:
                yield _repeated(visit, _missing(visit, flow))
        elif not (task.loop or task.notify or visit.is_rescued or _is_read(visit)):
            yield _once(visit, _missing(visit, flow))


def _is_read(visit: Visit) -> bool:
    return bool(visit.given.reads) or visit.given.may_be_read


def _once(visit: Visit, missing: Mapping[str, str]) -> Diagnostic:
    return RULE.finding(
        visit.task.action.span,
        "this asks once how the job stands, and goes on",
        label="a job that still runs is no failure" if not visit.task.register else "",
        notes=(f"nothing reads `{visit.task.register}`",) if visit.task.register else (),
        help=_help(missing),
        fix=_fix(visit, missing),
    )


def _repeated(visit: Visit, missing: Mapping[str, str]) -> Diagnostic:
    return RULE.finding(
        written(visit, "retries"),
        "`retries` without `until` does not wait for the job",
        label="only a failure is tried again, and a job that still runs is none",
        help=_help(missing),
        fix=_fix(visit, missing),
    )


def _help(missing: Mapping[str, str]) -> str:
    words = [f"`{name}: {text}`" for name, text in missing.items()]
    return f"add {', '.join(words[:-1])} and {words[-1]}" if words[1:] else f"add {words[0]}"


def _fix(visit: Visit, missing: Mapping[str, str]) -> Fix | None:
    node = visit.task.node
    if node is None or launch_of(visit) is None:
        return None
    edits = (set_keyword(node, name, text) for name, text in missing.items())
    return fix_with("wait for the job", *edits)


def _missing(visit: Visit, flow: Flow) -> dict[str, str]:
    """Return the keywords that make the task wait, as far as it has them not."""
    task = visit.task
    register = task.register or free_name("job_status", flow.given)
    launch = launch_of(visit)
    limit_s = launch.visit.async_s if launch else None
    delay_s = visit.delay_s if task.delay_s is not None else _DELAY_S
    retries = enough_retries(limit_s, delay_s) if limit_s and delay_s else 360
    added = {
        "register": register,
        "until": f"{register} is finished",
        "retries": str(retries),
        "delay": shown(delay_s or _DELAY_S),
    }
    return {name: text for name, text in added.items() if visit.key(name) is None}
