"""Keywords of a play: batches by `serial`, the order of hosts, and what is wrong with a value."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.execution.fleet import play
from understudy.events import HostEnded, PlayStarted
from understudy.execution.keywords import to_batch_size
from understudy.execution.play_keywords import batches
from understudy.text.diagnostic import PlaybookInvalid

TASK = "    - {name: x, command: echo}\n"
MANY = tuple(f"h{n:02}" for n in range(40))


@pytest.mark.parametrize(
    ("serial", "sizes"),
    [
        ([], [10]),
        ([3], [3, 3, 3, 1]),
        ([1, "30%"], [1, 3, 3, 3]),
        (["25%"], [2, 2, 2, 2, 2]),
        (["1%"], [1] * 10),
        ([0], [10]),
        ([-1], [10]),
        (["200%"], [10]),
        ([1, "4"], [1, 4, 4, 1]),
    ],
)
def test_serial_splits_the_hosts(serial: list[object], sizes: list[int]) -> None:
    """Numbers, or percents of all hosts, rounded down; the last one is for all the rest."""
    found = batches(range(10), [to_batch_size(size) for size in serial])
    assert [len(batch) for batch in found] == sizes


def test_serial_may_be_a_template(tmp_path: Path) -> None:
    """Of one size, or of a list of them."""
    more = "  serial: '{{ sizes }}'\n  vars: {sizes: [1, '50%']}\n"
    played = play(tmp_path, TASK, hosts=("a", "b", "c", "d"), more=more)
    assert [start.hosts for start in played.all(PlayStarted)] == [("a",), ("b", "c"), ("d",)]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("inventory", "c a b"),
        ("reverse_inventory", "b a c"),
        ("sorted", "a b c"),
        ("reverse_sorted", "c b a"),
        ("'{{ how }}'", "a b c"),
    ],
)
def test_hosts_are_taken_in_the_order_asked_for(tmp_path: Path, order: str, expected: str) -> None:
    """The order of the inventory, of the names, or either backwards."""
    more = f"  order: {order}\n  vars: {{how: sorted}}\n  serial: 1\n"
    played = play(tmp_path, TASK, hosts=("c", "a", "b"), more=more)
    assert [end.host for end in played.all(HostEnded)] == expected.split()


def test_hosts_may_be_shuffled(tmp_path: Path) -> None:
    """Each host is there, in another order."""
    (started,) = play(tmp_path, TASK, hosts=MANY, more="  order: shuffle\n").all(PlayStarted)
    assert sorted(started.hosts) == list(MANY)
    assert started.hosts != MANY


@pytest.mark.parametrize(
    ("keyword", "value", "message"),
    [
        ("serial", "'{{ wrong }}'", "could not be converted to 'number or percentage of hosts'"),
        ("serial", "'{{ nowhere }}'", "'nowhere' is undefined"),
        ("max_fail_percentage", "'{{ wrong }}'", "could not be converted to 'percent'"),
        ("gather_facts", "'{{ wrong }}'", "could not be converted to 'bool'"),
        ("order", "'{{ wrong }}'", "there is no order `x%`"),
        ("strategy", "'{{ nowhere }}'", "'nowhere' is undefined"),
    ],
)
def test_a_value_that_does_not_fit_ends_the_run_with_its_place(
    tmp_path: Path, keyword: str, value: str, message: str
) -> None:
    """Whether it is wrong is known when it is rendered."""
    more = f"  {keyword}: {value}\n  vars: {{wrong: 'x%'}}\n"
    path = tmp_path / "play.yml"
    with pytest.raises(PlaybookInvalid) as raised:
        play(tmp_path, TASK, more=more)
    (found,) = raised.value.diagnostics
    assert message in found.message
    assert found.span is not None
    assert found.span.source.name == str(path)
