"""What names mean at one place on the way through a playbook."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from understudy.check.flow.visits import Registered, Source, Unclear, Visit

Sources: TypeAlias = frozenset[Source]
Trail: TypeAlias = Iterable[tuple[str, Sources]]
"""Names with what has given them, one after another."""

NOWHERE: Sources = frozenset({Unclear.NOWHERE})
ANYWHERE: Sources = frozenset({Unclear.ANYWHERE})


@dataclass(slots=True)
class State:
    """What holds at one place on the way."""

    names: dict[str, Sources] = field(default_factory=dict)
    jobs: frozenset[Registered] = frozenset()
    opened: int = 0
    """How often something came before that cannot be looked into: it may have done anything."""
    more_names: bool = False
    """Whether something before may have given further variables, though no results of tasks."""
    dead: Visit | None = None
    """What ended the way on every path to here."""

    @property
    def is_open(self) -> bool:
        """Whether a name that nothing gave may have been given."""
        return self.opened > 0 or self.more_names

    @property
    def missing(self) -> Sources:
        """What can have given a name that no task gave."""
        return ANYWHERE if self.is_open else NOWHERE

    def open(self) -> None:
        """Note that anything may have been done here, to every name."""
        self.opened += 1
        for name, sources in self.names.items():
            if Unclear.ANYWHERE not in sources:
                self.names[name] = sources | ANYWHERE

    def copy(self) -> State:
        """Return a state that goes its own way from here."""
        return replace(self, names=dict(self.names))

    def sources(self, name: str) -> Sources:
        """Return what can have given a name."""
        return self.names.get(name) or self.missing

    def joined(self, other: State, changed: Iterable[str] | None = None) -> State:
        """Return what holds where this way and another meet.

        `changed` names what differs at most, if both began as one and that is known.
        """
        if self.dead or other.dead:
            return self.copy() if other.dead and not self.dead else other.copy()
        if changed is None or self.opened != other.opened:
            changed = self.names.keys() | other.names.keys()
        names = dict(other.names)
        for name in changed:
            mine, theirs = self.names.get(name), names.get(name)
            if mine is not theirs:
                names[name] = (mine or self.missing) | (theirs or other.missing)
        return State(
            names,
            self.jobs | other.jobs,
            max(self.opened, other.opened),
            self.more_names or other.more_names,
        )

    def failed_within(self, after: State, trail: Trail) -> State:
        """Return what holds where a body failed that began with this: it may be anywhere in it."""
        met = self.copy()
        met.jobs |= after.jobs
        met.more_names |= after.more_names
        for name, sources in trail:
            met.names[name] = met.sources(name) | sources
        if after.opened > self.opened:
            met.open()
        return met


def all_of(ways: list[State], changed: Collection[str]) -> State:
    """Return what holds where several ways meet that began as one."""
    met = ways[0]
    for way in ways[1:]:
        met = met.joined(way, changed)
    return met
