"""`meta` tasks: for whom they count, and which keywords count for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.execution.fleet import Machine, play
from understudy.events import Event, HostEnded, TaskStarted, Warned
from understudy.execution.world import RunWorld
from understudy.inventory.model import Inventory
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid

PAIR = ("a", "b")
END = "    - {name: end, debug: {msg: \"{{ r | default('none') }}\"}}\n"


def test_a_meta_task_neither_loops_nor_registers(tmp_path: Path) -> None:
    """As in Ansible: it is done once, and nothing of it is kept."""
    tasks = "    - {name: m, meta: noop, loop: [1, 2], register: r}\n" + END
    played = play(tmp_path, tasks)
    assert played.ends("m") == {}
    assert played.result("end")["msg"] == "none"


def test_a_host_ends_for_itself(tmp_path: Path) -> None:
    """`run_once` does not make `end_host` one for all: each host's condition counts."""
    once = "    - {meta: end_host, run_once: true, when: inventory_hostname == 'b'}\n"
    assert set(play(tmp_path, once + END, hosts=PAIR).ends("end")) == {"a"}


@pytest.mark.parametrize("kind", ["end_host", "end_play", "clear_facts"])
def test_a_condition_that_cannot_be_evaluated_ends_the_run(tmp_path: Path, kind: str) -> None:
    """No host has a result that could tell of it."""
    tasks = f"    - {{meta: {kind}, when: nowhere}}\n" + END
    with pytest.raises(PlaybookInvalid, match="'nowhere' is undefined"):
        play(tmp_path, tasks, hosts=PAIR)


@pytest.mark.parametrize("kind", ["noop", "refresh_inventory", "reset_connection"])
def test_some_metas_are_done_whatever_their_condition(tmp_path: Path, kind: str) -> None:
    """A warning says that the condition does not count."""
    played = play(tmp_path, f"    - {{name: m, meta: {kind}, when: false}}\n")
    assert [w.message for w in played.all(Warned)] == [
        f"{kind} task does not support when conditional"
    ]


def test_a_refresh_tells_what_is_newly_wrong_with_the_sources() -> None:
    """What was told before the run is not told again."""

    def inventory(*messages: str) -> Inventory:
        made = Inventory()
        made.warnings += [Diagnostic(code="x", message=message) for message in messages]
        return made

    events: list[Event] = []
    world = RunWorld(inventory("old"), lambda _: (), events.append)
    world.read = lambda: (inventory("old", "new"), lambda _: ())
    world.reread()
    world.reread()
    assert [event.message for event in events if isinstance(event, Warned)] == ["new"]


def test_a_reset_connection_is_opened_anew(tmp_path: Path) -> None:
    """The task after it finds a new one; the hosts that are not in the play keep theirs."""
    machine = Machine("a")
    opened: list[str] = []
    machine.connection.opened = lambda: opened.append("a")
    tasks = "    - command: echo\n    - command: echo\n    - meta: reset_connection\n"
    play(tmp_path, tasks + "    - command: echo\n", machines={"a": machine})
    assert len(opened) == 2


def test_a_meta_task_that_stops_somebody_is_told_where_it_does_not(tmp_path: Path) -> None:
    """Who goes on is shown as skipping; who ends is not shown."""
    tasks = "    - {name: m, meta: end_host, when: inventory_hostname == 'b'}\n" + END
    played = play(tmp_path, tasks, hosts=PAIR)
    skipped = [end for end in played.all(HostEnded) if end.task.name == "m"]
    assert [end.host for end in skipped] == ["a"]
    assert "continuing execution for a" in str(skipped[0].result["msg"])
    assert [start.task.name for start in played.all(TaskStarted)] == ["m", "end"]
