"""From a character of a YAML value back to its place in the file: for quotes, escapes and blocks.

Only called for a finding, so it reads the text again instead of keeping a map. A character that is
not white space is found exactly; white space that YAML folded is found where the folding began.
"""

from __future__ import annotations

import re

from understudy.text.source import Position, Span

_PREFIX = re.compile(r"(?:[&!][^\s,\[\]{}]*\s+)*")
_BLOCK_HEADER = re.compile(r"[|>][-+0-9]*[^\n\r]*")
_ESCAPE = re.compile(
    r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|(?:\r\n|[\r\n])[ \t]*|.)", re.DOTALL
)


def place_of(value: str, span: Span, offset: int) -> Position:
    """Return the place of character `offset` of a scalar's value that stands in `span`."""
    raw = _raw(span)
    starts = _starts(raw, value[: offset + 1])
    return _advance(span.start, raw[: starts[-1]]) if starts else span.start


def part_of(value: str, span: Span, start: int, end: int) -> Span:
    """Return the span of `value[start:end]` in the file."""
    if span.start.line == span.end.line and span.end.column - span.start.column == len(value):
        line, column = span.start
        return Span(span.source, Position(line, column + start), Position(line, column + end))
    first = place_of(value, span, start)
    last = place_of(value, span, max(start, end - 1))
    return Span(span.source, first, Position(last.line, last.column + 1))


def _raw(span: Span) -> str:
    lines = [span.source.line(n) for n in range(span.start.line, span.end.line + 1)]
    lines[-1] = lines[-1][: span.end.column - 1]
    lines[0] = lines[0][span.start.column - 1 :]
    return "\n".join(lines)


def _starts(raw: str, value: str) -> list[int]:
    """Return for each character of `value` where in `raw` it begins."""
    place = _PREFIX.match(raw).end()  # type: ignore[union-attr]
    style = raw[place : place + 1]
    if style in ("|", ">"):
        place = _BLOCK_HEADER.match(raw, place).end()  # type: ignore[union-attr]
    elif style in ("'", '"'):
        place += 1
    starts: list[int] = []
    for character in value:
        begin, place = _next(raw, place, character, style)
        starts.append(begin)
    return starts


def _next(raw: str, place: int, character: str, style: str) -> tuple[int, int]:
    """Return where a character begins, from `place` on, and where the next one may."""
    while place < len(raw):
        escape = _ESCAPE.match(raw, place) if style == '"' else None
        if escape and escape[0][1] not in "\r\n":
            return place, escape.end()
        if raw[place] == character or (character.isspace() and raw[place].isspace()):
            doubled = style == "'" and raw.startswith("''", place)
            return place, place + 1 + doubled
        if not raw[place].isspace() and not escape:
            break
        place = escape.end() if escape else place + 1
    return place, place


def _advance(start: Position, text: str) -> Position:
    lines = text.split("\n")
    if len(lines) == 1:
        return Position(start.line, start.column + len(text))
    return Position(start.line + len(lines) - 1, len(lines[-1]) + 1)
