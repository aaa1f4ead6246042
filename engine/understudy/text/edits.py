"""Edits of an author's text, by span: everything that no edit names stays as it is."""

from __future__ import annotations

from collections.abc import Iterable

from understudy.text.diagnostic import Edit
from understudy.text.source import Position, Source, Span


def apply_edits(source: Source, edits: Iterable[Edit]) -> str:
    """Return a source's text with edits made; of edits that overlap, the first in it counts."""
    parts: list[str] = []
    done = 0
    for start, end, text in sorted(_located(source, edit) for edit in edits):
        if start >= done:
            parts += [source.text[done:start], text]
            done = end
    return "".join([*parts, source.text[done:]])


def joined(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Return edits of which those that insert at one place are one, in the order given."""
    by_place: dict[Span, Edit] = {}
    for edit in edits:
        before = by_place.get(edit.span)
        by_place[edit.span] = Edit(edit.span, f"{before.text if before else ''}{edit.text}")
    return tuple(by_place.values())


def _located(source: Source, edit: Edit) -> tuple[int, int, str]:
    start, end = (offset_of(source, place) for place in edit.span[1:])
    return start, end, edit.text


def offset_of(source: Source, place: Position) -> int:
    """Return how many characters of a text stand before a place."""
    return source.line_start(place.line) + place.column - 1
