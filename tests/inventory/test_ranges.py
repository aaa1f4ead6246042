"""Ranges and ports in the names of hosts."""

from __future__ import annotations

import tracemalloc

import pytest

from understudy.inventory.ranges import BadRange, expand


@pytest.mark.parametrize(
    ("text", "names", "port"),
    [
        ("web", ["web"], None),
        ("web:2222", ["web"], 2222),
        ("web[1:3]", ["web1", "web2", "web3"], None),
        ("web[01:10:4].x:22", ["web01.x", "web05.x", "web09.x"], 22),
        ("web[:2]", ["web0", "web1", "web2"], None),
        ("web[0:03]", ["web0", "web1", "web2", "web3"], None),
        ("db-[a:c]", ["db-a", "db-b", "db-c"], None),
        ("db[a:e:2]", ["dba", "dbc", "dbe"], None),
        ("db[y:B]", ["dby", "dbz", "dbA", "dbB"], None),
        ("h[1:2][a:b]:33", ["h1a", "h1b", "h2a", "h2b"], 33),
        ("192.168.1.[1:2]:22", ["192.168.1.1", "192.168.1.2"], 22),
        ("[2001:db8::1]:2200", ["2001:db8::1"], 2200),
        ("[2001:db8::1]", ["2001:db8::1"], None),
        ("2001:db8::1", ["2001:db8::1"], None),
        ("::1", ["::1"], None),
        ("h:abc", ["h:abc"], None),
    ],
)
def test_a_host_is_expanded_to_names_and_port(
    text: str, names: list[str], port: int | None
) -> None:
    """Ranges multiply; leading zeros keep their width; a port is for all of them."""
    found, found_port = expand(text)
    assert (list(found), found_port) == (names, port)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("h[1:3", "`h[1:3` opens a bracket that is never closed"),
        ("h[3:1]", "the range `[3:1]` is empty: it ends before it begins"),
        ("h[c:a]", "the range `[c:a]` is empty: it ends before it begins"),
        ("h[a:3]", "the range `[a:3]` goes neither from number to number nor letter to letter"),
        ("h[01:3]", "both ends of the range `[01:3]` must have the same number of digits"),
        ("h[1:]", "the range `[1:]` has no end"),
        ("h[1:5:0]", "the range `[1:5:0]` has a step of 0"),
        ("h[1-3]", "`[1-3]` is not a range: write `[first:last]` or `[first:last:step]`"),
        ("h[1:9999999]", "the range `[1:9999999]` stands for more than 1000000 hosts"),
        ("h[1:9999][1:9999]", "`h[1:9999][1:9999]` stands for more than 1000000 hosts"),
        ("h:", "`h:` ends with a colon, which introduces a port"),
    ],
)
def test_a_range_that_makes_no_sense_says_why(text: str, message: str) -> None:
    """A bad range is an error with its reason, never an empty or a giant inventory."""
    with pytest.raises(BadRange) as raised:
        expand(text)
    assert str(raised.value) == message


def test_a_range_is_not_made_before_it_is_needed() -> None:
    """A million names are a few bytes until somebody goes through them."""
    tracemalloc.start()
    try:
        names, _ = expand("h[1:1000][000:999].example")
        assert next(iter(names)) == "h1000.example"
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()
