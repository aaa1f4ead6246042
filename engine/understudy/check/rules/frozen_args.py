"""An argument that looks as if it were new in each attempt.

What: the arguments of a task that is tried again call `now()`, a random filter or a lookup whose
answer may be another each time.

Why: arguments are evaluated once, before the first attempt. All attempts get the same value.

Example:
    - uri:
        url: "http://localhost/health?at={{ now().timestamp() }}"
      register: health
      until: health is success

Instead:

    - shell: curl --fail "http://localhost/health?at=$(date +%s)"
      register: health
      until: health is success
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from understudy.check.flow.reads import facts_of
from understudy.check.flow.visits import Visit
from understudy.check.meaning.attempts import is_retried, texts_behind
from understudy.check.meaning.places import written
from understudy.check.rule import Rule
from understudy.text.diagnostic import Diagnostic, Label, Severity
from understudy.text.offsets import part_of
from understudy.text.source import Span
from understudy.values.texts import Expression, Template

RULE = Rule("frozen-args", Severity.INFO, proof=("attempts_freeze_arguments",))
_LOOKUPS = frozenset("dig pipe random_choice random_string url".split())
_FILTERS = frozenset({"random", "shuffle"})
_SEEDED = re.compile(r"\b(?:random|shuffle)\s*\([^)]*\bseed\s*=")


def check_task(visit: Visit) -> Iterator[Diagnostic]:
    """Yield a finding for each text whose value would be another one in each attempt."""
    if not is_retried(visit):
        return
    action = visit.task.action
    for text in texts_behind(visit, "args", [dict(action.args), action.free_form]):
        called = _changing(text)
        if called is not None:
            yield _finding(visit, text, called)


def _changing(text: Template | Expression) -> str | None:
    """Return the function or filter that makes a text another one each time."""
    facts = facts_of(text)
    if "now" in facts.calls:
        return "now"
    found = facts.filters & _FILTERS
    if found and not _SEEDED.search(text.text):
        return min(found)
    return min(facts.lookups & _LOOKUPS, default=None)


def _finding(visit: Visit, text: Template | Expression, called: str) -> Diagnostic:
    again = written(visit, "until") or written(visit, "retries") or visit.task.span
    shown = "now()" if called == "now" else called
    return RULE.finding(
        _place(text, called),
        f"`{shown}` is evaluated once for all attempts of this task",
        others=(Label(again, "the task is tried again here"),),
        notes=("arguments are evaluated before the first attempt, and do not change",),
        help="let the module or the command find the value out, if each attempt needs a new one",
    )


def _place(text: Template | Expression, called: str) -> Span | None:
    start = re.search(rf"\b{called}\b", text.text)
    if text.span is None or start is None:
        return text.span
    return part_of(text.text, text.span, start.start(), start.end())
