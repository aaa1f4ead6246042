"""What a text can ask of the run around it: the other hosts, and where a warning goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from understudy.text.source import Span
from understudy.values.texts import Value

if TYPE_CHECKING:
    from understudy.values.scope import Scope


@dataclass(frozen=True, slots=True)
class Addition:
    """A host, its variables and groups, and the parents of the groups."""

    host: str
    groups: Sequence[str]
    values: Mapping[str, Value] = field(default_factory=dict)
    parents: Sequence[str] = ()


class World(Protocol):
    """What a scope can ask of the run: the other hosts, and where a warning goes."""

    @property
    def merges_hashes(self) -> bool:
        """Whether mappings of the same name are merged (`hash_behaviour`)."""

    def hosts(self) -> Sequence[str]:
        """Return the name of every host, in inventory order."""

    def groups(self) -> Mapping[str, Sequence[str]]:
        """Return every group's hosts."""

    def match(self, pattern: str) -> Sequence[str]:
        """Return the hosts that a pattern selects."""

    def plan(self, occasion: object, addition: Addition) -> bool:
        """Note what a task is about to add to the inventory; tell whether that is a change.

        What the same `occasion`, a task, has planned before counts as if it were there.
        """

    def scope_of(self, host: str) -> Scope:
        """Return a host's scope without the variables of play, role, block and task."""

    def warn(self, message: str, span: Span | None = None) -> None:
        """Take a warning to be reported; a text may give the same one many times."""


class NoWorld:
    """The world of a text that is rendered outside a run: no other hosts, warnings are kept."""

    merges_hashes = False

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def hosts(self) -> Sequence[str]:
        """Return no host."""
        return ()

    def groups(self) -> Mapping[str, Sequence[str]]:
        """Return no group."""
        return {}

    def match(self, _pattern: str) -> Sequence[str]:
        """Select nothing."""
        return ()

    def plan(self, _occasion: object, _addition: Addition) -> bool:
        """Know no host: everything is a change."""
        return True

    def scope_of(self, host: str) -> Scope:
        """Refuse: there is no other host."""
        raise KeyError(host)

    def warn(self, message: str, _span: Span | None = None) -> None:
        """Keep a warning."""
        self.warnings.append(message)
