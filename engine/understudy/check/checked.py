"""What comes of a check, and of each of its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from understudy.text.diagnostic import Diagnostic
from understudy.text.source import Source


@dataclass(slots=True)
class Checked:
    """What a check found. `unchecked` says which files could not be looked at, and why."""

    findings: list[Diagnostic] = field(default_factory=list)
    unchecked: list[Diagnostic] = field(default_factory=list)
    files: set[Path] = field(default_factory=set)
    """The absolute path of every file that was read."""
    sources: dict[str, Source] = field(default_factory=dict)
    """The texts of these files by the names that findings give them."""
    hidden: Mapping[str, int] = field(default_factory=dict)
    """How many findings were not told, by reason."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found in one part, and the absolute path of each file that it asked for."""

    findings: tuple[Diagnostic, ...]
    asked: frozenset[Path]
    """Also of those that are not there."""


class Recall(Protocol):
    """Knows what came of parts that have not changed since."""

    def recall(self, part: str) -> Outcome | None:
        """Return what came of a part, if it still holds."""
        ...

    def learn(self, part: str, outcome: Outcome) -> None:
        """Take in what came of a part."""


class NoRecall:
    """Knows nothing."""

    def recall(self, part: str) -> Outcome | None:
        """Return nothing."""
        del part
        return None

    def learn(self, part: str, outcome: Outcome) -> None:
        """Forget it at once."""
