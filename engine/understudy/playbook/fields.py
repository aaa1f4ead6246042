"""The keywords of one mapping: what does not belong there, and what does not fit its type."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Mapping as MappingLike
from dataclasses import replace
from typing import NamedTuple, TypeAlias

from understudy.playbook.faults import find_fault, shown
from understudy.playbook.keywords import KEYWORDS, REMOVED, Keyword, Place, keywords_of, places_of
from understudy.playbook.kinds import (
    FLOAT,
    INT,
    LOOP,
    NAME,
    PERCENT,
    ROLES,
    SIZES,
    TASKS,
    VARIABLES,
)
from understudy.text.diagnostic import Diagnostic, Severity, did_you_mean
from understudy.text.nodes import Mapping, Node, Scalar, Sequence
from understudy.text.source import Span
from understudy.values.errors import TemplateFailed
from understudy.values.load import load
from understudy.values.texts import Value

Report: TypeAlias = Callable[[Diagnostic], None]


class Field(NamedTuple):
    """A keyword's key and its value."""

    key: Scalar
    node: Node

    @property
    def value(self) -> Value:
        """What the value is to the run."""
        return load(self.node)

    @property
    def given(self) -> bool:
        """Whether there is a value: nothing after the colon counts as not given."""
        return not (isinstance(self.node, Scalar) and self.node.value is None)


Fields: TypeAlias = dict[str, Field]


