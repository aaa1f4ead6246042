"""Hosts, groups and who belongs to whom: what every form of inventory is read into.

A group's place in the order of variables follows from its depth: the longest way to it from `all`.
Of two groups of the same depth the higher `ansible_group_priority` wins, then the later name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Literal

from understudy.inventory.safe_names import is_safe, safe_name
from understudy.text.diagnostic import Diagnostic, Severity
from understudy.text.source import Span
from understudy.values.merging import merged_hashes
from understudy.values.texts import Template, Value

LOCALHOST = ("localhost", "127.0.0.1", "::1")
"""Names that stand for this machine although no inventory names them."""
PRIORITY = "ansible_group_priority"
"""The name of what looks like a variable of a group, and says where it stands among others."""


@dataclass(frozen=True, slots=True, eq=False)
class Host:
    """A host, its own variables as the inventory's text has them, and the groups it stands in."""

    name: str
    values: dict[str, Value] = field(default_factory=dict)
    groups: dict[str, None] = field(default_factory=dict)
    """Names of the groups that list it, in order; a dict for its order."""
    source: str | None = None
    """What first named it: a file, a host list, or None when a task added it."""
    span: Span | None = None

    @property
    def inventory_file(self) -> str | None:
        """The magic variable: the absolute path of the source, or the host list as written."""
        if self.source is None or "," in self.source:
            return self.source
        return str(Path(self.source).absolute())

    @property
    def inventory_dir(self) -> str | None:
        """The magic variable: the directory of the source, None without a file."""
        if self.source is None or "," in self.source:
            return None
        return str(Path(self.source).absolute().parent)


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """A group: the names of its own hosts, of its children and parents, and its variables."""

    name: str
    values: dict[str, Value] = field(default_factory=dict)
    hosts: dict[str, None] = field(default_factory=dict)
    children: dict[str, None] = field(default_factory=dict)
    parents: dict[str, None] = field(default_factory=dict)


class GroupLoop(ValueError):  # noqa: N818 (names what is so)
    """A group would become its own ancestor."""


