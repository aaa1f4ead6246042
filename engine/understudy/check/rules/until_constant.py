"""An `until` that no attempt can change.

What: an `until` that is a literal, is made of variables that stay as they are, is a whole result,
or surely is no boolean.

Why: the task is tried once, or until its retries are used up, whatever it does. Since ansible-core
2.19 an `until` that is no boolean fails the task at its first attempt.

Fix: unsafe; where a length is asked for, it compares it with 0.

Example:
    - command: cat /run/state
      register: state
      until: state.stdout

Instead:

    - command: cat /run/state
      register: state
      until: state.stdout == 'done'
"""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import nodes

from understudy.check.flow.known import UNKNOWN
from understudy.check.flow.reads import Chain, chain_of
from understudy.check.flow.visits import Flow, Visit
from understudy.check.meaning.outcomes import expression_of, finding_of, no_boolean, one_line
from understudy.check.meaning.sorts import Sort
from understudy.check.rule import Rule
from understudy.check.targets import SINCE_2_19
from understudy.text.diagnostic import Diagnostic, Severity
from understudy.values.texts import Condition

RULE = Rule(
    "until-constant",
    Severity.ERROR,
    proof=("conditions_need_booleans", "conditions_by_parts", "until_exhausted"),
)


def check_flow(flow: Flow) -> Iterator[Diagnostic]:
    """Yield a finding for each condition of an `until` that is always the same, or no boolean."""
    for visit in flow.visits:
        for text in visit.task.until:
            yield from _findings(visit, text, needs_boolean=flow.settings.target in SINCE_2_19)


def _findings(visit: Visit, text: Condition, *, needs_boolean: bool) -> Iterator[Diagnostic]:
    found = None if isinstance(text, bool) else no_boolean(visit, text)
    if found is not None and needs_boolean:
        if not isinstance(text, bool):
            yield finding_of(RULE, "until", text, found)
        return
    is_result = found is not None and found.always and found.sort is Sort.MAPPING
    holds = True if is_result or _is_itself_defined(visit, text) else visit.known(text)
    if holds is not UNKNOWN:
        yield _constant(visit, text, holds=bool(holds))


def _is_itself_defined(visit: Visit, text: Condition) -> bool:
    """Tell whether it only asks for the task's own result being defined."""
    root = None if isinstance(text, bool) else expression_of(text)
    if not isinstance(root, nodes.Test) or root.name != "defined":
        return False
    return visit.task.register is not None and chain_of(root.node) == Chain(visit.task.register)


def _constant(visit: Visit, text: Condition, *, holds: bool) -> Diagnostic:
    span = visit.span("until") if isinstance(text, bool) else text.span
    written = str(text).lower() if isinstance(text, bool) else one_line(text.text)
    name = visit.task.register or "r"
    return RULE.finding(
        span,
        f"`{written}` is always {'true' if holds else 'false'}, whatever the task does",
        notes=(_consequence(visit, holds=holds),),
        help=f"write what its result must be, for example `{name} is success`",
    )


def _consequence(visit: Visit, *, holds: bool) -> str:
    if holds:
        return "the task is not tried again on account of it"
    tries = "as often as it may be" if visit.retries is None else f"{visit.retries + 1:g} times"
    return f"the task is tried {tries}, and fails"
