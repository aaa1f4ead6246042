"""Inventories that a check reads: a long range costs it neither memory nor time without bound."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from understudy.inventory.model import Host, Inventory
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid, Severity
from understudy.text.source import Span

_ENOUGH = 10_000
"""Hosts: an inventory of a million takes half a gigabyte, and its form is told by the first."""


TOO_MANY = "too-many-hosts"
MOST_HOSTS = 100_000
"""How often hosts may be named in what a check asks for the variables of hosts."""


class Sketch(Inventory):
    """An inventory that is looked at for its mistakes, and stops growing."""

    def wanted(self, names: Iterable[str]) -> Iterable[str]:
        """Return the first host of a range: what is wrong with one is wrong with each."""
        return islice(names, 1)

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


class Bounded(Inventory):
    """An inventory that refuses to become too large: what it is asked for is not known then."""

    _asked = 0

    def host(self, name: str, source: str | None = None, span: Span | None = None) -> Host:
        """Return a host. Raise PlaybookInvalid if hosts have been named too often."""
        self._asked += 1
        if self._asked > MOST_HOSTS:
            raise PlaybookInvalid([_too_many(source)])
        return super().host(name, source, span)

    def scratch(self) -> Inventory:
        """Return an empty one that shares the warnings with this one, and counts on."""
        other = Bounded(merges_hashes=self.merges_hashes, replaces_names=self.replaces_names)
        other.warnings, other._asked = self.warnings, self._asked
        return other


def _too_many(source: str | None) -> Diagnostic:
    where = f"`{source}`" if source else "an inventory"
    return Diagnostic(
        code=TOO_MANY,
        message=f"the hosts of {where} are not looked at: it names more than {MOST_HOSTS:,}",
        severity=Severity.INFO,
        notes=("what their variables are, and how many hosts wait, is not known to any rule",),
    )
