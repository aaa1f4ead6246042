"""An `until` that does not read what its task registers.

What: `register` gives the result one name, and `until` reads only others: a misspelled one, or the
result of an earlier task.

Why: a name that is not defined fails the task at its first attempt. One that another task has given
stays as it is, so that the task is tried until its retries are used up.

Fix: safe or unsafe; it writes the registered name for one of much the same letters. It is safe
where no task gives the other.

Example:
    - command: /opt/server/status
      register: server_status
      until: server__status.rc == 0

Instead:

    - command: /opt/server/status
      register: server_status
      until: server_status.rc == 0
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from understudy.check.flow.visits import Read, Unclear, Visit
from understudy.check.meaning.attempts import (
    is_of_result,
    may_change,
    only_attempt,
    stays,
    unchanging,
)
from understudy.check.meaning.near import distance
from understudy.check.meaning.places import name_span
from understudy.check.rule import Rule
from understudy.text.diagnostic import Diagnostic, Edit, Fix, Label, Severity

RULE = Rule(
    "until-name-mismatch",
    Severity.ERROR,
    proof=("until_error_in_condition", "until_reads_another_result"),
)
_NEAR = 2
"""How many letters may differ."""


def check_task(visit: Visit) -> Iterator[Diagnostic]:
    """Yield a finding if `until` reads other names than the one that the task registers."""
    name, reads = visit.task.register, list(visit.reads_in("until"))
    if name is None or not reads or may_change(visit):
        return
    if any(read.chain.name == name for read in reads):
        return
    wrong = next((read for read in reads if not read.via and _is_wrong(read, name)), None)
    if wrong is not None:
        yield _finding(visit, wrong, name)
    elif all(stays(visit, read) for read in reads):
        of_result = (read for read in reads if visit.meaning(read)[0].may_be)
        yield from (_finding(visit, read, name) for read in islice(of_result, 1))


def _is_wrong(read: Read, name: str) -> bool:
    """Tell whether a name that no task has given is surely meant to be the registered one."""
    return read.is_nowhere and (is_near(read.chain.name, name) or is_of_result(read))


def _finding(visit: Visit, read: Read, name: str) -> Diagnostic:
    written, earlier = read.chain.name, visit.meaning(read)[0].registered
    others = [Label(visit.span("register"), "the result is registered by this name")]
    if earlier is not None:
        others.append(Label(earlier.visit.span("register"), f"`{earlier.name}` is registered here"))
    return RULE.finding(
        read.span,
        f"`until` reads `{written}`, but this task registers `{name}`",
        others=tuple(others),
        notes=(only_attempt(written) if Unclear.NOWHERE in read.sources else unchanging(written),),
        help=f"did you mean `{name}`?" if is_near(written, name) else f"read `{name}`",
        fix=_fix(visit, read, name),
    )


def _fix(visit: Visit, read: Read, name: str) -> Fix | None:
    """Return what puts the registered name in the place of the other; safe for a slip of the pen.

    A name that some task has given may be meant, so that it is not replaced unasked.
    """
    written = read.chain.name
    if not is_near(written, name):
        return None
    same = (one for one in visit.reads_in("until") if one.chain.name == written and not one.via)
    spans = [name_span(one) for one in same]
    edits = tuple(Edit(span, name) for span in spans if span is not None)
    if not edits or len(edits) != len(spans):
        return None
    return Fix(message=f"write `{name}`", edits=edits, is_safe=read.is_nowhere)


def is_near(one: str, other: str) -> bool:
    """Tell whether two names differ in no more than two letters, and in few of those they have."""
    different = distance(one, other)
    return different <= _NEAR and different * 3 <= min(len(one), len(other))
