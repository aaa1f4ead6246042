"""What one host's failure or loss means for the others, and how hosts come back; virtual time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.execution.fleet import Machine, Played, play
from understudy.events import HostEnded, Status, Warned

THREE = ("a", "b", "c")
BLOCK = """\
    - block:
        - {name: bad, command: 'false', when: inventory_hostname == 'a'}
      rescue:
        - {name: rescue, command: echo}
      always:
        - {name: always, command: echo}
    - {name: end, command: echo}
"""
BARE = BLOCK.replace("      rescue:\n        - {name: rescue, command: echo}\n", "")
BAD_AND_GOOD = "    - {name: bad, command: 'false', when: %s}\n    - {name: end, command: echo}\n"
FATAL = "  any_errors_fatal: true\n"


def times(played: Played, task: str) -> dict[str, int]:
    """Return how often each host did a task."""
    hosts = [end.host for end in played.all(HostEnded) if end.task.name == task]
    return {host: hosts.count(host) for host in hosts}


def lost_until(moment: float) -> Machine:
    """Return a host `b` that cannot be reached before a moment."""
    return Machine("b", lost=lambda now: now < moment)


def with_b(machine: Machine) -> dict[str, Machine]:
    """Return hosts a, b and c, of which `b` is given."""
    return {"a": Machine("a"), "b": machine, "c": Machine("c")}


def test_a_fatal_error_leads_every_host_into_the_rescue(tmp_path: Path) -> None:
    """Also when the task that failed is the last one of the block; then all go on."""
    played = play(tmp_path, BLOCK, hosts=THREE, more=FATAL)
    for task in ("rescue", "always", "end"):
        assert times(played, task) == dict.fromkeys(THREE, 1)
    assert played.code == 0


def test_a_fatal_error_leaves_nobody_out_of_the_always_section(tmp_path: Path) -> None:
    """Neither who failed nor the others: then the play is over for all."""
    played = play(tmp_path, BARE, hosts=THREE, more=FATAL)
    assert times(played, "always") == dict.fromkeys(THREE, 1)
    assert times(played, "end") == {}


def test_a_fatal_error_in_a_rescue_leads_everyone_to_always(tmp_path: Path) -> None:
    """The failure is one of the rescue section for all who are in it."""
    tasks = BLOCK.replace("{name: rescue, command: echo}", "{name: rescue, command: 'false'}")
    played = play(tmp_path, tasks, hosts=THREE, more=FATAL)
    assert times(played, "always") == dict.fromkeys(THREE, 1)
    assert times(played, "end") == {}


def test_a_task_may_be_less_strict_than_its_play(tmp_path: Path) -> None:
    """The nearest `any_errors_fatal` counts."""
    tasks = BAD_AND_GOOD.replace("%s", "inventory_hostname == 'a', any_errors_fatal: false")
    played = play(tmp_path, tasks, hosts=THREE, more=FATAL)
    assert set(times(played, "end")) == {"b", "c"}


def test_the_configuration_may_make_errors_fatal(tmp_path: Path) -> None:
    """It counts where neither play nor task says anything."""
    tasks = BAD_AND_GOOD.replace("%s", "inventory_hostname == 'a'")
    assert times(play(tmp_path, tasks, hosts=THREE, any_errors_fatal=True), "end") == {}


def test_a_lost_host_is_a_fatal_error(tmp_path: Path) -> None:
    """A host that cannot be reached ends the play for all, as one that fails does."""
    tasks = "    - {name: one, command: echo}\n    - {name: end, command: echo}\n"
    played = play(tmp_path, tasks, machines=with_b(lost_until(9)), more=FATAL)
    assert times(played, "end") == {}


def test_a_task_that_runs_once_fails_for_all(tmp_path: Path) -> None:
    """Every host of the batch is rescued, or none goes on."""
    tasks = BLOCK.replace("when: inventory_hostname == 'a'", "run_once: true")
    assert times(play(tmp_path, tasks, hosts=THREE), "rescue") == dict.fromkeys(THREE, 1)
    bare = BARE.replace("when: inventory_hostname == 'a'", "run_once: true")
    assert times(play(tmp_path, bare, hosts=THREE), "end") == {}


@pytest.mark.parametrize("limit", ["33", "'33%'", "'{{ 30 + 3 }}%'"])
def test_more_failures_than_may_be_end_the_play(tmp_path: Path, limit: str) -> None:
    """One host of three is more than 33 percent; a warning says why the others stop."""
    more = f"  max_fail_percentage: {limit}\n"
    played = play(tmp_path, BAD_AND_GOOD % "inventory_hostname == 'a'", hosts=THREE, more=more)
    assert times(played, "end") == {}
    assert "1 of 3 hosts have failed, more than 33%" in played.all(Warned)[0].message


def test_failures_count_when_nothing_has_rescued_them(tmp_path: Path) -> None:
    """With an `always` section that is at its end; every host is through it once."""
    more = "  max_fail_percentage: 0\n"
    assert times(play(tmp_path, BLOCK, hosts=THREE, more=more), "end") == dict.fromkeys(THREE, 1)
    played = play(tmp_path, BARE, hosts=THREE, more=more)
    assert times(played, "always") == dict.fromkeys(THREE, 1)
    assert times(played, "end") == {}


def test_a_batch_knows_who_failed_in_the_batches_before(tmp_path: Path) -> None:
    """`ansible_play_hosts` leaves them out, `ansible_play_hosts_all` does not."""
    tasks = """\
    - {name: bad, command: 'false', when: inventory_hostname == 'a'}
    - {name: tell, debug: {msg: "{{ ansible_play_hosts }} {{ ansible_play_hosts_all }}"}}
