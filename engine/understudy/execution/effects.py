"""What a task asks of the run itself, beyond its result: the strategy carries these out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from understudy.values.texts import Value


@dataclass(frozen=True, slots=True)
class Include:
    """Insert the tasks of a file or a role at the cursor, with variables of the loop's item."""

    name: str
    args: Mapping[str, Value] = field(default_factory=dict)
    """The arguments of the include, finalised."""
    vars: Mapping[str, Value] = field(default_factory=dict)
    label: Value = None


@dataclass(frozen=True, slots=True)
class AddHost:
    """Add a host to the inventory, or variables to a host."""

    name: str
    groups: tuple[str, ...]
    vars: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class AddToGroup:
    """Put the task's host into a group, with its parents."""

    group: str
    parents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Meta:
    """`meta: <kind>`, when its conditions hold."""

    kind: str


@dataclass(frozen=True, slots=True)
class Stats:
    """Take in figures of the author's own."""

    data: Mapping[str, Value]
    per_host: bool = False
    aggregate: bool = True


Effect: TypeAlias = Include | AddHost | AddToGroup | Meta | Stats