class Inventory:
    """All hosts and groups of a run. It grows while it is read and by `add_host` and `group_by`."""

    def __init__(self, *, merges_hashes: bool = False, replaces_names: bool = False) -> None:
        self.merges_hashes = merges_hashes
        """`hash_behaviour = merge`: what a later source says is merged with what is there."""
        self.replaces_names = replaces_names
        """Whether letters that no variable's name may have are replaced in names of groups."""
        self.odd_names: dict[str, None] = {}
        """Names of groups as they were written, that have such letters."""
        self.hosts: dict[str, Host] = {}
        self.groups: dict[str, Group] = {"all": Group("all"), "ungrouped": Group("ungrouped")}
        self.directories: dict[str, None] = {}
        """Where `group_vars/` and `host_vars/` are looked for, in the order of the sources."""
        self.warnings: list[Diagnostic] = []
        self._implicit: dict[str, Host] = {}
        self._merge_order: dict[tuple[str, ...], tuple[Group, ...]] = {}
        self._depths: dict[str, int] = {}
        self.priorities: dict[str, int] = {}
        """Groups that do not have the usual one, 1."""
        self._members: dict[str, tuple[Host, ...]] = {}
        self._settled: dict[str, None] = {}
        self.add_child("all", "ungrouped")

    def scratch(self) -> Inventory:
        """Return an empty inventory that shares the warnings with this one."""
        other = Inventory(merges_hashes=self.merges_hashes, replaces_names=self.replaces_names)
        other.warnings = self.warnings
        return other

    def group(self, name: str) -> Group:
        """Return a group; make it when it is new."""
        found = self.groups.get(name)
        return self._named(name) if found is None else found

    def _named(self, name: str) -> Group:
        if not is_safe(name):
            self.odd_names[name] = None
        kept = self.kept_name(name)
        return self.groups.setdefault(kept, Group(kept))

    def kept_name(self, name: str) -> str:
        """Return the name under which a group is kept, whether there is one or not."""
        return safe_name(name) if self.replaces_names else name

    def wanted(self, names: Iterable[str]) -> Iterable[str]:
        """Return those of a range's hosts that are to be in it: all of them."""
        return names

    def host(self, name: str, source: str | None = None, span: Span | None = None) -> Host:
        """Return a host; make it when it is new."""
        if name not in self.hosts:
            self.hosts[name] = Host(name, source=source, span=span)
        return self.hosts[name]

    def add_child(self, parent: str, child: str) -> None:
        """Put a group under another. Raise GroupLoop."""
        upper, lower = self.group(parent), self.group(child)
        if upper.name in self._walk(lower.name, "children"):
            raise GroupLoop(f"group `{child}` would contain itself by way of `{parent}`")
        upper.children[lower.name] = None
        lower.parents[upper.name] = None
        self._forget_order()

    def _forget_order(self) -> None:
        self._merge_order.clear()
        self._depths.clear()
        self._members.clear()

    def enlist(
        self, name: str, group: str, source: str | None = None, span: Span | None = None
    ) -> Host:
        """Put a host, made when it is new, into a group and return it."""
        host = self.host(name, source, span)
        self._join(host, self.group(group))
        return host

    def _join(self, host: Host, group: Group) -> None:
        """Put a host into a group; an implicit localhost stays one, with its own variables."""
        group.hosts[host.name] = None
        host.groups[group.name] = None
        self._members.clear()

    def give(self, owner: Host | Group, values: Mapping[str, Value]) -> None:
        """Give a host or a group variables, above those that it has.

        `ansible_group_priority` of a group is none: it is taken out.
        """
        given = merged_hashes(owner.values, values) if self.merges_hashes else values
        owner.values.update(given)
        if isinstance(owner, Group):
            self._take_priority(owner)

    def settle(self) -> None:
        """Bring every parentless group under `all`, every groupless host into `ungrouped`."""
        for group in self.groups.values():
            self._settle_group(group)
        for host in self.hosts.values():
            self._settle_host(host)

    def add_host(self, name: str, groups: Sequence[str], values: Mapping[str, Value]) -> bool:
        """Add what the action `add_host` names; tell whether anything changed."""
        host = self.hosts.get(name)
        if host is not None and has_all(host, map(self.kept_name, groups), values):
            return False
        host = self.enlist(name, "all")
        self.give(host, values)
        for group in groups:
            self.enlist(name, group)
            self._settle_group(self.group(group))
        self._settle_host(host)
        return True

    def group_by(self, name: str, group: str, parents: Iterable[str]) -> bool:
        """Put a host into a group under `parents`; tell if anything changed. Raise GroupLoop."""
        target = self.group(group)
        new_parents = [one for one in map(self.group, parents) if one.name not in target.parents]
        host = self.find(name)
        if not new_parents and host is not None and target.name in host.groups:
            return False
        for parent in new_parents:
            self.add_child(parent.name, group)
            self._settle_group(parent)
        if host is None or host.name in self.hosts:
            host = self.enlist(name, group)
        else:
            self._join(host, target)
        self._settle_group(target)
        self._settle_host(host)
        return True

    def find(self, name: str) -> Host | None:
        """Return a host of the inventory by name, or the localhost that no inventory names.

        One that has been given out stays the same, whatever a task adds under another such name.
        """
        if name in self.hosts or name not in LOCALHOST:
            return self.hosts.get(name)
        if name in self._implicit:
            return self._implicit[name]
        for other in LOCALHOST:
            if other in self.hosts:
                return self.hosts[other]
        return self._implicit.setdefault(name, _implicit_localhost(name))

    def groups_of(self, host: Host) -> tuple[Group, ...]:
        """Return every group of a host, `all` first, in the order in which later ones win.

        Hosts that stand in the same groups get the very same tuple.
        """
        key = tuple(host.groups)
        if key not in self._merge_order:
            names = dict.fromkeys(chain(["all"], *(self._walk(name, "parents") for name in key)))
            self._merge_order[key] = tuple(
                sorted((self.groups[name] for name in names), key=self._rank)
            )
        return self._merge_order[key]

    def ancestry(self, host: Host) -> tuple[Group, ...]:
        """Return the groups of a host as `groups_of` does, `all` only if it is above them.

        While sources are read, nothing brings a group under `all` but its text.
        """
        groups = self.groups_of(host)
        if any("all" in self._walk(name, "parents") for name in host.groups):
            return groups
        return tuple(group for group in groups if group.name != "all")

    def group_names(self, host: Host) -> list[str]:
        """Return what `group_names` holds: the groups of a host but for `all`, sorted."""
        return sorted(group.name for group in self.groups_of(host) if group.name != "all")

    def hosts_of(self, group: str) -> tuple[Host, ...]:
        """Return the hosts of a group and of its descendants, nearest first.

        An implicit localhost may stand in a group, and is not one of `all`.
        """
        if group not in self._members:
            descendants = self._walk(group, "children")
            names = chain.from_iterable(self.groups[name].hosts for name in descendants)
            others = {} if group == "all" else self._implicit
            found = (self.hosts.get(name, others.get(name)) for name in dict.fromkeys(names))
            self._members[group] = tuple(host for host in found if host is not None)
        return self._members[group]

    def _settle_group(self, group: Group) -> None:
        """Bring a group under `all` as long as it has no other parent."""
        if group.name != "all" and not group.parents:
            self.add_child("all", group.name)
            self._settled[group.name] = None
        elif len(group.parents) > 1 and group.name in self._settled:
            del self._settled[group.name], group.parents["all"]
            del self.groups["all"].children[group.name]
            self._forget_order()

    def _take_priority(self, group: Group) -> None:
        value = group.values.pop(PRIORITY, None)
        if value is None:
            return
        try:
            self.priorities[group.name] = int(value)
            self._merge_order.clear()
        except (TypeError, ValueError):
            message = f"`{PRIORITY}` of group `{group.name}` is not a whole number"
            span = getattr(value, "span", None)
            self.warnings.append(
                Diagnostic(
                    code="group-priority", message=message, span=span, severity=Severity.WARNING
                )
            )

    def _settle_host(self, host: Host) -> None:
        others = host.groups.keys() - {"all", "ungrouped"}
        if not others and "ungrouped" not in host.groups:
            self.enlist(host.name, "ungrouped")
        elif others and "ungrouped" in host.groups:
            del host.groups["ungrouped"], self.groups["ungrouped"].hosts[host.name]
            self._members.clear()

    def _rank(self, group: Group) -> tuple[int, int, str]:
        if not self._depths:
            self._depths.update(self._all_depths())
        return self._depths[group.name], self.priorities.get(group.name, 1), group.name

    def _all_depths(self) -> dict[str, int]:
        """Give every group one more than its deepest parent, parents before children."""
        depths: dict[str, int] = dict.fromkeys(self.groups, 0)
        parents_left = {name: len(group.parents) for name, group in self.groups.items()}
        ready = [name for name, left in parents_left.items() if not left]
        for name in ready:
            for child in self.groups[name].children:
                depths[child] = max(depths[child], depths[name] + 1)
                parents_left[child] -= 1
                if not parents_left[child]:
                    ready.append(child)
        return depths

    def _walk(self, start: str, way: Literal["parents", "children"]) -> Iterator[str]:
        """Yield a group and all that lies along `way`, nearest first, each once."""
        seen = {start}
        layer = [start]
        while layer:
            yield from layer
            relatives = chain.from_iterable(getattr(self.groups[name], way) for name in layer)
            layer = [name for name in dict.fromkeys(relatives) if name not in seen]
            seen.update(layer)


def has_all(host: Host, groups: Iterable[str], values: Mapping[str, Value]) -> bool:
    """Tell whether a host is in groups and has values."""
    same = all(key in host.values and host.values[key] == values[key] for key in values)
    return same and all(group in host.groups for group in groups)


def _implicit_localhost(name: str) -> Host:
    python = Template("{{ ansible_playbook_python }}")
    return Host(name, {"ansible_connection": "local", "ansible_python_interpreter": python})