"""
    played = play(tmp_path, tasks, hosts=THREE, more="  serial: 2\n")
    assert played.ends("tell")["c"].result["msg"] == "['b', 'c'] ['a', 'b', 'c']"


def test_a_lost_host_whose_errors_are_cleared_goes_on_where_it_was(tmp_path: Path) -> None:
    """In the same play, after the task that it was lost in, which is not done again."""
    tasks = """\
    - {name: one, command: sleep 1}
    - {name: two, command: echo}
    - meta: clear_host_errors
    - {name: three, command: echo}
"""
    played = play(tmp_path, tasks, machines=with_b(lost_until(0.5)))
    assert played.ends("one")["b"].status is Status.UNREACHABLE
    assert times(played, "two") == dict.fromkeys(THREE, 1)
    assert times(played, "three") == dict.fromkeys(THREE, 1)
    assert played.code == 0


def test_a_free_host_whose_errors_are_cleared_goes_on_too(tmp_path: Path) -> None:
    """Even if every other host has reached its end by then."""
    tasks = """\
    - {name: one, command: sleep 1}
    - {meta: clear_host_errors, when: inventory_hostname == 'c'}
    - {name: two, command: echo}
"""
    played = play(tmp_path, tasks, machines=with_b(lost_until(0.5)), more="  strategy: free\n")
    assert times(played, "two") == dict.fromkeys(THREE, 1)


@pytest.mark.parametrize(("ignored", "reached"), [("true", ["a"]), ("item == 1", [])])
def test_a_loop_goes_on_when_its_host_is_lost(
    tmp_path: Path, ignored: str, reached: list[str]
) -> None:
    """Every item is tried; the loss is ignored if it is ignored for each item."""
    tasks = f"""\
    - name: loop
      command: echo
      loop: [1, 2]
      ignore_unreachable: "{{{{ {ignored} }}}}"
    - {{name: end, debug: {{msg: here}}}}
"""
    machines = {"a": Machine("a", lost=lambda _: True)}
    played = play(tmp_path, tasks, machines=machines)
    assert len(played.ends("loop")["a"].result["results"]) == 2
    assert list(times(played, "end")) == reached


def test_an_error_is_ignored_item_by_item(tmp_path: Path) -> None:
    """One item whose failure counts is enough for the task to fail."""
    tasks = "    - {name: x, command: 'false', loop: [1, 2], ignore_errors: '{{ item == 1 }}'}\n"
    assert play(tmp_path, tasks).code == 2
    assert play(tmp_path, tasks.replace("item == 1", "item < 3")).code == 0


@pytest.mark.parametrize("hidden", ["true", "'{{ yes_ }}'"])
def test_a_rescue_sees_no_arguments_of_a_hidden_task(tmp_path: Path, hidden: str) -> None:
    """Nor its variables or its loop."""
    tasks = f"""\
    - block:
      - {{command: 'false', vars: {{inner: hunter22}}, loop: [hunter33], no_log: {hidden}}}
      rescue:
      - {{name: told, debug: {{msg: '{{{{ ansible_failed_task }}}}'}}}}
"""
    told = play(tmp_path, tasks, more="  vars: {yes_: true}\n").result("told")["msg"]
    assert told["action"] == "command"
    assert not {"args", "vars", "loop"} & told.keys()
