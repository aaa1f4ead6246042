"""A key that stands twice in a mapping: what is said of it, and how one of the two goes."""

from __future__ import annotations

import re

from understudy.text.diagnostic import Diagnostic, Edit, Fix, Label, Severity
from understudy.text.nodes import Mapping, Node, Scalar, Sequence
from understudy.text.source import Position, Span

_MORE_THAN_VALUES = re.compile(r"(^|\s)(#|&\w)")
"""A comment, which is worth keeping, or an anchor, which an alias below may need."""


def duplicate(
    first: tuple[Scalar, Node], second: tuple[Scalar, Node], *, in_block: bool
) -> Diagnostic:
    """Return the finding of two entries with the same key; a fix if they say the same.

    What stands between braces has no lines of its own that could go: `in_block` is false there.
    """
    written = second[0].written
    is_same = equal(first[1], second[1])
    removal = _removal(*second) if is_same and in_block else None
    fix = None
    if removal is not None:
        fix = Fix(message=f"remove the second `{written}`", edits=(removal,), is_safe=True)
    value = ", with the same value" if is_same else "; the last one counts"
    return Diagnostic(
        code="duplicate-key",
        message=f"`{written}` stands twice in this mapping{value}",
        span=second[0].span,
        severity=Severity.WARNING,
        others=(Label(first[0].span, "first given here"),),
        notes=(f"Found duplicate mapping key '{written}'.",),
        help="remove one of them",
        fix=fix,
    )


def equal(one: Node, other: Node) -> bool:
    """Tell whether two nodes are written alike but for blanks and comments."""
    if one is other:
        return True
    if one.tag != other.tag:
        return False
    if isinstance(one, Scalar) and isinstance(other, Scalar):
        same_kind = type(one.value) is type(other.value)
        return same_kind and one.value == other.value and one.written == other.written
    if isinstance(one, Sequence) and isinstance(other, Sequence):
        return len(one.items) == len(other.items) and all(map(equal, one.items, other.items))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        keys = [*one.entries], [*other.entries]
        pairs = zip(one.pairs(), other.pairs(), strict=False)
        return keys[0] == keys[1] and all(equal(mine[1], yours[1]) for mine, yours in pairs)
    return False


def _removal(key: Scalar, value: Node) -> Edit | None:
    """Return what removes the lines of an entry, or None if they hold something else as well."""
    if (value.start.line, value.start.column) < (key.end.line, key.end.column):
        return None  # an alias: the value stands where it was named
    source, begin, after = key.source, key.start.line + 1, value.end.line + 2
    if value.end.column == 0 and after - 1 > begin:  # a text after `|` ends where the next begins
        after -= 1
        while not source.line(after - 1).strip():
            after -= 1
    elif source.line(after - 1)[value.end.column :].strip():
        return None
    lines = [source.line(number) for number in range(begin, after)]
    begins_line = not lines[0][: key.start.column].strip()
    if not begins_line or any(map(_MORE_THAN_VALUES.search, lines)):
        return None
    if after > source.position(len(source.text)).line:  # the last line has no end to go with it
        return None
    return Edit(Span(source, Position(begin, 1), Position(after, 1)), "")
