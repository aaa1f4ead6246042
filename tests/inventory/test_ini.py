"""The INI form; values and membership were seen on Ansible itself."""

from __future__ import annotations

import pytest

from understudy.inventory.ini import read_ini
from understudy.inventory.model import Inventory
from understudy.text.diagnostic import PlaybookInvalid
from understudy.text.source import Source
from understudy.values.texts import Authored, Template, Value


def _read(text: str, inventory: Inventory | None = None) -> Inventory:
    inventory = inventory or Inventory()
    read_ini(Source("hosts", text), inventory)
    inventory.settle()
    return inventory


def _members(inventory: Inventory, group: str) -> str:
    return " ".join(host.name for host in inventory.hosts_of(group))


def test_hosts_stand_in_their_section_and_before_the_first_one_in_none() -> None:
    """What comes before a section is ungrouped; a section may be continued later."""
    inventory = _read("u\n[g]\nh[1:2]\n[k]\nx\n[g] # more\nh9\n")
    assert _members(inventory, "ungrouped") == "u"
    assert _members(inventory, "g") == "h1 h2 h9"
    assert _members(inventory, "all") == "u h1 h2 h9 x"


def test_comments_and_blank_lines_are_passed_over() -> None:
    """A line that begins with `#` or `;` is a comment, indented or not."""
    assert _members(_read("# a\n; b\n\n   # c\nh\n"), "all") == "h"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("5", 5),
        ("-5", -5),
        ("1_000", 1000),
        ("0x10", 16),
        ("1.5", 1.5),
        ("True", True),
        ("true", "true"),
        ("yes", "yes"),
        ("None", None),
        ("007", "007"),
        ("5j", "5j"),
        ("1+2", "1+2"),
        ("hello#x", "hello"),
        ("a=b", "a=b"),
        ("'a b'", "a b"),
        ("\"[1, 'a']\"", [1, "a"]),
        ('"(1, 2)"', [1, 2]),
        ("'{\"a\": 1}'", {"a": 1}),
        ("'{\"a\": true}'", '{"a": true}'),
        ("", ""),
    ],
)
def test_a_host_variable_is_a_python_literal_or_a_text(written: str, value: Value) -> None:
    """The line is split as by a shell; `#` begins a comment even within a word."""
    got = _read(f"h v={written}\n").hosts["h"].values["v"]
    assert got == value
    assert type(got) is type(value) or isinstance(got, Authored)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("plain # text", "plain # text"),
        ('"quoted # text" # comment', "quoted # text"),
        ("['a', {'b': 1}]", ["a", {"b": 1}]),
        ("a b c", "a b c"),
        ("", ""),
    ],
)
def test_a_group_variable_takes_the_rest_of_its_line(written: str, value: Value) -> None:
    """Only what Python takes for a comment after a literal is one."""
    inventory = _read(f"[g]\nh\n[g:vars]\nv = {written}\n")
    assert inventory.groups["g"].values["v"] == value


def test_templates_are_found_at_any_depth_and_know_their_place() -> None:
    """A value with a delimiter is a Template; its span is the word on the line."""
    values = _read("h a=1 v='{{ a }}' l=\"['{{ a }}']\"\n").hosts["h"].values
    assert isinstance(values["v"], Template)
    assert str(values["v"].span) == "hosts:1:7"
    assert values["l"][0].text == "{{ a }}"


def test_ports_become_a_variable_and_addresses_are_hosts() -> None:
    """An IPv6 address in brackets is no section."""
    inventory = _read("a:22\n[2001:db8::1]:2200 x=1\n")
    assert inventory.hosts["a"].values == {"ansible_port": 22}
    assert inventory.hosts["2001:db8::1"].values == {"ansible_port": 2200, "x": 1}


def test_children_may_come_before_their_definition() -> None:
    """A child is added when its own section is met."""
    inventory = _read("[p:children]\nlate # soon\nearly\n[early]\nh1\n[late]\nh2\n")
    assert list(inventory.groups["p"].children) == ["early", "late"]


def test_groups_of_an_earlier_source_are_known() -> None:
    """Variables and children may be added to them."""
    inventory = _read("[g]\nh\n")
    _read("[p:children]\ng\n[g:vars]\na=1\n", inventory)
    assert inventory.groups["g"].values == {"a": 1}
    assert _members(inventory, "p") == "h"


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("h a=b c\n", "1:7", "`c` is not a variable of the host: write `name=value`"),
        ("[g:vars]\na=1\n", "1:2", "no group `g` is defined for these variables"),
        ("[g:children]\nx\n", "2:1", "`[g:children]` names a group `x` nobody defines"),
        ("[g:children]\na b\n", "2:1", "`a b` is not the name of a group"),
        ("[g:var]\na=1\n", "1:4", "`var` is not a kind of section: it is `children` or `vars`"),
        (
            "[ g ]\nh\n",
            "1:1",
            "`[ g ]` is not a section: write `[group]` without blanks inside",
        ),
        ("[g]\n  h[1:3\n", "2:3", "`h[1:3` opens a bracket that is never closed"),
        ("h x='a\n", "1:1", "a quotation is never closed"),
        ("[g]\n[g:vars]\nx\n", "3:1", "`x` is not a variable: write `name = value`"),
        (
            "[a:children]\nb\n[b:children]\na\n",
            "4:1",
            "group `a` would contain itself by way of `b`",
        ),
    ],
)
def test_a_malformed_line_is_a_finding_with_its_place(text: str, place: str, message: str) -> None:
    """Line and column of what is wrong, and what to write."""
    with pytest.raises(PlaybookInvalid) as raised:
        _read(text)
    finding = raised.value.diagnostics[0]
    assert (str(finding.span), finding.message) == (f"hosts:{place}", message)


def test_all_findings_of_a_file_come_at_once() -> None:
    """Reading goes on behind a wrong line."""
    with pytest.raises(PlaybookInvalid) as raised:
        _read("h a\n[g:vras]\nx\n[k]\nj[3:1]\n")
    assert [str(one.span) for one in raised.value.diagnostics] == [
        "hosts:1:3",
        "hosts:2:4",
        "hosts:5:1",
    ]


def test_a_near_name_is_proposed() -> None:
    """`did you mean` for a group that is nearly one."""
    with pytest.raises(PlaybookInvalid) as raised:
        _read("[web]\nh\n[webs:vars]\na=1\n")
    assert raised.value.diagnostics[0].help == "did you mean `web`?"


def test_the_mark_of_yaml_is_no_host() -> None:
    """A YAML file that is named as an INI file says so in its first line."""
    with pytest.raises(PlaybookInvalid, match="`---` begins a YAML file"):
        read_ini(Source("hosts.ini", "---\n"), Inventory())
