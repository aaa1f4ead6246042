"""Edits of an author's text, by span: everything that no edit names stays as it is.

Edits may touch. Two that overlap cannot both be made, nor can two different ones that insert at one
place, since nothing says which comes first; the same edit made twice is one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field

from understudy.text.diagnostic import Edit, Fix
from understudy.text.source import Source, Span


@dataclass(slots=True)
class _Chosen:
    """The edits of one text that are to be made: offsets and texts, sorted."""

    source: Source
    edits: list[tuple[int, int, str]] = field(default_factory=list)

    def located(self, edit: Edit) -> tuple[int, int, str]:
        start, end = (self.source.offset(place) for place in edit.span[1:])
        return start, max(start, end), edit.text

    def takes(self, edit: Edit) -> bool:
        """Tell whether an edit leaves all others their place."""
        new = self.located(edit)
        at = bisect_left(self.edits, new)
        near = self.edits[max(0, at - 1) : at + 1]
        return new in near or not any(_overlap(new, other) for other in near)

    def add(self, edit: Edit) -> None:
        new = self.located(edit)
        at = bisect_left(self.edits, new)
        if self.edits[at : at + 1] != [new]:
            self.edits.insert(at, new)

    def text(self) -> str:
        parts: list[str] = []
        done = 0
        for start, end, text in self.edits:
            parts += [self.source.text[done:start], text]
            done = end
        return "".join([*parts, self.source.text[done:]])


def apply_edits(source: Source, edits: Iterable[Edit]) -> str:
    """Return a source's text with edits made; of edits that overlap, the first given counts."""
    chosen = _Chosen(source)
    for edit in edits:
        if chosen.takes(edit):
            chosen.add(edit)
    return chosen.text()


def joined(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Return edits of which those that insert at one place are one, in the order given."""
    by_place: dict[Span, Edit] = {}
    others: list[Edit] = []
    for edit in edits:
        if edit.span.start < edit.span.end:
            others.append(edit)
            continue
        before = by_place.get(edit.span)
        by_place[edit.span] = Edit(edit.span, f"{before.text if before else ''}{edit.text}")
    return (*by_place.values(), *others)


def apply_fixes(fixes: Iterable[Fix]) -> tuple[dict[Source, str], list[Fix]]:
    """Return the texts after as many fixes as go together, and which these are.

    A fix is made as a whole or not at all: one that overlaps with a fix before it is left out. What
    one fix inserts at one place stands there in the order of its edits.
    """
    texts: dict[Source, _Chosen] = {}
    made: list[Fix] = []
    for fix in fixes:
        edits = joined(fix.edits)
        for edit in edits:
            texts.setdefault(edit.span.source, _Chosen(edit.span.source))
        free = all(texts[edit.span.source].takes(edit) for edit in edits)
        if free and edits and _is_consistent(edits):
            for edit in edits:
                texts[edit.span.source].add(edit)
            made.append(fix)
    return {source: one.text() for source, one in texts.items() if one.edits}, made


def _is_consistent(edits: tuple[Edit, ...]) -> bool:
    """Tell whether the edits of a fix leave each other a place."""
    texts = {edit.span.source: _Chosen(edit.span.source) for edit in edits}
    for edit in edits:
        if not texts[edit.span.source].takes(edit):
            return False
        texts[edit.span.source].add(edit)
    return True


def _overlap(one: tuple[int, int, str], other: tuple[int, int, str]) -> bool:
    first, second = min(one, other), max(one, other)
    return second[0] < first[1] or first[:2] == second[:2]
