"""The variables that an inventory gives a host, as shared layers: nothing is merged per host.

Besides the inventory's own text these are `group_vars/` and `host_vars/` beside the inventory and
beside the playbook: `NAME`, `NAME.yml`, `NAME.yaml` or `NAME.json`, the first that exists, where
`NAME` may be a directory of such files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from understudy.inventory.model import Group, Host, Inventory
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid
from understudy.values.load import load_vars_file
from understudy.values.texts import Value

_SUFFIXES = ("", ".yml", ".yaml", ".json")


class Layer(NamedTuple):
    """Variables of one origin; `level` is the origin's name in the order of precedence."""

    level: str
    values: Mapping[str, Value]


class HostVariables:
    """Gives the layers of hosts. Hosts in the same groups share the layers of their groups."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._beside: dict[tuple[str, str], _VarsDirectory] = {}
        self._of_groups: dict[tuple[tuple[Group, ...], str], tuple[Layer, ...]] = {}

    def of(self, host: Host, playbook_dir: str) -> tuple[Layer, ...]:
        """Return a host's layers, the strongest first, without empty ones.

        Every file is read once. Raise PlaybookInvalid for one that cannot be.
        """
        own = [
            *self._named("playbook_host_vars", "host_vars", [playbook_dir], [host.name]),
            *self._named("inventory_host_vars", "host_vars", self._sources(), [host.name]),
        ]
        if host.values:
            own.append(Layer("inventory_host", host.values))
        return *own, *self._group_layers(self._inventory.groups_of(host), playbook_dir)

    def of_inventory(self, host: Host, *, files: bool) -> tuple[Layer, ...]:
        """Return the layers while sources are read; with `files` those beside inventories too.

        Raise PlaybookInvalid for a file that cannot be read.
        """
        groups = self._inventory.ancestry(host)
        own = [Layer("inventory_host", host.values)]
        texts = [Layer("inventory_group", group.values) for group in reversed(groups)]
        if not files:
            return *own, *texts
        sources = self._sources()
        names = [group.name for group in reversed(groups)]
        beside_host = self._named("inventory_host_vars", "host_vars", sources, [host.name])
        beside_groups = self._named("inventory_group_vars", "group_vars", sources, names)
        return *beside_host, *own, *beside_groups, *texts

    def of_group(self, group: Group, playbook_dir: str) -> tuple[Layer, ...]:
        """Return a group's own layers, the strongest first; raise PlaybookInvalid."""
        places = [playbook_dir, *self._sources()]
        beside = self._named("group_vars", "group_vars", places, [group.name])
        own = [Layer("inventory_group", group.values)] if group.values else []
        return *beside, *own

    def _group_layers(self, groups: tuple[Group, ...], playbook_dir: str) -> tuple[Layer, ...]:
        key = groups, playbook_dir
        if key not in self._of_groups:
            self._of_groups[key] = tuple(self._make_group_layers(groups, playbook_dir))
        return self._of_groups[key]

    def _make_group_layers(self, groups: tuple[Group, ...], playbook_dir: str) -> Iterator[Layer]:
        names = [group.name for group in reversed(groups) if group.name != "all"]
        sources = self._sources()
        yield from self._named("playbook_group_vars", "group_vars", [playbook_dir], names)
        yield from self._named("inventory_group_vars", "group_vars", sources, names)
        yield from self._named("playbook_group_all", "group_vars", [playbook_dir], ["all"])
        yield from self._named("inventory_group_all", "group_vars", sources, ["all"])
        for group in reversed(groups):
            if group.values:
                yield Layer("inventory_group", group.values)

    def _sources(self) -> list[str]:
        return list(reversed(self._inventory.directories))

    def _named(
        self, level: str, kind: str, directories: Iterable[str], names: Iterable[str]
    ) -> Iterator[Layer]:
        names = list(names)
        for directory in directories:
            beside = self._beside.get((directory, kind))
            if beside is None:
                beside = _VarsDirectory(Path(directory, kind), self._inventory.warnings)
                self._beside[directory, kind] = beside
            for name in names:
                if values := beside.values_of(name):
                    yield Layer(level, values)


class _VarsDirectory:
    """One `group_vars/` or `host_vars/`, listed once; each file is read on first use."""

    def __init__(self, path: Path, warnings: list[Diagnostic]) -> None:
        self._warnings = warnings
        self._paths = {entry.name: entry for entry in _entries(path)} if path.is_dir() else {}
        self._values: dict[str, Mapping[str, Value]] = {}

    def values_of(self, name: str) -> Mapping[str, Value]:
        if not self._paths:
            return {}
        if name not in self._values:
            found = (self._paths[name + end] for end in _SUFFIXES if name + end in self._paths)
            path = next(found, None)
            self._values[name] = self._load(path) if path else {}
        return self._values[name]

    def _load(self, path: Path) -> Mapping[str, Value]:
        if not path.is_dir():
            return load_vars_file(path, self._warnings.append)
        values: dict[str, Value] = {}
        for inner in _entries(path):
            if not inner.name.startswith(".") and (inner.is_dir() or inner.suffix in _SUFFIXES):
                values.update(self._load(inner))
        return values


def _entries(directory: Path) -> list[Path]:
    try:
        return sorted(directory.iterdir())
    except OSError as error:
        message = f"cannot read the directory `{directory}`: {error.strerror}"
        raise PlaybookInvalid([Diagnostic(code="unreadable-file", message=message)]) from None
