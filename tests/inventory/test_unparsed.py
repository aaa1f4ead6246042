"""Sources that cannot be read: what stays of them, and when the run does not begin."""

from __future__ import annotations

from pathlib import Path

import pytest

from understudy.config import Config
from understudy.inventory.read import InventoryFailed, read_inventory
from understudy.text.diagnostic import Severity

NOTHING = "No inventory was parsed, only implicit localhost is available"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a good source and two broken ones."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good").write_text("[g]\nh\n")
    (tmp_path / "bad").write_text("[x]\nbefore\n[c d]\nafter\n")
    (tmp_path / "bad.yml").write_text(
        "g:\n  hosts:\n    before:\n    5:\nk:\n  hosts:\n    after:\n"
    )
    return tmp_path


def _messages(*sources: str, config: Config | None = None) -> list[str]:
    return [one.message for one in read_inventory(sources, config).warnings]


@pytest.mark.parametrize("bad", ["bad", "bad.yml"])
def test_what_stood_before_the_first_mistake_counts(bad: str, place: Path) -> None:
    """The rest of the source does not; all findings are warnings, with their places."""
    inventory = read_inventory([bad, "good"])
    assert sorted(inventory.hosts) == ["before", "h"]
    assert {one.severity for one in inventory.warnings} == {Severity.WARNING}
    assert inventory.warnings[0].span is not None
    message = f"Unable to parse {place / bad} as an inventory source"
    assert message in [one.message for one in inventory.warnings]


def test_without_any_source_there_is_no_host() -> None:
    """Nothing of a broken source counts when it is the only one."""
    inventory = read_inventory(["bad"])
    assert inventory.hosts == {}
    assert inventory.warnings[-1].message == NOTHING


def test_the_warning_of_nothing_can_be_turned_off() -> None:
    """`inventory_unparsed_warning`."""
    assert NOTHING in _messages("nowhere")
    assert NOTHING not in _messages("nowhere", config=Config(inventory_unparsed_warning=False))


def test_a_broken_source_may_end_the_run(place: Path) -> None:
    """`any_unparsed_is_failed`: the error names the source, what is wrong comes before it."""
    config = Config(inventory_any_unparsed_is_failed=True)
    read_inventory(["good"], config)
    with pytest.raises(InventoryFailed) as raised:
        read_inventory(["good", "bad"], config)
    first, last = raised.value.diagnostics
    assert "is not a section" in first.message
    assert last.message == f"Completely failed to parse inventory source {place / 'bad'}"


def test_an_inventory_without_sources_may_end_the_run() -> None:
    """`unparsed_is_failed`: one source that can be read is enough."""
    config = Config(inventory_unparsed_is_failed=True)
    read_inventory(["bad", "good"], config)
    with pytest.raises(InventoryFailed) as raised:
        read_inventory(["bad"], config)
    assert raised.value.diagnostics[-1].message.startswith("No inventory was parsed")


def test_a_directory_without_sources_is_unparsed(place: Path) -> None:
    """Also within another one."""
    (place / "dir" / "empty").mkdir(parents=True)
    (place / "dir" / "hosts").write_text("h\n")
    said = f"Unable to parse {place / 'dir' / 'empty'} as an inventory source"
    assert _messages("dir") == [said]


def test_only_enabled_forms_are_read() -> None:
    """`enable_plugins`: unknown ones are passed over with a warning."""
    config = Config(inventory_enabled=("ansible.builtin.yaml", "nmap"))
    assert _messages("good", "a,", config=config)[:2] == [
        "there is no inventory plugin `nmap`: skipping it",
        "`good` would be read by the plugin `ini`, which is not enabled",
    ]
    with pytest.raises(InventoryFailed, match="no inventory plugin is enabled"):
        read_inventory(["good"], Config(inventory_enabled=("nmap",)))


def test_a_plugin_may_be_enabled_by_its_name(place: Path) -> None:
    """In place of `auto`, which stands for all."""
    (place / "made.config").write_text("plugin: constructed\ngroups: {k: true}\n")
    config = Config(inventory_enabled=("ini", "constructed"))
    assert "k" in read_inventory(["good", "made.config"], config).groups


def test_an_odd_range_in_a_host_list_is_a_name() -> None:
    """With `advanced_host_list` it is refused."""
    assert list(read_inventory(["a[1:],b"]).hosts) == ["a[1:]", "b"]
    config = Config(inventory_enabled=("advanced_host_list",))
    assert list(read_inventory(["a[1:2],b"], config).hosts) == ["a1", "a2", "b"]
    assert NOTHING in _messages("a[1:j],", config=config)


@pytest.mark.parametrize(
    ("wish", "names", "said"),
    [
        ("never", "a-b 5é", "but not replaced: `a-b`, `5é`"),
        ("ignore", "a-b 5é", None),
        ("always", "a_b _é", "and automatically replaced: `a-b`, `5é`"),
        ("silently", "a_b _é", None),
    ],
)
def test_odd_names_of_groups(wish: str, names: str, said: str | None, place: Path) -> None:
    """`force_valid_group_names`: letters of every language are letters."""
    (place / "good").write_text("[a-b]\nh\n[a-b:vars]\nx=1\n[5é:children]\na-b\n")
    inventory = read_inventory(["good"], Config(transform_invalid_group_chars=wish))
    assert sorted(inventory.groups.keys() - {"all", "ungrouped"}) == sorted(names.split())
    first = names.split(maxsplit=1)[0]
    assert inventory.groups[first].values == {"x": 1}
    assert list(inventory.groups[first].hosts) == ["h"]
    found = [one.message for one in inventory.warnings]
    assert found == ([f"Invalid characters were found in group names {said}"] if said else [])


def test_odd_names_that_tasks_give_follow_the_same_rule() -> None:
    """`add_host` and `group_by` too."""
    inventory = read_inventory(["good"], Config(transform_invalid_group_chars="always"))
    inventory.add_host("n", ["Not-Valid"], {})
    inventory.group_by("n", "by-this", ["over-that"])
    assert inventory.group_names(inventory.hosts["n"]) == ["Not_Valid", "by_this", "over_that"]
    assert not inventory.group_by("n", "by-this", ["over-that"])
    assert not inventory.add_host("n", ["Not-Valid"], {})