class KeywordSpans(MappingLike[str, Span]):
    """Where the values of keywords stand. Made when asked for: of most keywords nobody asks."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Fields) -> None:
        self._fields = fields

    def __getitem__(self, name: str) -> Span:
        return self._fields[name].node.span

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)


_READ_WHEN_RUN = frozenset(
    "async check_mode delay diff loop no_log poll retries throttle timeout".split()
)
"""Keywords whose value Ansible converts when the task runs: a wrong one is no error before."""
_OF_JOBS = frozenset("async delay poll retries until".split())
"""Keywords of jobs and of waiting for them: what is wrong with these has codes of its own."""


def read_fields(mapping: Mapping, place: Place, report: Report) -> Fields:
    """Return the keywords of a mapping that has nothing else; report what does not belong."""
    fields: Fields = {}
    for key, node in mapping.pairs():
        take_field(fields, key, node, place, report)
    return fields


def take_field(fields: Fields, key: Scalar, node: Node, place: Place, report: Report) -> None:
    """Put a keyword into `fields` if it may stand in this place and its value fits."""
    keyword = keywords_of(place).get(str(key.value))
    if keyword is None or type(key.value) is not str:
        report(unknown_keyword(key, place))
    elif keyword.kind.fits(node):
        fields[keyword.name] = Field(key, _whole(keyword, node))
    else:
        if keyword.name in _READ_WHEN_RUN:
            fields[keyword.name] = Field(key, node)
        report(wrong_type(keyword, key, node))


def _whole(keyword: Keyword, node: Node) -> Node:
    """Return `5.0` as `5` where a whole number is wanted."""
    if keyword.kind is SIZES and isinstance(node, Sequence):
        return replace(node, items=[_whole(keyword, item) for item in node.items])
    if keyword.kind in (INT, SIZES) and isinstance(node, Scalar) and isinstance(node.value, float):
        return replace(node, value=int(node.value))
    return node


def wrong_type(keyword: Keyword, key: Scalar, node: Node) -> Diagnostic:
    """Return the finding for a value that does not fit its keyword."""
    part, path, words = find_fault(keyword.kind, node)
    if keyword.kind is VARIABLES and isinstance(node, Mapping):
        return _not_a_variable(part)
    name = keyword.name
    return Diagnostic(
        code="keyword-type"
        if name not in _READ_WHEN_RUN
        else "async-bad-value"
        if name in _OF_JOBS
        else "keyword-value",
        message=f"`{keyword.name}{path}` must be {words}, not {shown(part)}",
        span=(key if _is_null(part) else part).span,
        notes=(
            *_in_ansible(keyword, part),
            f"`{keyword.name}`: {keyword.meaning.rstrip('.').lower()}",
        ),
        help=_fix(keyword, part),
    )


def _in_ansible(keyword: Keyword, part: Node) -> tuple[str, ...]:
    """Return what Ansible says, where its words are what one would search for."""
    if keyword.kind is NAME:
        return ("Ansible says: Invalid variable name",)
    if keyword.kind is TASKS:
        what = part.written if isinstance(part, Scalar) else "it"
        loading = f"A malformed block was encountered while loading {keyword.name}"
        return (f"Ansible says: {loading}: {what} should be a list or None",)
    if keyword.kind is ROLES:
        return ("Ansible says: A malformed role declaration was encountered.",)
    return ()


def _not_a_variable(key: Node) -> Diagnostic:
    written = key.written if isinstance(key, Scalar) else ""
    mended = re.sub(r"\W", "_", written)
    return Diagnostic(
        code="variable-name",
        message=f"`{written}` cannot be the name of a variable",
        span=key.span,
        notes=("a name has letters, digits and `_`, and does not begin with a digit",),
        help=f"write `{mended}`" if mended.isidentifier() else None,
    )


def _fix(keyword: Keyword, node: Node) -> str | None:
    if keyword.kind is TASKS:
        return "begin each task with `- `"
    if keyword.kind is LOOP and isinstance(node, Scalar) and node.written.isidentifier():
        return f'write `loop: "{{{{ {node.written} }}}}"` if this is the name of a variable'
    if keyword.kind not in (INT, FLOAT, PERCENT) or not isinstance(node, Scalar):
        return None
    digits = node.written.strip().rstrip("smh")
    if not digits.isdigit() or digits == node.written:
        return None
    factor = {"s": 1, "m": 60, "h": 3600}.get(node.written.strip()[-1], 1)
    return f"it is in seconds: write `{keyword.name}: {int(digits) * factor}`"


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None


_LEVELS = Place.PLAY | Place.BLOCK | Place.TASK | Place.HANDLER


_AROUND_TASKS = {
    Place.PLAY: "write it on the tasks: a play does not pass it on",
    Place.BLOCK: "write it on the tasks of the block: a block does not pass it on",
    Place.IMPORT_PLAYBOOK: "write it on the tasks of that playbook",
    Place.INCLUDE_TASKS: "write it on the tasks of that file: an include is not run as a job",
    Place.INCLUDE_ROLE: "write it on the tasks of that role: an include is not run as a job",
}
"""Where a keyword of jobs belongs instead."""


def unknown_keyword(key: Scalar, place: Place, also: Iterable[str] = ()) -> Diagnostic:
    """Return the finding for a key that does not belong; `also` are further names it could mean."""
    if type(key.value) is not str:
        return not_a_name(key)
    name = key.value
    near = did_you_mean(name, [*keywords_of(place), *also])
    around = _AROUND_TASKS.get(place) if name in _OF_JOBS else None
    return Diagnostic(
        code="async-on-include-or-block" if around else "unknown-keyword",
        message=f"`{name}` is not a keyword of {place.words}",
        span=key.span,
        help=around
        or REMOVED.get(name)
        or _elsewhere(name)
        or (f"did you mean `{near}`?" if near else None),
    )


def not_a_name(key: Scalar) -> Diagnostic:
    """Return the finding for a key that YAML takes for something else than a text."""
    kind = {bool: "a boolean", type(None): "nothing"}.get(type(key.value), "a number")
    return Diagnostic(
        code="unknown-keyword",
        message=f"`{key.written}` cannot be a keyword: YAML takes it for {kind}",
        span=key.span,
    )


def _elsewhere(name: str) -> str | None:
    """Return where a keyword belongs that stands in the wrong place."""
    places = list(places_of(name))
    found = [place.words for place in places if place in _LEVELS] or [p.words for p in places]
    if not found:
        return None
    return f"it belongs to {', '.join(found[:-1])}{' or ' if found[1:] else ''}{found[-1]}"


def warn_ignored(fields: Fields, names: Iterable[str], place: Place, report: Report) -> None:
    """Report keywords that Ansible takes in a place and does nothing with."""
    for name in names:
        if name in fields:
            report(
                Diagnostic(
                    code="async-on-include-or-block" if name in _OF_JOBS else "ignored-keyword",
                    message=f"`{name}` has no effect on {place.words}",
                    span=fields[name].key.span,
                    severity=Severity.WARNING,
                    notes=(f"`{name}`: {KEYWORDS[name].meaning.rstrip('.').lower()}",),
                    help="write it on the tasks themselves",
                )
            )


def no_condition(field: Field, failure: TemplateFailed) -> Diagnostic:
    """Return the finding for a keyword whose condition has no text, or one that is not trusted."""
    is_empty = failure.code == "conditional-empty"
    what = "an empty condition" if is_empty else f"what is no condition: {failure.message}"
    return Diagnostic(
        code="empty-condition" if is_empty else failure.code,
        message=f"`{field.key.written}` holds {what}",
        span=field.node.span,
        help="write an expression, or remove the keyword",
    )
