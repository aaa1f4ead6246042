"""What lies around the playbooks of a project and gives variables to its hosts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The variables that hosts bring with them."""

    names: frozenset[str] = frozenset()
    """Those of inventories, group_vars and host_vars, and those announced for `-e`."""
    is_complete: bool = False
    """Whether an inventory is known, so that there are no others but by `-e`."""
