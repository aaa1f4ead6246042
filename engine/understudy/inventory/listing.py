"""What programs answer to `--list`, and `ansible-inventory --list` prints: groups by name, in JSON.

It is the author's text: values with templates are rendered like those of any other form, but for
those that say `__ansible_unsafe`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from understudy.inventory.model import GroupLoop, Inventory
from understudy.values.load import text
from understudy.values.texts import Value, VaultText

_GROUP_KEYS = {"hosts", "children", "vars"}
_PROFILE = "inventory_legacy"
AskEach = Callable[[list[str]], Mapping[str, Value]]


class NotAListing(ValueError):  # noqa: N818 (names what is so)
    """Data that is not in this form; the message says what is wrong."""


def is_listing(data: Value) -> bool:
    """Tell whether data is in this form and not in that of a YAML inventory."""
    if not isinstance(data, dict):
        return False
    return isinstance(data.get("_meta"), dict) or any(map(_has_lists, data.values()))


def read_listing(data: Value, source: str, inventory: Inventory, ask_each: AskEach) -> None:
    """Add the groups and hosts of a listing. Raise NotAListing.

    `ask_each` gives the variables of hosts, if there are none under `_meta`.
    """
    groups = dict(_mapping(data, "the answer"))
    meta = _mapping(groups.pop("_meta", {}), "_meta")
    _check_profile(meta.get("profile", _PROFILE))
    reader = _Reader(source, inventory)
    names = [name for group, content in groups.items() for name in reader.add(group, content)]
    if "hostvars" in meta:
        values = _mapping(meta["hostvars"], "_meta.hostvars")
    elif "_meta" in data:
        raise NotAListing("`_meta` has no `hostvars`")
    else:
        values = ask_each(list(dict.fromkeys(names)))
    for name, of_host in values.items():
        if name in inventory.hosts:
            mapping = _mapping(of_host, f"the variables of host {name}")
            inventory.give(inventory.hosts[name], _authored(mapping))


@dataclass(frozen=True, slots=True)
class _Reader:
    source: str
    inventory: Inventory

    def add(self, name: str, data: Value) -> Iterator[str]:
        """Add a group and yield the names of its hosts."""
        if not name:
            raise NotAListing("a group has no name")
        group = self.inventory.group(name)
        data = _mapping({"hosts": data} if isinstance(data, list) else data, name)
        if _GROUP_KEYS & data.keys():
            values = _authored(_mapping(data.get("vars", {}), f"{name}.vars"))
        else:
            data, values = {"hosts": [name]}, _plain(data)
        self.inventory.give(group, values)
        for child in _list(data.get("children", []), f"{name}.children"):
            self._adopt(name, child)
        for host in _list(data.get("hosts", []), f"{name}.hosts"):
            self.inventory.enlist(host, name, self.source)
            yield host

    def _adopt(self, parent: str, child: str) -> None:
        try:
            self.inventory.add_child(parent, child)
        except GroupLoop as error:
            raise NotAListing(str(error)) from None


def _has_lists(group: Value) -> bool:
    if not isinstance(group, dict):
        return isinstance(group, list)
    return any(isinstance(group.get(key), list) for key in ("hosts", "children"))


def _check_profile(profile: Value) -> None:
    if profile != _PROFILE:
        raise NotAListing(f"`_meta.profile` is not `{_PROFILE}` but {_shown(profile)}")


def _authored(values: Mapping[str, Value]) -> dict[str, Value]:
    return {name: _value(value) for name, value in values.items()}


def _value(value: Value) -> Value:
    """Return a value as the author's; some mappings stand for a text of another kind."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, list):
        return [_value(one) for one in value]
    if not isinstance(value, dict):
        return value
    special = _special(value)
    return _authored(value) if special is None else special


def _special(value: dict[str, Value]) -> str | VaultText | None:
    (key, content), *others = value.items() or [("", None)]
    if others or not isinstance(content, str):
        return None
    if key == "__ansible_unsafe":
        return content
    return VaultText(content) if key == "__ansible_vault" else None


def _plain(value: Value) -> Value:
    """Return what is no author's: the variables of a group that is not written as one."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if not isinstance(value, dict):
        return value
    special = _special(value)
    return {name: _plain(one) for name, one in value.items()} if special is None else special


def _mapping(value: Value, what: str) -> Mapping[str, Value]:
    if isinstance(value, dict):
        return value
    raise NotAListing(f"`{what}` is not a mapping but {_shown(value)}")


def _list(value: Value, what: str) -> list[str]:
    if isinstance(value, list) and all(isinstance(one, str) and one for one in value):
        return value
    raise NotAListing(f"`{what}` is not a list of names but {_shown(value)}")


def _shown(value: Value) -> str:
    return json.dumps(value)[:60]
