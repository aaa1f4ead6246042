"""Edits of an author's text, by span: everything that no edit names stays as it is."""

from __future__ import annotations

from collections.abc import Iterable

from understudy.text.diagnostic import Edit
from understudy.text.source import Position, Source


def apply_edits(source: Source, edits: Iterable[Edit]) -> str:
    """Return a source's text with edits made; of edits that overlap, the first in it counts."""
    parts: list[str] = []
    done = 0
    for start, end, text in sorted(_located(source, edit) for edit in edits):
        if start >= done:
            parts += [source.text[done:start], text]
            done = end
    return "".join([*parts, source.text[done:]])


def _located(source: Source, edit: Edit) -> tuple[int, int, str]:
    start, end = (offset_of(source, place) for place in edit.span[1:])
    return start, end, edit.text


def offset_of(source: Source, place: Position) -> int:
    """Return how many characters of a text stand before a place."""
    return source.line_start(place.line) + place.column - 1
