"""An `until` that reads what a failed attempt does not have.

What: `until` begins with a key that the module gives only where it succeeds: `json` of `uri`,
`content` of `slurp`, the first line of what a command prints, what `from_json` makes of it, `rc` of
a job that was ended or still runs.

Why: an error in `until` fails the task at once. Just the attempt that was to be repeated is the
last one, and its own message is lost.

Fix: unsafe; it asks for success first, or for an output.

Example:
    - uri:
        url: http://localhost/health
      register: health
      until: health.json.status == 'up'
      retries: 30

Instead:

    - uri:
        url: http://localhost/health
      register: health
      until: health is success and health.json.status == 'up'
      retries: 30
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jinja2 import nodes

from understudy.check.flow.reads import Chain
from understudy.check.flow.visits import Read, Visit
from understudy.check.meaning.attempts import is_retried, own_result
from understudy.check.meaning.jobs import is_status
from understudy.check.meaning.outcomes import expression_of
from understudy.check.meaning.waits import RUNNING
from understudy.check.rule import Rule
from understudy.text.diagnostic import Diagnostic, Edit, Fix, Severity
from understudy.text.offsets import part_of
from understudy.text.source import Span
from understudy.values.texts import Expression

RULE = Rule(
    "until-undefined-on-failure",
    Severity.WARNING,
    proof=("until_error_in_condition", "until_reads_what_a_failure_lacks"),
)
_COMMANDS = frozenset({"command", "shell", "raw", "script"})
_ON_SUCCESS = {"uri": "json", "slurp": "content", "get_url": "status_code"}
_ALWAYS = frozenset({"attempts", "changed", "failed", "msg"})
_LINES = frozenset({"stdout_lines", "stderr_lines"})
_OUTPUTS = frozenset({"stdout", "stderr"})
_JSON = ("from_json",)
_ENDS = frozenset({"first", "last"})


@dataclass(frozen=True, slots=True)
class _Gap:
    """When something is not there, and what to ask for first."""

    why: str
    guard: str


def check_task(visit: Visit) -> Iterator[Diagnostic]:
    """Yield a finding if the first thing that `until` reads may not be there."""
    reads = own_result(visit)
    first = reads[0] if reads else None
    if first is None or first.via or first.chain.guarded or not is_retried(visit):
        return
    gap = _gap(visit, first)
    if gap is not None:
        yield _finding(first, gap)


def _gap(visit: Visit, read: Read) -> _Gap | None:
    chain, action = read.chain, visit.task.action.name
    key = chain.path[0] if chain.path else None
    if not isinstance(key, str) or chain.test is not None:
        return None
    success = f"{chain.name} is success"
    if is_status(visit.task):
        finished = _Gap(f"a job that still runs has no `{key}`", f"{chain.name} is finished")
        return None if key in RUNNING else finished
    if visit.is_polled and key not in _ALWAYS:
        return _Gap(f"a job that ran out of time has no `{key}`", success)
    if _ON_SUCCESS.get(action) == key:
        return _Gap(f"a failed attempt has no `{key}`", success)
    if action == "uri" and key == "content" and chain.filters[:1] == _JSON:
        return _Gap("what is not answered is no JSON", success)
    return _empty(chain, key) if action in _COMMANDS else None


def _empty(chain: Chain, key: str) -> _Gap | None:
    """Return what an empty output does not have: the command may well have succeeded."""
    guard = f"{chain.name}.{key} | length > 0"
    if key in _LINES and (len(chain.path) > 1 or _ENDS & {*chain.filters[:1]}):
        return _Gap("an empty output has no lines", guard)
    if key in _OUTPUTS and chain.filters[:1] == _JSON:
        return _Gap("an empty output is no JSON", guard)
    return None


def _finding(read: Read, gap: _Gap) -> Diagnostic:
    return RULE.finding(
        read.span,
        f"{gap.why}: `until` then fails the task, which is not tried again",
        notes=("an error in `until` ends the retries, and the result of the module is lost",),
        help=f"write `{gap.guard} and ...`",
        fix=_fix(read, gap.guard),
    )


def _fix(read: Read, guard: str) -> Fix | None:
    """Return what asks first whether the rest can be asked."""
    text = read.text
    root = expression_of(text)
    if not isinstance(text, Expression) or text.span is None or root is None:
        return None
    if text.span.start.line != text.span.end.line:
        return None
    whole = part_of(text.text, text.span, 0, len(text.text))
    choice = isinstance(root, nodes.Or | nodes.CondExpr)
    before = Edit(Span(whole.source, whole.start, whole.start), f"{guard} and {'(' * choice}")
    after = Edit(Span(whole.source, whole.end, whole.end), ")")
    return Fix(message=f"ask for `{guard}` first", edits=(before, after) if choice else (before,))
