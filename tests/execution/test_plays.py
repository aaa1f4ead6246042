"""Plays on several hosts: lockstep, failures, blocks, includes, handlers, running once."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.execution.fleet import play, play_file
from understudy.events import (
    HostEnded,
    Included,
    PlaybookEnded,
    RunEnded,
    Status,
    TaskStarted,
    Warned,
)
from understudy.text.diagnostic import PlaybookInvalid

PAIR = ("web1", "web2")
FAIL_ON_WEB1 = "failed_when: inventory_hostname == 'web1'"


def names(played, kind=TaskStarted) -> list[str]:
    """Return the names of the tasks that were started."""
    return [event.task.name for event in played.all(kind)]


def test_every_host_does_a_task_before_any_does_the_next(tmp_path: Path) -> None:
    """The linear strategy waits for the slowest host."""
    tasks = """\
    - {name: first, command: "sleep {{ 5 if inventory_hostname == 'web1' else 1 }}"}
    - {name: second, command: echo}
"""
    played = play(tmp_path, tasks, hosts=PAIR)
    order = [(event.task.name, event.host) for event in played.all(HostEnded)]
    assert order[:2] == [("first", "web2"), ("first", "web1")]
    assert {name for name, _ in order[2:]} == {"second"}


def test_a_failed_host_leaves_the_play_and_the_others_go_on(tmp_path: Path) -> None:
    """A failure takes one host out; the exit code tells of it."""
    tasks = f"    - {{name: a, command: echo, {FAIL_ON_WEB1}}}\n    - {{name: b, command: echo}}\n"
    played = play(tmp_path, tasks, hosts=PAIR)
    assert played.ends("b").keys() == {"web2"}
    assert played.code == 2


def test_any_errors_fatal_ends_the_play_for_every_host(tmp_path: Path) -> None:
    """One failure is everybody's."""
    tasks = f"    - {{name: a, command: echo, {FAIL_ON_WEB1}}}\n    - {{name: b, command: echo}}\n"
    played = play(tmp_path, tasks, hosts=PAIR, more="  any_errors_fatal: true\n")
    assert played.ends("b") == {}


def test_rescue_and_always_run_where_they_apply(tmp_path: Path) -> None:
    """The failed host is rescued, the other one is not, and both run `always`."""
    tasks = f"""\
    - block:
        - {{name: work, command: echo, {FAIL_ON_WEB1}}}
        - {{name: more, command: echo}}
      rescue:
        - {{name: mend, debug: {{msg: "{{{{ ansible_failed_task.name }}}}"}}}}
      always:
        - {{name: tidy, command: echo}}
    - {{name: after, command: echo}}
"""
    played = play(tmp_path, tasks, hosts=PAIR)
    assert played.ends("more").keys() == {"web2"}
    assert played.ends("mend")["web1"].result["msg"] == "work"
    assert played.ends("tidy").keys() == played.ends("after").keys() == {"web1", "web2"}
    assert played.code == 0
    assert names(played) == ["work", "more", "mend", "tidy", "after"]


def test_hosts_that_include_the_same_file_go_through_it_together(tmp_path: Path) -> None:
    """One event names every host of a file; two files of one task come one after the other."""
    (tmp_path / "a.yml").write_text("- {name: in a, command: echo}\n")
    (tmp_path / "b.yml").write_text("- {name: in b, command: echo}\n")
    choice = "{{ 'b' if inventory_hostname == 'web2' else 'a' }}.yml"
    tasks = f'    - include_tasks: "{choice}"\n    - {{name: after, command: echo}}\n'
    played = play(tmp_path, tasks, hosts=("web1", "web2", "web3"))
    assert [event.hosts for event in played.all(Included)] == [("web1", "web3"), ("web2",)]
    assert names(played)[1:] == ["in a", "in b", "after"]


def test_a_looped_include_brings_its_item(tmp_path: Path) -> None:
    """Every item inserts the file with its own variables, in the order of the items."""
    (tmp_path / "say.yml").write_text('- {name: say, debug: {msg: "{{ item }}"}}\n')
    tasks = "    - {include_tasks: say.yml, loop: [x, y]}\n"
    played = play(tmp_path, tasks)
    assert [e.result["msg"] for e in played.all(HostEnded) if e.task.name == "say"] == ["x", "y"]


def test_an_include_of_itself_ends_with_a_message(tmp_path: Path) -> None:
    """An endless include is a failed task, not a hang."""
    (tmp_path / "again.yml").write_text("- include_tasks: again.yml\n")
    played = play(tmp_path, "    - include_tasks: again.yml\n")
    assert played.code == 2
    assert "deep" in str(played.all(HostEnded)[-1].result["msg"])


def test_a_handler_runs_once_on_the_hosts_that_notified_it(tmp_path: Path) -> None:
    """Handlers run at the end of the section, in their own order, only where they are due."""
    handlers = """\
  handlers:
    - {name: one, command: echo}
    - {name: two, command: echo, listen: both}
    - {name: three, command: echo}
"""
    tasks = """\
    - {command: echo, notify: [both, one], when: inventory_hostname == 'web1'}
    - {command: echo, notify: one, changed_when: false}
    - {command: echo, notify: one, when: inventory_hostname == 'web1'}
"""
    played = play(tmp_path, tasks, hosts=PAIR, more=handlers)
    handled = [(e.task.name, e.host) for e in played.all(HostEnded) if e.task.is_handler]
    assert handled == [("one", "web1"), ("two", "web1")]


