"""Which variables an inventory gives a host, and in which order they win."""

from __future__ import annotations

from pathlib import Path

import pytest

from understudy.inventory.model import Inventory
from understudy.inventory.read import read_inventory
from understudy.inventory.variables import HostVariables
from understudy.text.diagnostic import PlaybookInvalid
from understudy.values.scope import PRECEDENCE
from understudy.values.texts import Value

FILES = {
    "inv/hosts": "h1 v=host\nh2\n[g]\nh1\n[g:vars]\nv=group\n[all:vars]\nv=all\n",
    "inv/group_vars/all/a.yml": "v: inv all\nw: a\n",
    "inv/group_vars/all/b.json": '{"w": "b"}\n',
    "inv/group_vars/all/c": "w: c\n",
    "inv/group_vars/all/d.txt": "w: not read\n",
    "inv/group_vars/all/.e.yml": "w: not read\n",
    "inv/group_vars/all/.f/x.yml": "w: not read\n",
    "inv/group_vars/all/sub/x.yml": "s: nested\n",
    "inv/group_vars/g": "v: inv g\n",
    "inv/group_vars/g.yml": "v: not read\nx: not read\n",
    "inv/host_vars/h1.yaml": "v: inv host\n",
    "pb/group_vars/all.yml": "v: pb all\n",
    "pb/group_vars/g.yml": "v: pb g\n",
    "pb/host_vars/h1/main.yml": "v: pb host\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An inventory and a playbook directory with variables at every place."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def _layers(root: Path, host: str) -> list[tuple[str, dict[str, Value]]]:
    inventory = read_inventory([str(root / "inv")])
    found = inventory.find(host)
    assert found is not None
    return [
        (level, dict(values))
        for level, values in HostVariables(inventory).of(found, str(root / "pb"))
    ]


def test_layers_come_in_the_order_of_precedence(root: Path) -> None:
    """Host before group, playbook before inventory, files before the inventory's text."""
    assert [(level, values["v"]) for level, values in _layers(root, "h1")] == [
        ("playbook_host_vars", "pb host"),
        ("inventory_host_vars", "inv host"),
        ("inventory_host", "host"),
        ("playbook_group_vars", "pb g"),
        ("inventory_group_vars", "inv g"),
        ("playbook_group_all", "pb all"),
        ("inventory_group_all", "inv all"),
        ("inventory_group", "group"),
        ("inventory_group", "all"),
    ]


def test_every_level_is_one_that_scopes_know(root: Path) -> None:
    """The names are those of the table of precedence, in its order."""
    known = [name for name, _ in PRECEDENCE]
    places = [known.index(level) for level, _ in _layers(root, "h1")]
    assert places == sorted(places)


def test_a_directory_of_variables_is_read_in_the_order_of_names(root: Path) -> None:
    """Nested directories too; hidden files and other suffixes are left out."""
    levels = dict(_layers(root, "h2"))
    assert levels["inventory_group_all"] == {"v": "inv all", "w": "c", "s": "nested"}


def test_of_several_files_of_a_name_the_first_form_is_read(root: Path) -> None:
    """No suffix comes before `.yml`, `.yaml` and `.json`; the others are not read."""
    levels = dict(_layers(root, "h1"))
    assert levels["inventory_group_vars"] == {"v": "inv g"}


def test_the_implicit_localhost_has_the_variables_of_all(root: Path) -> None:
    """It is in no group, and yet `group_vars/all` holds for it."""
    levels = dict(_layers(root, "localhost"))
    assert levels["playbook_group_all"] == {"v": "pb all"}
    assert levels["inventory_host"]["ansible_connection"] == "local"


def test_hosts_of_the_same_groups_share_their_layers() -> None:
    """Five thousand hosts cost five thousand small tuples, not five thousand merges."""
    inventory = Inventory()
    inventory.group("g").values["a"] = 1
    for number in range(5000):
        inventory.enlist(f"h{number}", "g")
    inventory.settle()
    variables = HostVariables(inventory)
    layers = [variables.of(host, "nowhere") for host in inventory.hosts.values()]
    assert all(layer[0].values is inventory.groups["g"].values for layer in layers)


def test_a_host_that_gets_a_group_gets_its_variables() -> None:
    """`group_by` and `add_host` take effect at once."""
    inventory = Inventory()
    inventory.enlist("h", "ungrouped")
    inventory.group("g").values["a"] = 1
    inventory.settle()
    variables = HostVariables(inventory)
    assert variables.of(inventory.hosts["h"], "nowhere") == ()
    inventory.group_by("h", "g", ["all"])
    assert [layer.values for layer in variables.of(inventory.hosts["h"], "nowhere")] == [{"a": 1}]


def test_a_broken_file_of_variables_is_a_finding_with_its_place(root: Path) -> None:
    """It is found when the host's variables are asked for."""
    (root / "pb/group_vars/all.yml").write_text("- a\n")
    with pytest.raises(PlaybookInvalid) as raised:
        _layers(root, "h1")
    assert str(raised.value.diagnostics[0].span).endswith("pb/group_vars/all.yml:1:1")
