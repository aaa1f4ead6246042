"""A YAML document as a tree of nodes: values, tags and places, but no meaning yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeAlias

from understudy.text.source import Position, Source, Span

Resolved: TypeAlias = str | int | float | bool | bytes | date | None
"""What a scalar can be in YAML 1.1; a `datetime` is a `date`."""

VAULT_TAGS = frozenset({"!vault", "!vault-encrypted"})
"""Tags of a text that is encrypted."""


class Mark(Protocol):
    """A place as the YAML parsers give it: line and column from 0."""

    line: int
    column: int


@dataclass(slots=True, eq=False)
class _Placed:
    """Where a node stands. The span is made when it is asked for: most never are."""

    source: Source
    start: Mark
    end: Mark
    tag: str | None

    @property
    def span(self) -> Span:
        """The node's stretch of the text, with its tag and anchor."""
        start = Position(self.start.line + 1, self.start.column + 1)
        return Span(self.source, start, Position(self.end.line + 1, self.end.column + 1))


@dataclass(slots=True, eq=False)
class Scalar(_Placed):
    """A single value, resolved as YAML 1.1 does. `written` is the text before that."""

    value: Resolved
    written: str


@dataclass(slots=True, eq=False)
class Sequence(_Placed):
    """A list."""

    items: list[Node]


@dataclass(slots=True, eq=False)
class Mapping(_Placed):
    """A mapping: merge keys are merged, and of a key that stands twice the last is kept."""

    entries: dict[Resolved, tuple[Scalar, Node]]

    def pairs(self) -> Iterator[tuple[Scalar, Node]]:
        """Yield every key with its value, in the order of the text."""
        yield from self.entries.values()

    def get(self, key: str) -> Node | None:
        """Return the value of a key, or None when it is absent."""
        entry = self.entries.get(key)
        return entry[1] if entry else None


Node: TypeAlias = Scalar | Sequence | Mapping


def every_node(root: Node) -> Iterator[Node]:
    """Yield a node and all those below it, each once: aliases may repeat them."""
    waiting, seen = [root], set[int]()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        if isinstance(node, Sequence):
            waiting += node.items
        elif isinstance(node, Mapping):
            waiting += (value for _, value in node.pairs())
