"""Inventories in the form that programs and `ansible-inventory --list` print."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from understudy.inventory.model import Inventory
from understudy.inventory.read import read_inventory
from understudy.inventory.show import Shown
from understudy.inventory.variables import HostVariables
from understudy.values.texts import Template, Value, VaultText

LISTING = {
    "_meta": {
        "hostvars": {
            "h1": {
                "template": "{{ x }}",
                "unsafe": {"__ansible_unsafe": "{{ x }}"},
                "locked": {"__ansible_vault": "$ANSIBLE_VAULT;1.1;AES256\n00\n"},
                "deep": [{"a": "{{ x }}"}],
            }
        },
        "profile": "inventory_legacy",
    },
    "all": {"children": ["ungrouped", "g"]},
    "g": {"hosts": ["h1", "h2"], "vars": {"v": "{{ h }}", "ansible_group_priority": 5}},
    "alone": {"x": "{{ y }}"},
}


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _read(listing: object) -> Inventory:
    Path("hosts.json").write_text(json.dumps(listing))
    return read_inventory(["hosts.json"])


def _said(listing: object) -> str:
    return _read(listing).warnings[0].message


def test_a_file_of_json_is_an_inventory() -> None:
    """It need not be a program's; groups without hosts are hosts, as those of programs."""
    inventory = _read(LISTING)
    assert [host.name for host in inventory.hosts_of("g")] == ["h1", "h2"]
    assert list(inventory.groups["alone"].hosts) == ["alone"]


def test_texts_are_the_authors_but_for_those_that_say_not() -> None:
    """A text marked as unsafe is never a template, nor is one of a malformed group."""
    inventory = _read(LISTING)
    values = inventory.hosts["h1"].values
    assert isinstance(values["template"], Template)
    assert isinstance(values["deep"][0]["a"], Template)
    assert values["unsafe"] == "{{ x }}"
    assert isinstance(values["locked"], VaultText)
    assert isinstance(inventory.groups["g"].values["v"], Template)
    assert inventory.groups["alone"].values == {"x": "{{ y }}"}


def test_what_is_printed_can_be_read_again() -> None:
    """A host's text stays a host's text on the way."""

    def printed(inventory: Inventory) -> Value:
        names = list(inventory.hosts)
        return Shown(inventory, HostVariables(inventory), ".", names, export=True).as_list()

    first = printed(_read(LISTING))
    assert first["_meta"]["hostvars"]["h1"]["unsafe"] == {"__ansible_unsafe": "{{ x }}"}
    assert printed(_read(first)) == first


def test_json_in_the_form_of_yaml_is_read_as_such() -> None:
    """Hosts and children are mappings there."""
    inventory = _read({"all": {"hosts": {"h": {"a": 1}}, "children": {"g": None}}})
    assert inventory.hosts["h"].values == {"a": 1}


@pytest.mark.parametrize(
    ("listing", "said"),
    [
        ({"_meta": {"hostvars": []}}, "`_meta.hostvars` is not a mapping but []"),
        ({"_meta": {"profile": 1}}, "`_meta.profile` is not `inventory_legacy` but 1"),
        ({"_meta": {}, "g": ["h"]}, "`_meta` has no `hostvars`"),
        ({"k": ["h"], "g": 5}, "`g` is not a mapping but 5"),
        ({"_meta": {}, "g": {"hosts": [None]}}, "`g.hosts` is not a list of names but [null]"),
        ({"_meta": {}, "g": {"hosts": [""]}}, '`g.hosts` is not a list of names but [""]'),
        ({"_meta": {}, "g": {"hosts": None}}, "`g.hosts` is not a list of names but null"),
        ({"k": ["h"], "": {}}, "a group has no name"),
        ({"g": ["h"], "l": {"vars": [1]}}, "`l.vars` is not a mapping but [1]"),
        ({"g": {"children": ["g"]}}, "group `g` would contain itself by way of `g`"),
        ({"_meta": {"hostvars": {"h": 5}}, "g": ["h"]}, "`the variables of host h` is not a map"),
    ],
)
def test_a_wrong_listing_is_refused(listing: object, said: str) -> None:
    """The message names the key."""
    assert _said(listing).startswith(f"the inventory `hosts.json` cannot be used: {said}")


def test_an_empty_unsafe_text_is_a_text() -> None:
    """Also among the variables of a group that is not written as one."""
    inventory = _read({"_meta": {"hostvars": {}}, "alone": {"x": {"__ansible_unsafe": ""}}})
    assert inventory.groups["alone"].values == {"x": ""}
