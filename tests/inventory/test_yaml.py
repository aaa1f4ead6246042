"""The YAML form of an inventory."""

from __future__ import annotations

import pytest

from understudy.inventory.model import Inventory
from understudy.inventory.yaml import looks_like_yaml, read_groups
from understudy.text.diagnostic import PlaybookInvalid
from understudy.text.document import parse_document
from understudy.text.source import Source
from understudy.values.texts import Template

EXAMPLE = """\
all:
  hosts:
    h[1:2]:
    h3: {a: 1}
    "h4:2222":
  vars: {x: "{{ a }}"}
  children:
    g1:
      hosts: h5
    g2:
    g3:
      hosts: {h1: null, "h[7:8]": {q: 1}}
      children:
        g4: null
      vars:
other:
  hosts: {o1: null}
"""


def _read(text: str) -> Inventory:
    inventory = Inventory()
    source = Source("hosts.yml", text)
    read_groups(parse_document(source, inventory.warnings.append), source, inventory)
    inventory.settle()
    return inventory


def test_hosts_vars_and_children_nest() -> None:
    """Null forms stand for nothing, a lone name for one host, ranges for many."""
    inventory = _read(EXAMPLE)
    members = {name: [host.name for host in inventory.hosts_of(name)] for name in inventory.groups}
    assert members["all"] == ["h1", "h2", "h3", "h4", "h5", "h7", "h8", "o1"]
    assert members["ungrouped"] == ["h2", "h3", "h4"]
    assert members["g3"] == ["h1", "h7", "h8"]
    assert list(inventory.groups["all"].children) == ["ungrouped", "g1", "g2", "g3", "other"]
    assert inventory.hosts["h8"].values == {"q": 1}
    assert inventory.hosts["h4"].values == {"ansible_port": 2222}
    assert isinstance(inventory.groups["all"].values["x"], Template)


@pytest.mark.parametrize("text", ["", "---\n", "# nothing\n"])
def test_an_empty_file_names_nothing(text: str) -> None:
    """It is no error, as in Ansible."""
    assert _read(text).hosts == {}


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("all:\n  hosts: [a]\n", "2:10", "`hosts` must be a mapping"),
        ("g:\n  children: [a]\n", "2:13", "`children` must be a mapping"),
        ("- a\n", "1:1", "a YAML inventory is a mapping of groups, for example `all:`"),
        ("all:\n  vars: [1]\n", "2:9", "the variables of `all` must be a mapping"),
        (
            "a: {children: {k: x}}\n",
            "1:19",
            "group `k` must be a mapping with `children`, `hosts`, `vars`",
        ),
        ('"": {hosts: {h: }}\n', "1:1", "a group has no name"),
        ('g: {hosts: {"": }}\n', "1:13", "a host has no name"),
        ("g:\n  hosts: {a: 1}\n", "2:14", "the variables of host `a` must be a mapping"),
        ("1:\n  hosts:\n", "1:1", "the group name `1` is not a text"),
        (
            "g:\n  hosts:\n    2:\n",
            "3:5",
            "Host pattern 2 must be a string; YAML takes it for a number",
        ),
        (
            "g:\n  hosts:\n    h[2:1]:\n",
            "3:5",
            "the range `[2:1]` is empty: it ends before it begins",
        ),
        (
            "a:\n  children:\n    b:\n      children:\n        a:\n",
            "5:9",
            "group `a` would contain itself by way of `b`",
        ),
    ],
)
def test_a_wrong_form_is_a_finding_with_its_place(text: str, place: str, message: str) -> None:
    """Line and column of what is wrong."""
    with pytest.raises(PlaybookInvalid) as raised:
        _read(text)
    finding = raised.value.diagnostics[0]
    assert (str(finding.span), finding.message) == (f"hosts.yml:{place}", message)


def test_an_unknown_key_of_a_group_is_warned_about() -> None:
    """Ansible skips it with a warning, so does this, with the key that was meant."""
    inventory = _read("all:\n  hostz: {a: null}\n")
    assert [warning.help for warning in inventory.warnings] == ["did you mean `hosts`?"]
    assert inventory.hosts == {}


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("---\nall:\n", True),
        ("# c\nall:\n  hosts:\n", True),
        ("{}\n", True),
        ('{"all": {}}', True),
        ("[web]\nh\n", False),
        ("web1 a=b\n", False),
        ("web1:22\n", False),
        ("", False),
    ],
)
def test_a_file_without_suffix_is_judged_by_its_first_line(text: str, *, answer: bool) -> None:
    """A key at the start of a line means YAML, a host or a section means INI."""
    assert looks_like_yaml(text) is answer


def test_a_top_level_group_that_is_none_is_passed_over() -> None:
    """As in Ansible, with a warning, and no group is made of it."""
    inventory = _read("g: x\nk: {hosts: {h: }}\n")
    assert list(inventory.groups) == ["all", "ungrouped", "k"]
    (found,) = inventory.warnings
    assert found.message.startswith("`g` is passed over")
