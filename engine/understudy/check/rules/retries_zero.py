"""An `until` with `retries: 0`.

What: `retries` is 0 or negative, and there is an `until`.

Why: without retries `until` is never evaluated: the task runs once and counts as what its module
says.

Fix: safe; it removes `until`, `retries` and `delay`.

Example:
    - command: /opt/server/status
      register: status
      until: status.stdout == 'up'
      retries: 0

Instead:

    - command: /opt/server/status
      register: status
      until: status.stdout == 'up'
      retries: 1
"""

from __future__ import annotations

from collections.abc import Iterator

from understudy.check.flow.visits import Visit
from understudy.check.meaning.jobs import shown
from understudy.check.meaning.places import written
from understudy.check.mending.rewrite import remove_keywords
from understudy.check.rule import Rule
from understudy.text.diagnostic import Diagnostic, Fix, Label, Severity
from understudy.values.texts import Template

RULE = Rule("retries-zero", Severity.WARNING, proof=("until_retries_zero",))
_OF_RETRIES = ("until", "retries", "delay")


def check_task(visit: Visit) -> Iterator[Diagnostic]:
    """Yield a finding if an `until` is never evaluated; a variable may be a switch."""
    task, retries = visit.task, visit.retries
    if not task.until or retries is None or retries > 0 or isinstance(task.retries, Template):
        return
    yield RULE.finding(
        written(visit, "retries") or task.span,
        f"with `retries: {shown(retries)}` this `until` is never evaluated",
        others=(Label(written(visit, "until") or task.span, "the task does not wait for this"),),
        notes=("the task runs once, and fails only if its module does",),
        help="write `retries: 1` or more, or remove `until`",
        fix=_fix(visit),
    )


def _fix(visit: Visit) -> Fix | None:
    """Return what takes away everything that has no effect."""
    node = visit.task.node
    if node is None:
        return None
    there = [name for name in _OF_RETRIES if name in node.entries]
    edits = remove_keywords(node, *there)
    if edits is None:
        return None
    names = " and ".join(f"`{name}`" for name in there)
    return Fix(message=f"remove {names}", edits=edits, is_safe=True)
