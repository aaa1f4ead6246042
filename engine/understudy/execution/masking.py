"""Secrets: known texts are replaced in everything that leaves the core."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MASK = "********"
CENSORED = (
    "the output has been hidden due to the fact that 'no_log: true' was specified for this result"
)
_SHORTEST = 4
_KEPT = ("failed", "skipped", "attempts")


@dataclass(slots=True)
class Secrets:
    """The secret texts of a run. Shorter than four characters they would mask too much."""

    opened: set[str] = field(default_factory=set)
    """Texts that become secret while the run goes on, as vaults are opened."""
    _texts: set[str] = field(default_factory=set)
    _known: int = 0
    _pattern: re.Pattern[str] | None = None

    def add(self, value: Any) -> None:
        """Take in every text of a secret value."""
        before = len(self._texts)
        self._texts.update(t for t in _texts_of(value) if len(t) >= _SHORTEST)
        if len(self._texts) != before:
            longest_first = sorted(self._texts, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def masked(self, value: Any) -> Any:
        """Return a value with every secret in it replaced; the value itself when there is none."""
        if len(self.opened) != self._known:
            self._known = len(self.opened)
            self.add(list(self.opened))
        if self._pattern is None:
            return value
        return _replace(value, self._pattern)


def _texts_of(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for item in value.values() for text in _texts_of(item)]
    if isinstance(value, (list, tuple)):
        return [text for item in value for text in _texts_of(item)]
    return [str(value)] if isinstance(value, (int, float)) and not isinstance(value, bool) else []


def _replace(value: Any, pattern: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return pattern.sub(MASK, value)
    if isinstance(value, Mapping):
        return {_replace(key, pattern): _replace(item, pattern) for key, item in value.items()}
    if isinstance(value, list):
        return [_replace(item, pattern) for item in value]
    return value


def censored(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return what may be shown of the result of a `no_log` task."""
    shown: dict[str, Any] = {"censored": CENSORED, "changed": result.get("changed", False)}
    return shown | {key: result[key] for key in _KEPT if result.get(key)}
