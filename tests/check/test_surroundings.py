"""What inventories and the files beside them say of the variables of hosts."""

from __future__ import annotations

from pathlib import Path

import pytest

from understudy.check.files import Kind, Unit
from understudy.check.flow.surroundings import Neighbourhood, Surroundings, surroundings_of
from understudy.check.project import sketch
from understudy.check.settings.settings import Settings
from understudy.cli.check_paths import checked_units
from understudy.config import Config
from understudy.inventory.model import Host, Inventory


def around(
    project: Path, *inventories: str, variables: frozenset[str] = frozenset()
) -> Surroundings:
    """Return what lies around a playbook of a project with these inventories."""
    paths = tuple(project / name for name in inventories)
    settings = Settings(inventories=paths, variables=variables)
    return surroundings_of(project / "site.yml", Config(), settings)


def write(path: Path, text: str) -> Path:
    """Write a file of the project."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(
    "name",
    [
        "group_vars/all.yml",
        "group_vars/web/some.yml",
        "host_vars/web.example.org",
        "host_vars/a.json",
    ],
)
def test_files_beside_the_playbook_give_names(name: str, tmp_path: Path) -> None:
    """Whatever host or group they are for; without an inventory there may be others."""
    write(tmp_path / name, '{"x": 1}\n')
    found = around(tmp_path)
    assert found.names == {"x"}
    assert found.values == {"x": (1,)}
    assert not found.is_complete


def test_an_inventory_makes_them_complete(tmp_path: Path) -> None:
    """The names of its own text count, and those of the files beside it."""
    write(tmp_path / "hosts/main.ini", "[web]\na n=1\n[web:vars]\nm=2\n")
    write(tmp_path / "hosts/group_vars/web.yml", "x: 1\n")
    for source in ("hosts", "hosts/main.ini"):
        found = around(tmp_path, source, variables=frozenset({"given"}))
        assert found.names == {"n", "m", "x", "given"}
        assert found.is_complete


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cloud.yml", "plugin: some.cloud.inventory\n"),
        ("broken.yml", "all: [\n"),
        ("locked.yml", "$ANSIBLE_VAULT;1.1;AES256\n6162\n"),
        ("program", "#!/bin/sh\ntouch ran\n"),
    ],
)
def test_what_is_not_looked_into_may_give_any_name(name: str, text: str, tmp_path: Path) -> None:
    """A plugin, a program, a vault: nothing is run or opened, and names may be missing."""
    path = write(tmp_path / "hosts" / name, text)
    path.chmod(0o755 if name == "program" else 0o644)
    write(tmp_path / "hosts/main.ini", "a n=1\n")
    found = around(tmp_path, "hosts")
    assert found.names == {"n"}
    assert not found.is_complete
    assert not list(tmp_path.rglob("ran"))


@pytest.mark.parametrize("text", ["$ANSIBLE_VAULT;1.1;AES256\n6162\n", "x: [\n"])
def test_a_file_that_cannot_be_read_may_give_any_name(text: str, tmp_path: Path) -> None:
    """An encrypted file of variables stays closed."""
    write(tmp_path / "hosts.ini", "a n=1\n")
    write(tmp_path / "group_vars/all.yml", text)
    assert not around(tmp_path, "hosts.ini").is_complete


def test_other_files_beside_them_are_none(tmp_path: Path) -> None:
    """A text that no host is named like is passed over."""
    write(tmp_path / "hosts.ini", "a n=1\n")
    write(tmp_path / "group_vars/README.md", "# What: [stands here\n")
    assert around(tmp_path, "hosts.ini").is_complete


def test_what_lies_around_is_looked_at_once(tmp_path: Path) -> None:
    """Playbooks of one directory have the same surroundings."""
    places = Neighbourhood(Config(), Settings())
    assert places.of(tmp_path / "one.yml") is places.of(tmp_path / "two.yml")


_INI = "[web]\nh[1:999999] n=1\n"
_YAML = "all:\n  hosts:\n    h[1:999999]:\n      n: 1\n"


@pytest.mark.parametrize(("name", "text"), [("hosts.ini", _INI), ("hosts.yml", _YAML)])
@pytest.mark.parametrize("strict", [False, True], ids=["", "any_unparsed_is_failed"])
def test_an_inventory_of_a_million_hosts_is_not_known(
    name: str, text: str, *, strict: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told of, and no more hosts are made than the bound."""
    monkeypatch.setattr(sketch, "MOST_HOSTS", 50)
    made: list[str] = []
    of_inventory = Inventory.host

    def counted(inventory: Inventory, name: str, *place: object) -> Host:
        made.append(name)
        return of_inventory(inventory, name, *place)  # type: ignore[arg-type]

    monkeypatch.setattr(Inventory, "host", counted)
    config = Config(inventory_any_unparsed_is_failed=strict)
    path = write(tmp_path / name, text)
    found = surroundings_of(tmp_path / "site.yml", config, Settings(inventories=(path,)))
    assert [one.code for one in found.findings] == [sketch.TOO_MANY]
    assert not found.is_complete
    assert not found.inventories
    assert len(made) == 50


def test_an_inventory_that_is_too_large_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where a configuration names it, and several playbooks are checked."""
    monkeypatch.setattr(sketch, "MOST_HOSTS", 50)
    write(tmp_path / "ansible.cfg", "[defaults]\ninventory = hosts.ini\n")
    write(tmp_path / "hosts.ini", _INI)
    for folder in ("", "more"):
        write(tmp_path / folder / "site.yml", "- hosts: all\n  tasks: [{ping: }]\n")
    monkeypatch.chdir(tmp_path)
    units = [Unit(tmp_path / name, Kind.PLAYBOOK) for name in ("site.yml", "more/site.yml")]
    found = checked_units(units, Settings()).findings
    assert [one.code for one in found] == [sketch.TOO_MANY]


def test_hosts_of_a_range_share_their_values(tmp_path: Path) -> None:
    """What a range says once is one value, however many hosts it is for."""
    write(tmp_path / "hosts.ini", "h[1:300] n=1\ng n=2\n")
    assert around(tmp_path, "hosts.ini").values == {"n": (1, 2)}


@pytest.mark.parametrize(
    ("name", "text"),
    [("hosts.ini", "h[1:999999] n=1\n" * 9), ("hosts.yml", _YAML)],
)
def test_the_form_of_an_inventory_is_told_by_the_first_of_a_range(
    name: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An inventory that is checked itself makes no host of the others."""
    made: list[str] = []
    of_sketch = sketch.Sketch.enlist

    def counted(inventory: sketch.Sketch, name: str, *place: object) -> Host:
        made.append(name)
        return of_sketch(inventory, name, *place)  # type: ignore[arg-type]

    monkeypatch.setattr(sketch.Sketch, "enlist", counted)
    found = checked_units([Unit(write(tmp_path / name, text), Kind.INVENTORY)], Settings())
    assert found.findings == []
    assert len(made) <= text.count("[")
