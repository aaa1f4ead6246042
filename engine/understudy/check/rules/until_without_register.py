"""An `until` of a task that registers nothing.

What: `until` reads a result by a name, and the task has no `register` that would give it that name.

Why: `until` sees the result of its task only by the name that is registered. A name that is not
defined fails the task at its first attempt; one that an earlier task has given never changes.

Example:
    - command: /opt/server/status
      until: result.rc == 0
      retries: 5

Instead:

    - command: /opt/server/status
      register: result
      until: result.rc == 0
      retries: 5
"""

from __future__ import annotations

from collections.abc import Iterator

from understudy.check.attempts import is_of_result, may_change, stays
from understudy.check.flow import Read, Unclear, Visit
from understudy.check.rewrite import set_keyword
from understudy.check.rule import Rule
from understudy.text.diagnostic import Diagnostic, Fix, Label, Severity

RULE = Rule(
    "until-without-register",
    Severity.ERROR,
    proof=("until_order_of_decisions", "until_reads_another_result"),
)
_NOWHERE = frozenset({Unclear.NOWHERE})


def check_task(visit: Visit) -> Iterator[Diagnostic]:
    """Yield a finding if a task has `until`, but no name for what it should look at."""
    reads = list(visit.reads_in("until"))
    if visit.task.register is not None or not reads or may_change(visit):
        return
    missing = next((r for r in reads if r.sources == _NOWHERE and is_of_result(r)), None)
    earlier = next((one for one in reads if visit.meaning(one)[0].may_be), None)
    if missing is not None:
        yield _undefined(visit, missing)
    elif earlier is not None and all(stays(visit, read) for read in reads):
        yield _unchanging(visit, earlier)


def _undefined(visit: Visit, read: Read) -> Diagnostic:
    name = read.chain.name
    return RULE.finding(
        read.span,
        f"this task registers no result that `until` could read as `{name}`",
        notes=(f"`{name}` is not defined: the first attempt fails the task, and is the only one",),
        help=f"add `register: {name}`",
        fix=_fix(visit, name),
    )


def _fix(visit: Visit, name: str) -> Fix | None:
    edit = set_keyword(visit.task.node, "register", name) if visit.task.node else None
    return Fix(message=f"add `register: {name}`", edits=(edit,)) if edit else None


def _unchanging(visit: Visit, read: Read) -> Diagnostic:
    name, earlier = read.chain.name, visit.meaning(read)[0].registered
    span = earlier and earlier.visit.span("register")
    others = (Label(span, f"`{name}` is given here"),) if span else ()
    return RULE.finding(
        read.span,
        f"`until` reads `{name}`, which this task does not change",
        others=others,
        notes=("the task is tried again and again with the same outcome",),
        help=f"add `register` and read that result, or move `until` to the task of `{name}`",
    )
