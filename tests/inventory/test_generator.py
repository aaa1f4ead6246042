"""The plugin `generator`: hosts for every combination of values."""

from __future__ import annotations

from pathlib import Path

import pytest

from understudy.inventory.model import Inventory
from understudy.inventory.read import read_inventory
from understudy.values.texts import Template

EXAMPLE = """\
hosts:
  name: "{{ a }}-{{ b }}"
  parents:
    - name: "of_{{ a }}"
      vars: {v: "{{ a }}", deep: ["{{ later }}"], n: 5}
      parents: [{name: top}]
    - name: top
layers: {a: [x, y], b: ["1", "{{ a }}"]}
"""


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _read(options: str) -> Inventory:
    Path("made.yml").write_text(f"plugin: ansible.builtin.generator\n{options}\n")
    return read_inventory(["made.yml", "other,"])


def test_every_combination_is_a_host() -> None:
    """The last layer changes fastest; a value may be a template over the others."""
    inventory = _read(EXAMPLE)
    assert list(inventory.hosts) == ["x-1", "x-x", "y-1", "y-y", "other"]
    assert list(inventory.groups["of_x"].hosts) == ["x-1", "x-x"]
    assert list(inventory.groups["top"].children) == ["of_x", "of_y"]
    assert list(inventory.groups["all"].children) == ["ungrouped", "top"]


def test_a_groups_variables_are_rendered_at_the_top_only() -> None:
    """What lies deeper is left to the run."""
    values = _read(EXAMPLE).groups["of_y"].values
    assert values["v"] == "y"
    assert not isinstance(values["v"], Template)
    assert values["n"] == 5
    assert isinstance(values["deep"][0], Template)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("layers: {}", "made.yml:1:1: the plugin `generator` needs `hosts` and `layers`"),
        ("hosts: [a]\nlayers: {}", "made.yml:2:8: `hosts` must be a mapping"),
        ("hosts: {name: a}\nlayers: {a: x}", "made.yml:3:13: a layer is a list of values"),
        ("hosts: {name: '{{ b }}'}\nlayers: {}", "made.yml:2:15: cannot generate hosts: 'b' is"),
        ("hosts: {name: ''}\nlayers: {}", "made.yml:2:8: a host has no name"),
        ("hosts: {name: 5}\nlayers: {}", "made.yml:2:15: the name `5` is not a text"),
        ("hosts: {name: h, parents: [{}]}\nlayers: {}", "Element h has a parent with no name."),
        ("hosts: {name: h, parents: [g]}\nlayers: {}", "made.yml:2:28: a parent must be a mapping"),
        ("hosts: {name: h, parents: {name: g}}\nlayers: {}", "2:27: `parents` must be a list"),
        ("hosts: {name: h, vars: {a: 1}}\nlayers: {}", "2:18: `vars` of `hosts` is ignored"),
        (
            "hosts: {name: h, parents: [{name: g, parents: [{name: g}]}]}\nlayers: {}",
            "group `g` would contain itself by way of `g`",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(options: str, said: str) -> None:
    """Other sources are read all the same."""
    inventory = _read(options)
    (found,) = [f"{one.span}: {one.message}" for one in inventory.warnings if one.span]
    assert said in found
    assert "other" in inventory.hosts
