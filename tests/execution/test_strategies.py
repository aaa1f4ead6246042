"""Strategies: who does which task next, and what follows for the others; in virtual time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.execution.fleet import Machine, Played, play
from understudy.events import HostEnded, Status, TaskStarted, Warned
from understudy.text.diagnostic import PlaybookInvalid

THREE = ("a", "b", "c")
OWN_PACE = """\
    - {name: nap, command: "sleep {{ {'a': 1, 'b': 2, 'c': 3}[inventory_hostname] }}"}
    - {name: next, command: echo}
"""
TWO = "    - {name: one, command: sleep 2}\n    - {name: two, command: sleep 2}\n"


def strategy(name: str) -> str:
    """Return the line of a play that names its strategy."""
    return f"  strategy: {name}\n"


def order(played: Played) -> list[tuple[str, str]]:
    """Return in which order hosts ended tasks."""
    return [(end.host, end.task.name) for end in played.all(HostEnded)]


def ended_at(played: Played, host: str) -> float:
    """Return when a host ended its last task."""
    moments = [s.t_s for s, e in played.events if isinstance(e, HostEnded) and e.host == host]
    return max(moments)


def test_in_lockstep_the_slowest_host_sets_the_pace(tmp_path: Path) -> None:
    """The plain strategy: nobody starts a task before all have done the one before."""
    played = play(tmp_path, OWN_PACE, hosts=THREE)
    assert [task for _, task in order(played)] == ["nap"] * 3 + ["next"] * 3


@pytest.mark.parametrize("name", ["free", "ansible.builtin.free", "'{{ kind }}'"])
def test_free_hosts_overtake_each_other(tmp_path: Path, name: str) -> None:
    """Each goes on as soon as its own task is done; the name may be long, or a template."""
    more = strategy(name) + "  vars: {kind: free}\n"
    played = play(tmp_path, OWN_PACE, hosts=THREE, more=more)
    assert order(played) == [(host, task) for host in THREE for task in ("nap", "next")]
    assert [ended_at(played, host) for host in THREE] == pytest.approx([1, 2, 3], abs=0.1)


def test_free_announces_a_task_once_for_all(tmp_path: Path) -> None:
    """Hosts that do the same task do it under the same id."""
    played = play(tmp_path, OWN_PACE, hosts=THREE, more=strategy("free"))
    assert [event.task.name for event in played.all(TaskStarted)] == ["nap", "next"]
    ids = {end.task.id for end in played.ends("next").values()}
    assert len(ids) == 1


def test_free_holds_to_forks(tmp_path: Path) -> None:
    """At most `forks` hosts are at work at once; who waits takes the next free place."""
    played = play(tmp_path, TWO, hosts=THREE, more=strategy("free"), forks=1)
    assert played.elapsed_s == pytest.approx(12, abs=0.1)


def test_pinned_hosts_are_brought_to_their_end(tmp_path: Path) -> None:
    """With two forks the third host starts when one of the first two is through."""
    played = play(tmp_path, TWO, hosts=THREE, more=strategy("host_pinned"), forks=2)
    assert [ended_at(played, host) for host in THREE] == pytest.approx([4, 4, 8], abs=0.1)


def test_a_free_host_that_fails_leaves_the_others_alone(tmp_path: Path) -> None:
    """`any_errors_fatal` needs hosts that go together: a warning says so."""
    tasks = "    - {name: bad, command: 'false', when: inventory_hostname == 'a'}\n" + TWO
    more = strategy("free") + "  any_errors_fatal: true\n"
    played = play(tmp_path, tasks, hosts=THREE, more=more)
    assert set(played.ends("two")) == {"b", "c"}
    assert any("any_errors_fatal with the free" in w.message for w in played.all(Warned))


def test_run_once_is_for_every_host_without_lockstep(tmp_path: Path) -> None:
    """As in Ansible, with its warning, once."""
    tasks = "    - {name: all the same, command: echo, run_once: true}\n"
    played = play(tmp_path, tasks, hosts=THREE, more=strategy("free"))
    assert set(played.ends("all the same")) == set(THREE)
    assert len([w for w in played.all(Warned) if "run_once" in w.message]) == 1


def test_what_is_done_once_for_all_is_refused_without_lockstep(tmp_path: Path) -> None:
    """`add_host` would be carried out for every host."""
    with pytest.raises(PlaybookInvalid, match="bypasses the host loop"):
        play(tmp_path, "    - {add_host: {name: new}}\n", hosts=THREE, more=strategy("free"))


def test_a_free_host_runs_its_handlers_at_its_own_end(tmp_path: Path) -> None:
    """Nobody waits for the others' tasks."""
    tasks = "    - {name: change, command: 'sleep {{ nap }}', notify: restart}\n"
    machines = {name: Machine(name) for name in THREE}
    more = strategy("free") + (
        "  vars: {naps: {a: 1, b: 2, c: 3}, nap: '{{ naps[inventory_hostname] }}'}\n"
        "  handlers: [{name: restart, command: echo}]\n"
    )
    played = play(tmp_path, tasks, machines=machines, more=more)
    assert order(played) == [(host, task) for host in THREE for task in ("change", "restart")]


