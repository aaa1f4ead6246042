"""The plugin `constructed`: variables and groups made of what earlier sources say."""

from __future__ import annotations

from pathlib import Path

import pytest

from understudy.config import Config
from understudy.inventory.model import Inventory
from understudy.inventory.read import read_inventory
from understudy.values.texts import Template, Value

HOSTS = """\
all:
  children:
    web:
      hosts:
        h1: {os: linux, at: "{{ os }}", tags: {role: db, none: "", nil: null, n: 5},
             list: [a, "", null, [x]], empty: "", nil: null, five: 5, odd: "a-b c.d é/1"}
        h2: {os: bsd 1}
      vars: {of_group: yes}
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a file of hosts."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hosts.yml").write_text(HOSTS)
    return tmp_path


def _read(options: str, extra_vars: dict[str, Value] | None = None) -> Inventory:
    Path("made.yml").write_text(f"plugin: constructed\n{options}\n")
    return read_inventory(["hosts.yml", "made.yml"], extra_vars=extra_vars)


def _made(inventory: Inventory) -> dict[str, str]:
    known = {"all", "ungrouped", "web"}
    groups = (group for name, group in inventory.groups.items() if name not in known)
    return {group.name: " ".join((*group.hosts, *group.children)) for group in groups}


def _said(inventory: Inventory) -> list[str]:
    return [f"{one.span}: {one.message}" for one in inventory.warnings if one.span]


@pytest.mark.usefixtures("place")
def test_compose_sets_variables_from_what_a_host_had_before() -> None:
    """One composed variable does not see another; what cannot be evaluated is passed over."""
    inventory = _read(
        'compose: {a: os ~ "!", b: a, c: nothing, d: "[1, os]", e: 1, f: at, g: omit}'
    )
    values = inventory.hosts["h1"].values
    assert [values.get(name) for name in "abcdefg"] == [
        "linux!",
        None,
        None,
        [1, "linux"],
        None,
        "linux",
        None,
    ]


@pytest.mark.usefixtures("place")
def test_what_an_expression_yields_is_never_a_template() -> None:
    """Text made of expressions is a host's: braces in it stay braces."""
    value = _read("compose: {a: \"'{{ os }}'\"}").hosts["h1"].values["a"]
    assert value == "{{ os }}"
    assert not isinstance(value, Template)


@pytest.mark.usefixtures("place")
def test_groups_are_joined_by_condition() -> None:
    """Conditions see what was composed; a name gets underscores for what it must not hold."""
    made = _made(
        _read(
            'compose: {n: "1"}\ngroups: {linux: os == "linux", "a-b 9": n == 1, nope: os,\n'
            '  tpl: "{{ of_group }}", always: true, 9x: undefined_one}'
        )
    )
    assert made == {"linux": "h1", "a_b_9": "h1 h2", "tpl": "h1 h2", "always": "h1 h2"}


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    ("item", "groups"),
    [
        ("key: os", "_linux _bsd_1"),
        ("key: os, prefix: p", "p_linux p_bsd_1"),
        ("key: os, separator: ''", "linux bsd_1"),
        ("key: tags, prefix: t", "t_role_db t_none_ t_nil_None t_n_5"),
        ("key: tags, prefix: t, default_value: d", "t_role_db t_none_d t_nil_d t_n_5"),
        ("key: tags, prefix: t, trailing_separator: false", "t_role_db t_none t_nil t_n_5"),
        ("key: list, prefix: l", "l_a l_ l_None l___x__"),
        ("key: list, prefix: l, default_value: 7", "l_a l_7 l___x__"),
        ("key: empty", ""),
        ("key: empty, default_value: d", "_d"),
        ("key: nil, default_value: d", "_d"),
        ("key: '[]', default_value: d", ""),
        ("key: nowhere", ""),
        ("key: odd", "_a_b_c_d_é_1"),
        ("key: os, prefix: '{{ os }}'", "___os____linux ___os____bsd_1"),
        ("key: \"'{{ os }}'\"", "____os___"),
        ("prefix: p", ""),
    ],
)
def test_keyed_groups_are_named_after_values(item: str, groups: str) -> None:
    """Texts give one group, lists and mappings one for each item; hosts without the key none."""
    assert " ".join(_made(_read(f"keyed_groups: [{{{item}}}]"))) == groups


@pytest.mark.usefixtures("place")
def test_a_keyed_group_may_have_no_leading_separator() -> None:
    """The option is the file's, and counts where there is no prefix."""
    options = "leading_separator: false\nkeyed_groups: [{key: os}, {key: os, prefix: p}]"
    assert list(_made(_read(options))) == ["linux", "p_linux", "bsd_1", "p_bsd_1"]


