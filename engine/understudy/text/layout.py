"""Where everything of a YAML text stands as it is written: what an edit must know, and no meaning.

The tree of nodes has each alias as what it repeats and each merge key as what it brings; an edit
needs their own places. A text is read again for it, and only when an edit is to be made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)

from understudy.text.events import parse_events
from understudy.text.nodes import Mark
from understudy.text.source import Position, Source

_PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*(?:\s+|$))*")

_GAP = re.compile("(?:[ \t\r\n\x85\u2028\u2029]|#[^\r\n\x85\u2028\u2029]*)*")
"""White space and comments between two items."""


@dataclass(slots=True, eq=False)
class Part:
    """One node as it is written: offsets in its text, with its tag and anchor."""

    source: Source
    start: int
    end: int
    anchor: str | None = None
    is_alias: bool = False
    parent: Collection | None = None

    @property
    def body(self) -> int:
        """Where it begins after its tag and anchor."""
        found = _PROPERTIES.match(self.source.text, self.start, max(self.start, self.end))
        return found.end() if found else self.start

    @property
    def is_block_scalar(self) -> bool:
        """Whether it is a text after `|` or `>`."""
        starts = self.source.text.startswith(("|", ">"), self.body)
        return starts and not isinstance(self, Collection) and self.end > self.start

    @property
    def last(self) -> Part:
        """The part that it ends with."""
        return self


@dataclass(slots=True, eq=False)
class Collection(Part):
    """A list, or a mapping: its keys and values take turns."""

    is_mapping: bool = False
    is_flow: bool = False
    parts: list[Part] = field(default_factory=list)

    @property
    def entries(self) -> list[tuple[Part, Part]]:
        """The keys and values of a mapping as they are written, merge keys among them."""
        return list(zip(self.parts[::2], self.parts[1::2], strict=True))

    @property
    def begins(self) -> list[int] | None:
        """Where each item of a list begins: with its dash, where it has one."""
        if self.is_flow:
            return [part.start for part in self.parts]
        text, end = self.source.text, self.body
        begins: list[int] = []
        for part in self.parts:
            gap = _GAP.match(text, end)
            begins.append(gap.end() if gap else end)
            end = part.end
        return begins if all(text.startswith("-", begin) for begin in begins) else None

    @property
    def last(self) -> Part:
        """The part that it ends with."""
        part: Part = self
        while isinstance(part, Collection) and part.parts and not part.is_flow:
            part = part.parts[-1]
        return part


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The collections of a text by the place where they begin, and what aliases repeat."""

    collections: Mapping[tuple[int, bool], Collection]
    """By offset, and whether it is a mapping."""
    repeated: tuple[Part, ...]
    scalars: tuple[Part, ...] = ()
    """Every text, in order."""

    def is_repeated(self, offset: int) -> bool:
        """Tell whether an alias repeats what stands at a place."""
        return any(part.start <= offset < part.end for part in self.repeated)

    def holds_repeated(self, start: int, end: int) -> bool:
        """Tell whether an alias elsewhere repeats something of a stretch."""
        return any(start <= part.start < end for part in self.repeated)


@lru_cache(maxsize=16)
def layout_of(source: Source) -> Layout:
    """Return the layout of a text that is known to be YAML."""
    collections: dict[tuple[int, bool], Collection] = {}
    anchored: dict[str, Part] = {}
    aliases: set[str] = set()
    scalars: list[Part] = []
    for part, alias in _parts(source, parse_events(source.text)):
        if isinstance(part, Collection):
            collections[part.start, part.is_mapping] = part
        elif alias is None:
            scalars.append(part)
        if part.anchor is not None:
            anchored[part.anchor] = part
        if alias is not None:
            aliases.add(alias)
    repeated = tuple(anchored[name] for name in sorted(aliases & {*anchored}))
    return Layout(collections, repeated, tuple(scalars))


def _parts(source: Source, events: Iterable[Event]) -> Iterator[tuple[Part, str | None]]:
    """Yield each part with the name of what it repeats if it is an alias."""
    outer: list[Collection] = []
    for event in events:
        if isinstance(event, CollectionEndEvent):
            done = outer.pop()
            done.end = _offset(source, event.end_mark) if done.is_flow else _end(done)
        elif isinstance(event, NodeEvent):
            part = _part(source, event)
            if outer:
                part.parent = outer[-1]
                outer[-1].parts.append(part)
            if isinstance(part, Collection):
                outer.append(part)
            yield part, event.anchor if isinstance(event, AliasEvent) else None


def _end(done: Collection) -> int:
    return done.parts[-1].end if done.parts else done.end


def _part(source: Source, event: NodeEvent) -> Part:
    start, end = (_offset(source, mark) for mark in (event.start_mark, event.end_mark))
    if isinstance(event, CollectionStartEvent):
        is_mapping = isinstance(event, MappingStartEvent)
        is_flow = bool(event.flow_style)
        return Collection(source, start, end, event.anchor, is_mapping=is_mapping, is_flow=is_flow)
    if isinstance(event, ScalarEvent):
        return Part(source, start, end, event.anchor)
    return Part(source, start, end, is_alias=True)


def _offset(source: Source, mark: Mark) -> int:
    return source.offset(Position(mark.line + 1, mark.column + 1))
