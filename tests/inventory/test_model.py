"""Groups of hosts: who belongs to whom, and in which order variables win."""

from __future__ import annotations

import pytest

from understudy.inventory.model import GroupLoop, Inventory


def _group_order(inventory: Inventory, host: str) -> list[str]:
    return [group.name for group in inventory.groups_of(inventory.hosts[host])]


@pytest.fixture
def inventory() -> Inventory:
    """`deep` over `g1`; `g1` and `g2` hold h1; h2 is in no group."""
    inventory = Inventory()
    inventory.enlist("h2", "ungrouped")
    inventory.enlist("h1", "g1")
    inventory.enlist("h1", "g2")
    inventory.add_child("deep", "g1")
    inventory.settle()
    return inventory


def test_deeper_groups_come_later_then_the_alphabet_decides(inventory: Inventory) -> None:
    """A child wins over its parent; of two siblings the later name wins."""
    assert _group_order(inventory, "h1") == ["all", "deep", "g2", "g1"]


def test_priority_decides_among_groups_of_one_depth(inventory: Inventory) -> None:
    """`ansible_group_priority` moves a group behind its siblings, not behind its children."""
    inventory.give(inventory.group("deep"), {"ansible_group_priority": "7"})
    inventory.settle()
    assert inventory.group("deep").values == {}
    inventory.enlist("h3", "deep")
    inventory.enlist("h3", "g2")
    inventory.enlist("h3", "g1")
    assert _group_order(inventory, "h3") == ["all", "g2", "deep", "g1"]


def test_a_host_leaves_ungrouped_when_it_gets_a_group(inventory: Inventory) -> None:
    """`ungrouped` holds only hosts that no other group but `all` holds."""
    inventory.enlist("h1", "ungrouped")
    inventory.settle()
    assert [host.name for host in inventory.hosts_of("ungrouped")] == ["h2"]
    assert inventory.group_names(inventory.hosts["h2"]) == ["ungrouped"]


def test_a_group_cannot_contain_itself(inventory: Inventory) -> None:
    """Neither directly nor by way of another group."""
    with pytest.raises(GroupLoop):
        inventory.add_child("g1", "g1")
    with pytest.raises(GroupLoop):
        inventory.add_child("g1", "deep")


def test_all_lists_its_groups_in_the_order_of_the_inventory(inventory: Inventory) -> None:
    """Ungrouped hosts come first, then group by group, each host once."""
    inventory.enlist("h0", "g2")
    assert [host.name for host in inventory.hosts_of("all")] == ["h2", "h1", "h0"]


def test_hosts_in_the_same_groups_share_one_order(inventory: Inventory) -> None:
    """What depends on groups only is made once for all of them."""
    inventory.enlist("h4", "g1")
    inventory.enlist("h5", "g1")
    hosts = inventory.hosts
    assert inventory.groups_of(hosts["h4"]) is inventory.groups_of(hosts["h5"])


def test_add_host_makes_host_and_groups(inventory: Inventory) -> None:
    """A new host stands first in `all`; doing the same twice changes nothing."""
    assert inventory.add_host("new", ["g2", "g9"], {"a": 1})
    assert not inventory.add_host("new", ["g2"], {"a": 1})
    assert inventory.add_host("new", [], {"a": 2})
    assert [host.name for host in inventory.hosts_of("all")] == ["new", "h2", "h1"]
    assert inventory.group_names(inventory.hosts["new"]) == ["g2", "g9"]
    assert inventory.hosts["new"].inventory_file is None


def test_add_host_without_groups_is_ungrouped(inventory: Inventory) -> None:
    """A host that no group takes is ungrouped, as in a file."""
    inventory.add_host("new", [], {})
    assert inventory.group_names(inventory.hosts["new"]) == ["ungrouped"]


def test_group_by_puts_the_group_under_its_parents(inventory: Inventory) -> None:
    """A group without parents comes under `all`; doing the same twice changes nothing."""
    assert inventory.group_by("h2", "os_a", ["os"])
    assert not inventory.group_by("h2", "os_a", ["os"])
    assert _group_order(inventory, "h2") == ["all", "os", "os_a"]
    assert [host.name for host in inventory.hosts_of("ungrouped")] == []


def test_a_chain_of_thousands_of_groups_is_no_problem() -> None:
    """Depth is counted without recursion."""
    inventory = Inventory()
    for number in range(3000):
        inventory.add_child(f"g{number}", f"g{number + 1}")
    inventory.enlist("h", "g3000")
    inventory.settle()
    assert len(inventory.groups_of(inventory.hosts["h"])) == 3002


@pytest.mark.slow
def test_group_by_on_five_thousand_hosts_stays_linear() -> None:
    """Every host in a group of its own takes seconds, not minutes."""
    inventory = Inventory()
    for number in range(5000):
        inventory.enlist(f"h{number}", "ungrouped")
    inventory.settle()
    assert all(inventory.group_by(f"h{n}", f"k{n}", ["all"]) for n in range(5000))
    assert inventory.group_names(inventory.hosts["h4999"]) == ["k4999"]


def test_an_implicit_localhost_in_a_group_stays_one(inventory: Inventory) -> None:
    """It keeps its connection, and is still none of `all`, as in Ansible."""
    local = inventory.find("localhost")
    assert local is not None
    assert inventory.group_by("localhost", "here", ["all"])
    assert not inventory.group_by("localhost", "here", ["all"])
    inventory.add_host("127.0.0.1", [], {})
    assert inventory.find("localhost") is local
    assert inventory.hosts_of("here") == (local,)
    assert local not in inventory.hosts_of("all")
    assert inventory.group_names(local) == ["here"]
    assert local.values["ansible_connection"] == "local"
