"""A text and the places in it: every diagnostic points at one of these."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Source:
    """A text and the name it is reported under, usually a file's path as the user wrote it."""

    name: str
    text: str
    _lines: list[str] = field(default_factory=list, repr=False, compare=False)

    def line(self, number: int) -> str:
        """Return line `number` (from 1) without its line end; an absent line is empty."""
        if not self._lines:
            self._lines.extend(self.text.splitlines() or [""])
        return self._lines[number - 1] if 0 < number <= len(self._lines) else ""


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
