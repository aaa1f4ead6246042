"""A task that no host ever comes to.

What: a task behind a `fail` or a `meta` with `end_play`, `end_host`, `end_batch` or `end_role`
that has no condition, and a task or block with `when: false`. A task that other tags choose than
the one before it is left alone. `when: false` is but information: it is how one switches a task
off.

Why: its work is not done, and the run says nothing about it.

Example:
    - fail:
        msg: this host is too old
    - command: /opt/install

Instead:

    - fail:
        msg: this host is too old
      when: ansible_distribution_major_version is version('9', '<')
    - command: /opt/install
"""

from __future__ import annotations

from collections.abc import Iterator

from understudy.check.flow.visits import Flow, Visit
from understudy.check.flow.walk import never
from understudy.check.rule import Rule
from understudy.playbook.inherit import conditions
from understudy.text.diagnostic import Diagnostic, Label, Severity
from understudy.text.nodes import Node, Scalar, Sequence
from understudy.text.source import Span
from understudy.values.errors import TemplateFailed
from understudy.values.load import load

RULE = Rule(
    "unreachable-task",
    Severity.WARNING,
    proof=("meta_forms", "meta_in_blocks", "role_end", "tasks_after_an_end", "when_conditions"),
)
_ENDS = {
    "end_batch": "the play ends here for these hosts",
    "end_host": "the play ends here for every host",
    "end_play": "the play ends here",
    "end_role": "the role ends here",
}


def check_flow(flow: Flow) -> Iterator[Diagnostic]:
    """Yield a finding for the first task after each end, and for each `when: false`."""
    yield from _after_ends(flow)
    owners = [block.node for block in flow.blocks] + [visit.task.node for visit in flow.visits]
    for node in owners:
        if node is not None and "when" in node.entries:
            yield from _switched_off(node.entries["when"][1], is_block="block" in node.entries)


def _after_ends(flow: Flow) -> Iterator[Diagnostic]:
    ways: dict[Span, list[Visit]] = {}
    for visit in flow.visits:
        ways.setdefault(visit.task.span, []).append(visit)
    behind: dict[Span, list[Visit]] = {}
    for visits in ways.values():
        end = visits[0].unreachable
        if end and all(one.unreachable for one in visits) and _has_same_tags(end, visits[0]):
            behind.setdefault(end.task.span, []).append(visits[0])
    for first, *more in behind.values():
        if first.unreachable:
            yield _unreachable(first.unreachable, first, len(more))


def _has_same_tags(end: Visit, visit: Visit) -> bool:
    """Tell whether no choice of tags runs the one without the other."""
    tags, others = (set(map(str, one.task.inherited.tags)) for one in (end, visit))
    return tags == others


def _unreachable(end: Visit, visit: Visit, more: int) -> Diagnostic:
    action = end.task.action
    why = _ENDS.get(str(action.free_form), "every host fails here")
    return RULE.finding(
        visit.task.span,
        "this task is never reached",
        others=(Label(end.task.span, why),),
        notes=(_more(more),) if more else (),
        help=f"give the `{action.written}` above a `when`, or remove what stands below it",
    )


def _more(count: int) -> str:
    return (
        f"neither are the {count} tasks behind it" if count > 1 else "neither is the one behind it"
    )


def _switched_off(condition: Node, *, is_block: bool) -> Iterator[Diagnostic]:
    parts = condition.items if isinstance(condition, Sequence) else [condition]
    for part in parts:
        if isinstance(part, Scalar) and _is_never(part):
            what = "no task of this block is" if is_block else "this task is never"
            yield RULE.finding(
                part.span,
                f"{what} run: its condition is always false",
                severity=Severity.INFO,
            )
            return


def _is_never(part: Scalar) -> bool:
    try:
        return never(conditions(load(part)))
    except TemplateFailed:
        # An empty text, or one that is not the author's, is refused where it is read.
        return False
