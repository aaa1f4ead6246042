"""An `until` of a task that registers nothing.

What: `until` reads a result by a name, and the task has no `register` that would give it that name.

Why: `until` sees the result of its task only by the name that is registered. A name that is not
defined fails the task at its first attempt; one that an earlier task has given never changes.

Fix: unsafe; it adds `register`.

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

from understudy.check.flow.visits import Read, Visit
from understudy.check.meaning.attempts import (
    is_of_result,
    may_change,
    only_attempt,
    stays,
    unchanging,
)
from understudy.check.mending.fixes import fix_writing
from understudy.check.rule import Rule
from understudy.text.diagnostic import Diagnostic, Label, Severity

RULE = Rule(
    "until-without-register",
    Severity.ERROR,
    proof=("until_order_of_decisions", "until_reads_another_result"),
)


def check_task(visit: Visit) -> Iterator[Diagnostic]:
    """Yield a finding if a task has `until`, but no name for what it should look at."""
    reads = list(visit.reads_in("until"))
    if visit.task.register is not None or not reads or may_change(visit):
        return
    missing = next((r for r in reads if r.is_nowhere and is_of_result(r)), None)
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
        notes=(only_attempt(name),),
        help=f"add `register: {name}`",
        fix=fix_writing(visit.task, "register", name),
    )


def _unchanging(visit: Visit, read: Read) -> Diagnostic:
    name, earlier = read.chain.name, visit.meaning(read)[0].registered
    span = earlier and earlier.visit.span("register")
    others = (Label(span, f"`{name}` is registered here"),) if span else ()
    return RULE.finding(
        read.span,
        f"`until` reads `{name}`, which this task does not change",
        others=others,
        notes=(unchanging(name),),
        help=f"add `register` and read that result, or move `until` to the task of `{name}`",
    )
