"""What runs once for all hosts, and what runs on another host: results, facts, variables."""

from __future__ import annotations

from pathlib import Path

from tests.execution.fleet import Machine, Played, play
from understudy.events import HostEnded

PAIR = ("web1", "web2")


def told(played: Played, task: str) -> dict[str, object]:
    """Return what a `debug` task said on each host."""
    return {host: end.result["msg"] for host, end in played.ends(task).items()}


def test_facts_of_what_runs_once_are_everybodys(tmp_path: Path) -> None:
    """Of each item of a loop, too."""
    tasks = """\
    - {set_fact: {x: "{{ (x | default([])) + [item] }}"}, loop: [1, 2], run_once: true}
    - {name: tell, debug: {msg: "{{ x }}"}}
"""
    assert told(play(tmp_path, tasks, hosts=PAIR), "tell") == {
        "web1": [1, 2],
        "web2": [1, 2],
    }


def test_facts_given_to_a_delegate_are_its_own(tmp_path: Path) -> None:
    """`run_once` does not spread what `delegate_facts` has given away."""
    tasks = """\
    - set_fact: {x: here}
      run_once: true
      delegate_to: web2
      delegate_facts: true
    - {name: tell, debug: {msg: "{{ x | default('none') }}"}}
"""
    hosts = (*PAIR, "web3")
    assert told(play(tmp_path, tasks, hosts=hosts), "tell") == {
        "web1": "none",
        "web2": "here",
        "web3": "none",
    }


def test_an_include_that_runs_once_is_for_the_first_host(tmp_path: Path) -> None:
    """The others pass it over."""
    (tmp_path / "more.yml").write_text("- {name: inside, command: echo}\n", "utf-8")
    tasks = "    - {include_tasks: more.yml, run_once: true}\n    - {name: after, command: echo}\n"
    played = play(tmp_path, tasks, hosts=PAIR)
    assert set(played.ends("inside")) == {"web1"}
    assert set(played.ends("after")) == set(PAIR)


def test_a_file_included_twice_in_a_loop_is_done_twice(tmp_path: Path) -> None:
    """Also when both items are the same."""
    (tmp_path / "more.yml").write_text("- {name: inside, command: echo}\n", "utf-8")
    tasks = "    - {include_tasks: '{{ item }}', loop: [more.yml, more.yml]}\n"
    played = play(tmp_path, tasks, hosts=PAIR)
    hosts = [end.host for end in played.all(HostEnded) if end.task.name == "inside"]
    assert hosts == [*PAIR, *PAIR]


def test_a_task_knows_the_name_its_host_is_reached_by(tmp_path: Path) -> None:
    """`ansible_host` is the name in the inventory, or the delegate's, where no variable says so."""
    tasks = """\
    - {name: own, debug: {msg: "{{ ansible_host }}"}}
    - {name: other, debug: {msg: "{{ ansible_host }}"}, delegate_to: db}
    - {name: user, debug: {msg: "{{ ansible_user }}"}, remote_user: fred}
"""
    played = play(tmp_path, tasks)
    assert [told(played, name)["web1"] for name in ("own", "other", "user")] == [
        "web1",
        "db",
        "fred",
    ]


def test_a_delegate_need_not_be_in_the_inventory(tmp_path: Path) -> None:
    """The command runs there; `ansible_delegated_vars` tells of it, with the task's variables."""
    tasks = """\
    - name: elsewhere
      command: echo {{ there.color }} {{ there.ansible_host }}
      vars: {color: red, there: "{{ ansible_delegated_vars.db }}"}
      delegate_to: db
"""
    machines = {"web1": Machine("web1"), "db": Machine("db")}
    played = play(tmp_path, tasks, machines=machines, more="  order: sorted\n")
    assert played.ends("elsewhere")["web1"].result["stdout"] == "echo red db"
    assert played.ends("elsewhere")["web1"].delegated_to == "db"
    assert len(machines["db"].calls) == 2
    assert machines["web1"].calls == []


def test_connection_variables_of_task_and_play_hold_for_the_delegate(tmp_path: Path) -> None:
    """They win over the delegate's own, as they do for any host."""
    tasks = "    - {name: x, command: echo, delegate_to: db, vars: {ansible_connection: local}}\n"
    seen = play(tmp_path, tasks, machines={"web1": Machine("web1"), "db": Machine("db")})
    assert seen.code == 0
    tasks = tasks.replace("local", "nonsense")
    assert play(tmp_path, tasks).code == 4
    play_wide = "  vars: {ansible_connection: nonsense}\n"
    tasks = "    - {name: x, command: echo, delegate_to: db}\n"
    assert play(tmp_path, tasks, more=play_wide).code == 4


def test_a_delegate_may_be_omitted_but_not_empty(tmp_path: Path) -> None:
    """Without a delegate the host itself would do what is meant for another."""
    tasks = "    - {name: x, command: echo, delegate_to: '{{ who | default(omit) }}'}\n"
    played = play(tmp_path, tasks)
    assert played.code == 0
    assert played.ends("x")["web1"].delegated_to is None
    played = play(tmp_path, tasks.replace("default(omit)", "default(none)"))
    assert played.result("x")["msg"].startswith("Task failed: Empty hostname")
