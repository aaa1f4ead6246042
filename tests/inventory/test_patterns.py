"""Host patterns, as `hosts:` and `--limit` have them; each line was seen on Ansible itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from understudy.inventory.model import Inventory
from understudy.inventory.patterns import could_not_match, select, split
from understudy.text.diagnostic import PlaybookInvalid

MEMBERS = {
    "ungrouped": "u1",
    "web": "web1 web2 web3 web4 web5",
    "db": "db1 db2 db3 web1",
    "mixed": "m1 web2",
    "empty": "",
}


@pytest.fixture
def inventory() -> Inventory:
    """Two groups that overlap, a parent of two, a grandparent, an empty group."""
    inventory = Inventory()
    for group, hosts in MEMBERS.items():
        inventory.group(group)
        for host in hosts.split():
            inventory.enlist(host, group)
    inventory.add_child("prod", "db")
    inventory.add_child("prod", "mixed")
    inventory.add_child("zeta", "prod")
    inventory.settle()
    return inventory


@pytest.mark.parametrize(
    ("pattern", "hosts"),
    [
        ("all", "u1 web1 web2 web3 web4 web5 db1 db2 db3 m1"),
        ("*", "u1 web1 web2 web3 web4 web5 db1 db2 db3 m1"),
        ("zeta", "db1 db2 db3 web1 m1 web2"),
        ("db:web", "db1 db2 db3 web1 web2 web3 web4 web5"),
        ("web,db,!web1", "web2 web3 web4 web5 db1 db2 db3"),
        ("!web1:web", "web2 web3 web4 web5"),
        ("web:&db", "web1"),
        ("&db", "web1 db1 db2 db3"),
        ("!db", "u1 web2 web3 web4 web5 m1"),
        ("zeta:all", "db1 db2 db3 web1 m1 web2 u1 web3 web4 web5"),
        ("web[0]", "web1"),
        ("web[-1]", "web5"),
        ("web[1:2]", "web2 web3"),
        ("web[1-2]", "web2 web3"),
        ("web[1:]", "web2 web3 web4 web5"),
        ("web[0:99]", "web1 web2 web3 web4 web5"),
        ("web[9]", ""),
        ("web[-9]", ""),
        ("web[3:1]", ""),
        ("web*[0]", "web1"),
        ("~web[12]", "web1 web2"),
        ("w*", "web1 web2 web3 web4 web5"),
        ("p*", "db1 db2 db3 web1 m1 web2"),
        ("*1", "u1 web1 db1 m1"),
        ("ungrouped", "u1"),
        ("empty", ""),
        ("web1:web1", "web1"),
        (" web1 , db1 ", "web1 db1"),
        (["web1", "db:!web1"], "web1 db1 db2 db3"),
    ],
)
def test_a_pattern_selects_hosts_in_order(
    inventory: Inventory, pattern: str | list[str], hosts: str
) -> None:
    """Parts are united in order, then `&` keeps and `!` takes away, wherever they stand."""
    if isinstance(pattern, list):
        hosts = " ".join(host for host in hosts.split() if host != "web1")
    selection = select(inventory, pattern)
    assert " ".join(host.name for host in selection.hosts) == hosts
    assert selection.unmatched == ()


@pytest.mark.parametrize("pattern", ["nope:web1", "web1:!nope", "web1,nope[0]"])
def test_a_part_that_matches_nothing_is_named(inventory: Inventory, pattern: str) -> None:
    """The other parts still count, and the part is there to be warned about."""
    selection = select(inventory, pattern)
    assert [host.name for host in selection.hosts] == ["web1"]
    assert [part.removesuffix("[0]") for part in selection.unmatched] == ["nope"]
    assert could_not_match("nope") == "Could not match supplied host pattern, ignoring: nope"


def test_limit_keeps_the_order_of_the_pattern(inventory: Inventory) -> None:
    """`--limit` only takes hosts away."""
    selection = select(inventory, "db,web", "web1,db1")
    assert [host.name for host in selection.hosts] == ["db1", "web1"]


def test_limit_may_stand_in_a_file(inventory: Inventory, tmp_path: Path) -> None:
    """`@file` has a pattern on each line; blank lines and comments are passed over."""
    (tmp_path / "failed").write_text("web2\n\n# again\ndb1,web3\n")
    selection = select(inventory, "all", f"@{tmp_path}/failed")
    assert [host.name for host in selection.hosts] == ["web2", "web3", "db1"]


def test_an_unreadable_limit_file_is_an_error(inventory: Inventory) -> None:
    """Without the file the run would go to more hosts than was meant."""
    with pytest.raises(PlaybookInvalid, match="cannot read the limit file `/no/file`: No such"):
        select(inventory, "all", "@/no/file")


def test_a_broken_regular_expression_is_an_error(inventory: Inventory) -> None:
    """Its own words tell what is wrong with it."""
    with pytest.raises(PlaybookInvalid, match=r"`~web\(` is not a regular expression"):
        select(inventory, "~web(")


def test_localhost_exists_without_being_named(inventory: Inventory) -> None:
    """`localhost` is this machine; it is in no group, so `all` does not hold it."""
    host = select(inventory, "localhost").hosts[0]
    assert host.values["ansible_connection"] == "local"
    assert inventory.group_names(host) == []
    assert host not in select(inventory, "all").hosts


def test_a_localhost_of_the_inventory_is_taken_as_it_is(inventory: Inventory) -> None:
    """A named localhost is a host like any other, under each of its names."""
    inventory.enlist("127.0.0.1", "web")
    assert [host.name for host in select(inventory, "localhost").hosts] == ["127.0.0.1"]
    assert "ansible_connection" not in select(inventory, "localhost").hosts[0].values


def test_colons_in_addresses_and_brackets_do_not_split() -> None:
    """An IPv6 address and a subscript are one part."""
    assert split("::1") == ["::1"]
    assert split("web[0:2]:db") == ["web[0:2]", "db"]
