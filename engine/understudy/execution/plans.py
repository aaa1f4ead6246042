"""What `add_host` and `group_by` are about to add to the inventory, before it is added.

The inventory changes when a task has ended on all hosts. Whether a host or an item of a loop
changes anything is asked before; what others of the task have planned then counts as there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from understudy.inventory.model import Host, Inventory, has_all
from understudy.values.world import Addition


@dataclass(slots=True)
class Plans:
    """The plans of one occasion, a task."""

    occasion: object = None
    _hosts: dict[str, Host] = field(default_factory=dict)
    _parents: dict[str, set[str]] = field(default_factory=dict)

    def add(self, inventory: Inventory, addition: Addition) -> bool:
        """Note what is to be added; tell whether it changes anything."""
        groups = [inventory.kept_name(name) for name in addition.groups]
        known = self._hosts.get(addition.host) or inventory.find(addition.host)
        same = known is not None and has_all(known, groups, addition.values)
        known = known or Host(addition.host)
        self._hosts[addition.host] = Host(
            addition.host,
            {**known.values, **addition.values},
            {**known.groups, **dict.fromkeys(groups)},
        )
        adopted = [self._adopt(inventory, name, addition.parents) for name in groups]
        return not same or any(adopted)

    def _adopt(self, inventory: Inventory, group: str, parents: Iterable[str]) -> bool:
        """Note the parents of a group; tell whether any is new."""
        there = inventory.groups.get(group)
        known = self._parents.setdefault(group, set(there.parents if there else ()))
        new = {inventory.kept_name(parent) for parent in parents} - known
        known |= new
        return bool(new)