def test_what_runs_once_is_registered_for_every_host(tmp_path: Path) -> None:
    """`run_once` asks one host and tells all."""
    tasks = """\
    - {name: ask, command: echo hello, run_once: true, register: r}
    - {name: tell, debug: {msg: "{{ r.stdout }}"}}
"""
    played = play(tmp_path, tasks, hosts=PAIR)
    assert played.ends("ask").keys() == {"web1"}
    assert {end.result["msg"] for end in played.ends("tell").values()} == {"echo hello"}


def test_a_secret_argument_is_masked_wherever_it_shows(tmp_path: Path) -> None:
    """The events of a `no_log` task hold nothing of its result."""
    tasks = "    - {name: hide, command: echo sesame, no_log: true}\n"
    played = play(tmp_path, tasks)
    assert "sesame" not in str([event for _, event in played.events])
    assert played.ends("hide")["web1"].status is Status.CHANGED


def test_serial_takes_the_hosts_in_batches(tmp_path: Path) -> None:
    """Each batch goes through the whole play before the next one starts."""
    tasks = "    - {name: a, command: sleep 1}\n    - {name: b, command: sleep 1}\n"
    hosts = ("web1", "web2", "web3")
    played = play(tmp_path, tasks, hosts=hosts, more="  serial: [1, 2]\n")
    order = [(event.task.name, event.host) for event in played.all(HostEnded)]
    assert order[:2] == [("a", "web1"), ("b", "web1")]
    assert played.elapsed_s == 4


def test_a_lookup_that_does_io_runs_beside_the_loop(tmp_path: Path) -> None:
    """A task whose text needs a program's output is prepared in a thread, from then on at once."""
    tasks = """\
    - name: slow
      debug: {msg: "{{ lookup('pipe', 'sleep 0.2; echo x') }}"}
"""
    started = time.monotonic()
    played = play(tmp_path, tasks, hosts=[f"web{n}" for n in range(8)])
    assert {end.result["msg"] for end in played.ends("slow").values()} == {"x"}
    assert time.monotonic() - started < 8 * 0.2


def test_too_many_failures_end_the_play_for_everyone(tmp_path: Path) -> None:
    """Beyond `max_fail_percentage` of a batch the other hosts fail too; up to it they go on."""
    tasks = f"    - {{name: a, command: echo, {FAIL_ON_WEB1}}}\n    - {{name: b, command: echo}}\n"
    strict = play(tmp_path, tasks, hosts=PAIR, more="  max_fail_percentage: 49\n")
    patient = play(tmp_path, tasks, hosts=PAIR, more="  max_fail_percentage: 50\n")
    assert strict.ends("b") == {}
    assert patient.ends("b").keys() == {"web2"}


def test_each_of_several_playbooks_ends_with_a_recap(tmp_path: Path) -> None:
    """What is counted goes on; after the last one the run itself ends."""
    paths = [tmp_path / "one.yml", tmp_path / "two.yml"]
    for path in paths:
        path.write_text("- hosts: all\n  gather_facts: false\n  tasks: [debug: ]\n", "utf-8")
    played = play_file(*paths)
    assert [(end.path, end.recap["web1"].ok) for end in played.all(PlaybookEnded)] == [
        (str(paths[0]), 1)
    ]
    assert played.all(RunEnded)[0].recap["web1"].ok == 2


def test_an_unknown_handler_may_be_a_warning(tmp_path: Path) -> None:
    """As `error_on_missing_handler` says."""
    task = "    - {command: echo, notify: nobody}\n"
    played = play(tmp_path, task, unknown_handler_fails=False)
    assert [w.message.split(" was")[0] for w in played.all(Warned)] == [
        "The requested handler 'nobody'"
    ]
    with pytest.raises(PlaybookInvalid, match="nobody"):
        play(tmp_path, task)


@pytest.mark.parametrize(("how", "told"), [("warning", 1), ("ignore", 0), ("error", None)])
def test_a_pattern_that_matches_nothing_is_told_as_configured(
    tmp_path: Path, how: str, told: int | None
) -> None:
    """As `host_pattern_mismatch` says."""
    path = tmp_path / "play.yml"
    path.write_text("- hosts: [nobody, web1]\n  gather_facts: false\n  tasks: []\n", "utf-8")
    if told is None:
        with pytest.raises(PlaybookInvalid, match="nobody"):
            play_file(path, pattern_mismatch=how)
    else:
        assert len(play_file(path, pattern_mismatch=how).all(Warned)) == told


@pytest.mark.parametrize(
    ("more", "task"),
    [
        ("  vars: {query: 1}\n", "{debug: }"),
        ("", "{debug: , vars: {query: 1}}"),
        ("", "{debug: , register: query}"),
        ("", "{set_fact: {query: 1}}"),
    ],
)
def test_reserved_names_of_variables_are_a_warning(tmp_path: Path, more: str, task: str) -> None:
    """Wherever the variable comes from, once for each name."""
    played = play(tmp_path, f"    - {task}\n" * 2, more=more, hosts=("a", "b"))
    found = [w.message for w in played.all(Warned)]
    assert found == ["Found variable using reserved name 'query'."]
