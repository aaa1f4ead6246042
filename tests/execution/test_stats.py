"""Figures of `set_stats` are added up as Ansible does."""

from __future__ import annotations

from understudy.execution.effects import Stats
from understudy.execution.stats import RUN, CustomStats


def test_figures_of_a_kind_are_added() -> None:
    """Numbers add, texts and lists join, mappings merge, two truths count two."""
    stats = CustomStats()
    stats.add("a", Stats({"n": 1, "s": "x", "l": [1], "d": {"a": 1}, "b": True}))
    stats.add("b", Stats({"n": 2, "s": "y", "l": [2], "d": {"b": 2}, "b": True}))
    assert stats.of == {
        RUN: {"n": 3, "s": "xy", "l": [1, 2], "d": {"a": 1, "b": 2}, "b": 2},
    }


def test_another_kind_is_left_out() -> None:
    """What there was stays."""
    stats = CustomStats()
    for value in (1, "x", 2):
        stats.add("a", Stats({"n": value}))
    assert stats.of[RUN] == {"n": 3}


def test_figures_may_be_a_hosts_own_and_replaced() -> None:
    """`per_host` keeps them apart, without `aggregate` the last one counts."""
    stats = CustomStats()
    for host in "ab":
        stats.add(host, Stats({"n": 1}, per_host=True))
        stats.add(host, Stats({"o": host}, aggregate=False))
    assert stats.of == {"a": {"n": 1}, "b": {"n": 1}, RUN: {"o": "b"}}