def test_the_end_of_the_play_stops_free_hosts_where_they_are(tmp_path: Path) -> None:
    """What is running ends; nothing follows it."""
    tasks = OWN_PACE.replace("next, command: echo", "next, meta: end_play") + TWO
    played = play(tmp_path, tasks, hosts=THREE, more=strategy("free"))
    assert played.ends("one") == {}
    assert played.code == 0


def test_the_end_of_the_play_is_the_end_of_later_batches(tmp_path: Path) -> None:
    """`end_play` ends the play, `end_batch` the batch that is on."""
    for kind, reached in (("end_play", []), ("end_batch", ["c"])):
        tasks = f"    - {{meta: {kind}, when: inventory_hostname == 'a'}}\n" + TWO
        played = play(tmp_path, tasks, hosts=THREE, more="  serial: 2\n")
        assert list(played.ends("two")) == reached


def test_a_strategy_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    """Also when it comes from a variable."""
    more = strategy("'{{ kind }}'") + "  vars: {kind: fast}\n"
    with pytest.raises(PlaybookInvalid, match="there is no strategy `fast`"):
        play(tmp_path, TWO, more=more)


def test_a_slow_host_delays_nobody_in_a_free_play(tmp_path: Path) -> None:
    """Nor does one that is lost."""
    lost = Machine("b", lost=lambda now: now > 1)
    machines = {"a": Machine("a"), "b": lost, "c": Machine("c")}
    played = play(tmp_path, TWO, machines=machines, more=strategy("free"))
    assert played.ends("two")["a"].status is Status.CHANGED
    assert played.elapsed_s == pytest.approx(4, abs=0.1)


def test_throttle_counts_across_free_hosts(tmp_path: Path) -> None:
    """One host at a time does the task, whoever comes first; others are elsewhere meanwhile."""
    tasks = (
        "    - {name: one, command: sleep 2, throttle: 1}\n    - {name: two, command: sleep 1}\n"
    )
    played = play(tmp_path, tasks, hosts=THREE, more=strategy("free"))
    assert [ended_at(played, host) for host in THREE] == pytest.approx([3, 5, 7], abs=0.1)


@pytest.mark.parametrize("name", ["linear", "free"])
def test_what_a_handler_includes_is_done(tmp_path: Path, name: str) -> None:
    """By the hosts that the handler was due for."""
    (tmp_path / "more.yml").write_text("- {name: inside, command: echo}\n", "utf-8")
    tasks = "    - {command: echo, notify: told, when: inventory_hostname != 'b'}\n"
    more = strategy(name) + "  handlers: [{name: told, include_tasks: more.yml}]\n"
    played = play(tmp_path, tasks, hosts=THREE, more=more)
    assert set(played.ends("inside")) == {"a", "c"}


def test_free_says_what_a_limit_of_failures_means_to_it(tmp_path: Path) -> None:
    """Nothing: the others go on, and a warning says so."""
    tasks = "    - {name: bad, command: 'false', when: inventory_hostname == 'a'}\n" + TWO
    more = strategy("free") + "  max_fail_percentage: 0\n"
    played = play(tmp_path, tasks, hosts=THREE, more=more)
    assert set(played.ends("two")) == {"b", "c"}
    assert any("max_fail_percentage with the free" in w.message for w in played.all(Warned))
