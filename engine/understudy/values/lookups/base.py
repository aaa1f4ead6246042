"""What a lookup is given, and what it says of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from understudy.values.lazy import finalise
from understudy.values.missing import NOTHING
from understudy.values.scope import Rendering
from understudy.values.texts import Value


@dataclass(frozen=True, slots=True)
class Request:
    """One call of a lookup: its terms, its options, and the rendering it stands in."""

    terms: Sequence[Value]
    rendering: Rendering
    options: Mapping[str, Value] = field(default_factory=dict)

    def variable(self, name: str) -> Value:
        """Return a variable as plain data, or NOTHING."""
        value = self.rendering.resolve(name)
        return value if value is NOTHING else finalise(value)

    def find(self, folder: str, name: str) -> Path | None:
        """Return the file of this name in `folder`, or beside it, on the search path."""
        path = Path(name).expanduser()
        places = [base / part / path for base in self.search_path() for part in (folder, "")]
        return next((place for place in places if place.exists()), None)

    def search_path(self) -> list[Path]:
        """Return the directories that relative names are looked up in."""
        found = self.variable("ansible_search_path")
        if isinstance(found, list) and found:
            return [Path(str(directory)) for directory in found]
        known = [self.variable(name) for name in ("role_path", "playbook_dir")]
        return [Path(str(directory)) for directory in known if isinstance(directory, str)] or [
            Path.cwd()
        ]


Run: TypeAlias = Callable[[Request], list[Value]]


@dataclass(frozen=True, slots=True)
class Lookup:
    """A lookup: `does_io` is true when it may block, so that it never runs on the event loop."""

    run: Run
    does_io: bool = False