@pytest.mark.usefixtures("place")
def test_the_parent_of_a_keyed_group_is_a_template() -> None:
    """It is rendered for each host; without one the group stands under `all`."""
    inventory = _read('keyed_groups: [{key: os, parent_group: "p-{{ os }}"}]')
    assert _made(inventory) == {
        "_linux": "h1",
        "p_linux": "_linux",
        "_bsd_1": "h2",
        "p_bsd_1": "_bsd_1",
    }


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("compose: {a: nope}", "made.yml:3:14: cannot set `a` of `h1`: 'nope' is undefined"),
        ("compose: {a: 1}", "made.yml:3:14: cannot set `a` of `h1`: an expression is a text"),
        ("groups: {a: os}", "cannot add `h1` to group `a`: Conditional result (True) was derived"),
        ("keyed_groups: [{key: empty}]", "the key of a keyed group is empty for host `h1`"),
        ("keyed_groups: [{key: 1 +}]", "cannot make a keyed group of `h1`: Syntax error"),
        ("compose: {a: !unsafe os}", "cannot set `a` of `h1`: Encountered untrusted template"),
    ],
)
def test_with_strict_the_first_failure_ends_the_source(options: str, said: str) -> None:
    """The place is that of the expression."""
    inventory = _read(f"strict: true\n{options}")
    (found,) = _said(inventory)
    assert said in found
    assert _made(inventory) == {}


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("compose: abc", "made.yml:2:10: `compose` must be a mapping"),
        ("groups: [a]", "made.yml:2:9: `groups` must be a mapping"),
        ("keyed_groups: {key: os}", "made.yml:2:15: `keyed_groups` must be a list"),
        ("keyed_groups: [os]", "made.yml:2:16: an item of `keyed_groups` must be a mapping"),
        ("keyed_groups: [{key: five}]", "made.yml:2:22: a group's name cannot be made of `5`"),
        ("groups: {5: true}", "made.yml:2:10: the group name `5` is not a text"),
        ("groups: {h1: true}", "group `h1` is named like the host that it would hold"),
        ("groups: {all: true}", "made.yml:2:10: every host is in group `all` anyway"),
        (
            "keyed_groups: [{key: os, default_value: a, trailing_separator: true}]",
            "made.yml:2:64: `default_value` and `trailing_separator` exclude each other",
        ),
        ("keyed_groups: [{key: os, parent_group: 5}]", "the parent of group `_linux` is not a"),
        ("sticrt: true", "made.yml:2:1: `sticrt` of the plugin `constructed` is ignored"),
    ],
)
def test_a_wrong_option_is_told_with_its_place(options: str, said: str) -> None:
    """Whether the file is strict or not."""
    (found,) = _said(_read(options))
    assert said in found


@pytest.mark.usefixtures("place")
def test_extra_variables_count_when_the_file_says_so() -> None:
    """They win over those of the host; the setting is the default."""
    extra: dict[str, Value] = {"os": "extra"}
    assert _read("use_extra_vars: true\ncompose: {a: os}", extra).hosts["h1"].values["a"] == "extra"
    assert _read("compose: {a: os}", extra).hosts["h1"].values["a"] == "linux"
    config = Config(inventory_use_extra_vars=True)
    inventory = read_inventory(["hosts.yml", "made.yml"], config, extra)
    assert inventory.hosts["h1"].values["a"] == "extra"


def test_variables_of_files_count_when_the_file_says_so(place: Path) -> None:
    """Those beside the sources that were read before."""
    for name, text in {"host_vars/h1.yml": "f: host", "group_vars/web.yml": "g: group"}.items():
        (place / name).parent.mkdir()
        (place / name).write_text(text)
    options = "keyed_groups: [{key: f}, {key: g}]"
    assert _made(_read(options)) == {}
    assert _made(_read(f"use_vars_plugins: true\n{options}")) == {"_host": "h1", "_group": "h1 h2"}


def test_variables_of_all_count_only_where_the_text_puts_a_group_under_it(place: Path) -> None:
    """While sources are read, nothing but their text brings a group under `all`."""
    (place / "hosts.ini").write_text("[all:vars]\nx=1\n[web]\nh1\n[db]\nh2\n[all:children]\ndb\n")
    Path("made.yml").write_text("plugin: constructed\ngroups: {seen: x is defined}\n")
    inventory = read_inventory(["hosts.ini", "made.yml"])
    assert _made(inventory)["seen"] == "h2"


@pytest.mark.usefixtures("place")
def test_another_plugin_is_refused_with_the_way_around() -> None:
    """Its JSON is an inventory."""
    Path("ec2.yml").write_text("plugin: amazon.aws.aws_ec2\n")
    found, *_ = read_inventory(["hosts.yml", "ec2.yml"]).warnings
    assert found.message == "the inventory plugin `amazon.aws.aws_ec2` is not supported"
    assert found.help == (
        "run `ansible-inventory -i ec2.yml --list > hosts.json` where the plugin is installed, "
        "and use `-i hosts.json`"
    )
