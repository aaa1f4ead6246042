"""What inventories and the files beside them say of the variables of hosts."""

from __future__ import annotations

from pathlib import Path

import pytest

from understudy.check.settings import Settings
from understudy.check.surroundings import Neighbourhood, Surroundings, surroundings_of
from understudy.config import Config


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
