"""A text and the places in it: every diagnostic points at one of these."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

_LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
"""What YAML 1.1 ends a line with; `str.splitlines` knows more, and would count differently."""


@dataclass(frozen=True, slots=True)
class Source:
    """A text and the name it is reported under, usually a file's path as the user wrote it."""

    name: str
    text: str = field(repr=False)
    secret: bool = False
    """Whether no line of it may be shown: it was encrypted."""
    _lines: list[str] = field(default_factory=list, repr=False, compare=False)

    def line(self, number: int) -> str:
        """Return line `number` (from 1) without its line end; an absent line is empty."""
        if not self._lines:
            self._lines.extend(_LINE_END.split(self.text))
        return self._lines[number - 1] if 0 < number <= len(self._lines) else ""

    def shown_line(self, number: int) -> str:
        """Return a line for the user's eyes: nothing of a secret text."""
        return "" if self.secret else self.line(number)

    def line_start(self, number: int) -> int:
        """Return how many characters stand before line `number` (from 1)."""
        ends = _LINE_END.finditer(self.text)
        return 0 if number == 1 else next(islice(ends, number - 2, None)).end()

    def position(self, offset: int) -> Position:
        """Return the place of the character at `offset`, counted in characters from 0."""
        line, start = 1, 0
        for end in _LINE_END.finditer(self.text, 0, offset):
            line, start = line + 1, end.end()
        return Position(line, offset - start + 1)


class Position(NamedTuple):
    """A place in a text: line and column, both from 1."""

    line: int
    column: int


class Span(NamedTuple):
    """A stretch of a text. `end` is exclusive, as in a slice."""

    source: Source
    start: Position
    end: Position

    def __str__(self) -> str:
        return f"{self.source.name}:{self.start.line}:{self.start.column}"


def span_at(source: Source, position: Position, length: int = 1) -> Span:
    """Return the stretch of `length` characters from a place on."""
    return Span(source, position, Position(position.line, position.column + length))
