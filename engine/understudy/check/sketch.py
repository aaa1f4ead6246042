"""An inventory that is only looked at for its mistakes: most hosts of a long range are left out."""

from __future__ import annotations

from understudy.inventory.model import Host, Inventory
from understudy.text.source import Span

_ENOUGH = 10_000
"""Hosts: an inventory of a million takes half a gigabyte, and its form is told by the first."""


class Sketch(Inventory):
    """An inventory that stops growing."""

    def enlist(
        self, name: str, group: str, source: str | None = None, span: Span | None = None
    ) -> Host:
        """Put a host into a group; one that is too many is taken for the first of all."""
        is_new = name not in self.hosts
        first = next(iter(self.hosts)) if is_new and len(self.hosts) >= _ENOUGH else name
        return super().enlist(first, group, source, span)

    def scratch(self) -> Inventory:
        """Return an empty sketch that shares the warnings with this one."""
        other = Sketch(merges_hashes=self.merges_hashes, replaces_names=self.replaces_names)
        other.warnings = self.warnings
        return other
