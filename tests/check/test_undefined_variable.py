"""With a known inventory, every name that nothing gives is told of."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from understudy.check.files import Kind, Unit
from understudy.check.settings.settings import Settings
from understudy.cli.check_paths import checked_units

PLAYBOOK = """
    - hosts: web
      tasks:
        - debug: {msg: "{{ of_host }} {{ of_group }} {{ missing }} {{ announced }}"}
        - debug: {msg: "{{ missing }} {{ optional | default(1) }} {{ optional }}"}
        - debug: {msg: "{{ of_gruop }}"}
    """


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project with an inventory that says all."""
    (tmp_path / "site.yml").write_text(dedent(PLAYBOOK), "utf-8")
    (tmp_path / "hosts.ini").write_text("[web]\na of_host=1\n", "utf-8")
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars" / "web.yml").write_text("of_group: 1\n", "utf-8")
    return tmp_path


def messages(project: Path, *inventories: str) -> list[str]:
    """Return what the rule says of the project's playbook."""
    settings = Settings(
        inventories=tuple(project / name for name in inventories),
        variables=frozenset({"announced"}),
    )
    unit = Unit(project / "site.yml", Kind.PLAYBOOK)
    found = checked_units([unit], settings).findings
    return [f"{one.message}; {one.help}" for one in found if one.code == "undefined-variable"]


def test_a_name_that_nothing_gives(project: Path) -> None:
    """It is told of once; names of the inventory and announced ones are known."""
    missing, misspelt = messages(project, "hosts.ini")
    assert missing.startswith("nothing gives `missing` a value; ")
    assert misspelt == "`of_gruop` is not defined; did you mean `of_group`?"


@pytest.mark.parametrize("text", ["plugin: some.cloud\n", "all: [\n"])
def test_an_inventory_that_is_not_known_may_give_it(text: str, project: Path) -> None:
    """Only what is surely a slip is told of."""
    (project / "more.yml").write_text(text, "utf-8")
    assert len(messages(project, "hosts.ini", "more.yml")) == 1
    assert len(messages(project)) == 1
