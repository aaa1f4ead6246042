"""An inventory as data and as a tree, in the forms that `ansible-inventory` prints."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from understudy.inventory.model import PRIORITY, Group, Host, Inventory
from understudy.inventory.variables import HostVariables, Layer
from understudy.values.texts import Authored, Template, Value, VaultText

Data = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Shown:
    """What of an inventory is shown. With `export` variables stay with what has them."""

    inventory: Inventory
    variables: HostVariables
    playbook_dir: str
    hosts: Collection[str]
    """The names of the hosts to show."""
    extra_vars: Mapping[str, Value] = field(default_factory=dict)
    """What hosts see above everything else, but for `export`."""
    export: bool = False

    def host_vars(self, host: Host) -> Data:
        """Return the variables of a host: all that it sees, or with `export` its own."""
        layers = (Layer("extra", self.extra_vars), *self.variables.of(host, self.playbook_dir))
        if self.export:
            layers = tuple(
                layer for layer in layers if layer.level.endswith(("host_vars", "_host"))
            )
        return _merged(layers)

    def group_vars(self, group: Group) -> Data:
        """Return a group's own variables, and its priority if it says one."""
        values = _merged(self.variables.of_group(group, self.playbook_dir))
        if group.name in self.inventory.priorities:
            values[PRIORITY] = self.inventory.priorities[group.name]
        return values

    def as_list(self) -> Data:
        """Return the groups, and the variables of hosts under `_meta`."""
        known = {name: self.host_vars(self.inventory.hosts[name]) for name in self.hosts}
        hostvars = {name: _marked(values) for name, values in known.items() if values}
        shown: Data = {"_meta": {"hostvars": hostvars, "profile": "inventory_legacy"}}
        for name, group in self.inventory.groups.items():
            described = self._described(group)
            if described:
                shown[name] = described
        return shown

    def _described(self, group: Group) -> Data:
        described: Data = {}
        if group.children:
            described["children"] = list(group.children)
        hosts = self._hosts_of(group)
        if hosts:
            described["hosts"] = hosts
        if self.export and (values := self.group_vars(group)):
            described["vars"] = _marked(values)
        return described

    def _hosts_of(self, group: Group) -> list[str]:
        own = [] if group.name == "all" else group.hosts
        return [name for name in own if name in self.hosts]

    def as_tree(self) -> Data:
        """Return the groups nested from `all`, as a YAML inventory has them."""
        return {"all": self._nested(self.inventory.groups["all"], set())}

    def _nested(self, group: Group, seen: set[str]) -> Data:
        nested: Data = {}
        for name in group.children:
            child = self._nested(self.inventory.groups[name], seen)
            if child:
                nested.setdefault("children", {})[name] = child
        hosts: Data = {}
        for name in self._hosts_of(group):
            hosts[name] = {} if name in seen else self.host_vars(self.inventory.hosts[name])
            seen.add(name)
        if hosts:
            nested["hosts"] = hosts
        if self.export and (values := self.group_vars(group)):
            nested["vars"] = values
        return nested

    def graph(self, start: str, *, with_vars: bool) -> str:
        """Return the tree below a group, one line each."""
        return "\n".join(self._branch(self.inventory.groups[start], 0, with_vars=with_vars))

    def _branch(self, group: Group, depth: int, *, with_vars: bool) -> Iterator[str]:
        yield _line(f"@{group.name}:", depth)
        for name in group.children:
            yield from self._branch(self.inventory.groups[name], depth + 1, with_vars=with_vars)
        for name in self._hosts_of(group):
            yield _line(name, depth + 1)
            if with_vars:
                yield from _pairs(self.host_vars(self.inventory.hosts[name]), depth + 2)
        if with_vars:
            yield from _pairs(self.group_vars(group), depth + 1)


def _merged(layers: Iterable[Layer]) -> Data:
    """Return what layers give, the strongest first among them, templates as their texts."""
    merged: Data = {}
    for layer in layers:
        for name, value in layer.values.items():
            merged.setdefault(name, _written(value))
    return merged


def _marked(value: Value) -> Value:
    """Return what a listing holds: a text that is no author's says that it is no template."""
    if isinstance(value, Mapping):
        return {key: _marked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_marked(item) for item in value]
    return {"__ansible_unsafe": value} if type(value) is str else value


def _written(value: Value) -> Value:
    if isinstance(value, Template):
        return Authored(value.text)
    if isinstance(value, VaultText):
        return {"__ansible_vault": Authored(value.ciphertext)}
    if isinstance(value, Mapping):
        return {key: _written(item) for key, item in value.items()}
    return [_written(item) for item in value] if isinstance(value, list) else value


def _line(text: str, depth: int) -> str:
    return f"{'  |' * depth}--{text}" if depth else text


def _pairs(values: Data, depth: int) -> Iterator[str]:
    for name in sorted(values):
        yield _line(f"{{{name} = {values[name]}}}", depth)
