"""What `set_stats` has gathered: replaced, or added up as Ansible does."""

from __future__ import annotations

from dataclasses import dataclass, field

from understudy.execution.effects import Stats
from understudy.values.texts import Value

RUN = "_run"
"""Whose figures are those of the whole run."""


@dataclass(slots=True)
class CustomStats:
    """Figures by host; those of the run stand under RUN."""

    of: dict[str, dict[str, Value]] = field(default_factory=dict)

    def add(self, host: str, stats: Stats) -> None:
        """Take in what one host has set."""
        own = self.of.setdefault(host if stats.per_host else RUN, {})
        for name, value in stats.data.items():
            own[name] = _sum(own[name], value) if stats.aggregate and name in own else value


def _sum(known: Value, value: Value) -> Value:
    """Return numbers added, texts and lists joined, mappings merged; unlike kinds are left."""
    if isinstance(known, str) and isinstance(value, str):
        return known + value
    if type(known) is not type(value):
        return known
    if isinstance(known, dict):
        return {**known, **value}
    try:
        return known + value
    except TypeError:
        return known
