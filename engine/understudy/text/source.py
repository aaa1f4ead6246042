"""A text and the places in it: every diagnostic points at one of these."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple

LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
"""What YAML 1.1 ends a line with; `str.splitlines` knows more, and would count differently."""


@dataclass(frozen=True, slots=True)
class Source:
    """A text and the name it is reported under, usually a file's path as the user wrote it."""

    name: str
    text: str = field(repr=False)
    secret: bool = False
    """Whether no line of it may be shown: it was encrypted."""
    _lines: list[str] = field(default_factory=list, repr=False, compare=False)
    _starts: list[int] = field(default_factory=list, repr=False, compare=False)

    def line(self, number: int) -> str:
        """Return line `number` (from 1) without its line end; an absent line is empty."""
        if not self._lines:
            self._lines.extend(LINE_END.split(self.text))
        return self._lines[number - 1] if 0 < number <= len(self._lines) else ""

    def shown_line(self, number: int) -> str:
        """Return a line for the user's eyes: nothing of a secret text."""
        return "" if self.secret else self.line(number)

    def line_start(self, number: int) -> int:
        """Return how many characters stand before line `number` (from 1), at most all."""
        starts = self._line_starts()
        return starts[number - 1] if number <= len(starts) else len(self.text)

    def position(self, offset: int) -> Position:
        """Return the place of the character at `offset`, counted in characters from 0."""
        starts = self._line_starts()
        line = bisect_right(starts, offset)
        return Position(line, offset - starts[line - 1] + 1)

    def offset(self, place: Position) -> int:
        """Return how many characters stand before a place, which is at most its line's end."""
        start = self.line_start(place.line) + place.column - 1
        return min(start, self.line_start(place.line + 1))

    def line_end(self, offset: int) -> int:
        """Return where the line of the character at `offset` ends, without its line end."""
        found = LINE_END.search(self.text, self.line_start(self.position(offset).line))
        return found.start() if found else len(self.text)

    @property
    def line_break(self) -> str:
        """What its first line ends with."""
        found = LINE_END.search(self.text)
        return found[0] if found else "\n"

    def span(self, start: int, end: int) -> Span:
        """Return the stretch between two offsets."""
        return Span(self, self.position(start), self.position(end))

    def _line_starts(self) -> list[int]:
        if not self._starts:
            self._starts.append(0)
            self._starts.extend(end.end() for end in LINE_END.finditer(self.text))
        return self._starts


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
