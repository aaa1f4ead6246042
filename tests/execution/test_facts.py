"""Facts: which become variables, how long they are known, and that they are never evaluated."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.execution.fleet import Machine, Played, play, play_file
from understudy.events import Warned
from understudy.execution.settings import FactCaching
from understudy.inventory.fact_cache import GATHERED

SHOW = "    - {name: show, debug: {msg: '%s'}}\n"


def known(folder: Path, **facts: Any) -> FactCaching:
    """Return a cache that knows facts of `web1`."""
    kept = FactCaching(directory=folder / "cache", timeout_s=0)
    kept.directory.mkdir()
    text = json.dumps({"__payload__": json.dumps(facts)})
    (kept.directory / "s1_web1").write_text(text, "utf-8")
    return kept


def stored(folder: Path) -> Any:
    """Return what the cache holds of `web1`, or None."""
    path = folder / "cache" / "s1_web1"
    return json.loads(json.loads(path.read_text("utf-8"))["__payload__"]) if path.exists() else None


def show(folder: Path, text: str, **settings: Any) -> Any:
    """Return what `debug` shows of a text."""
    return play(folder, SHOW % text, **settings).result("show")["msg"]


def test_cached_facts_are_variables(tmp_path: Path) -> None:
    """Under `ansible_facts` without the prefix, and on their own with it."""
    cache = known(tmp_path, ansible_system="Linux", mine=[1])
    text = "{{ ansible_facts.system }} {{ ansible_system }} {{ ansible_facts.mine }} {{ mine }}"
    assert show(tmp_path, text, fact_cache=cache) == "Linux Linux [1] [1]"


def test_cached_facts_are_never_evaluated(tmp_path: Path) -> None:
    """Whatever braces they hold, and whatever variable they are read through."""
    evil = "{{ lookup(\\'pipe\\', \\'id\\') }}"
    cache = known(tmp_path, ansible_it=evil, deep={"it": [evil]})
    tasks = SHOW % "{{ ansible_it }} {{ deep.it[0] }} {{ through }}"
    more = "  vars: {through: '{{ ansible_facts.it }}'}\n"
    played = play(tmp_path, tasks, more=more, fact_cache=cache)
    assert played.result("show")["msg"] == f"{evil} {evil} {evil}"


@pytest.mark.parametrize("when", ["'{{ it }}'", "['{{ ansible_facts.it }}']"])
def test_a_cached_fact_is_no_condition(tmp_path: Path, when: str) -> None:
    """A text of a host that stands for a whole condition fails the task."""
    cache = known(tmp_path, it="lookup('pipe', 'id') == ''")
    tasks = f"    - {{name: show, debug: , when: {when}}}\n"
    played = play(tmp_path, tasks, fact_cache=cache)
    assert played.result("show")["failed"]
    assert "pipe" not in str([call for m in played.machines.values() for call in m.calls])


def test_set_fact_is_cached_if_it_says_so(tmp_path: Path) -> None:
    """Then it is a fact, and a variable of `set_fact` in this run as well."""
    cache = known(tmp_path, ansible_system="Linux")
    tasks = (
        "    - set_fact: {a: '{{ 1 + 1 }}', cacheable: true}\n"
        "    - set_fact: {b: 3}\n" + SHOW % "{{ ansible_facts.a }} {{ a }} {{ b }}"
    )
    played = play(tmp_path, tasks, fact_cache=cache)
    assert played.result("show")["msg"] == "2 2 3"
    assert stored(tmp_path) == {"ansible_system": "Linux", "a": 2}


def test_clear_facts_forgets_the_cache_too(tmp_path: Path) -> None:
    """What `set_fact` gave stays a variable of the run."""
    cache = known(tmp_path, ansible_system="Linux")
    tasks = (
        "    - set_fact: {a: 1, cacheable: true}\n"
        "    - meta: clear_facts\n" + SHOW % "{{ ansible_facts }} {{ a }}"
    )
    played = play(tmp_path, tasks, fact_cache=cache)
    assert played.result("show")["msg"] == "{} 1"
    assert stored(tmp_path) is None


def test_the_cache_can_be_flushed_first(tmp_path: Path) -> None:
    """As `--flush-cache` asks."""
    cache = known(tmp_path, it="old")
    assert show(tmp_path, "{{ it | d(1) }}", fact_cache=cache, flush_cache=True) == 1
    assert stored(tmp_path) is None


def test_a_broken_cache_is_a_warning(tmp_path: Path) -> None:
    """The host has no facts then."""
    cache = known(tmp_path)
    (cache.directory / "s1_web1").write_text("rubbish", "utf-8")
    played = play(tmp_path, SHOW % "{{ ansible_facts }}", fact_cache=cache)
    assert played.result("show")["msg"] == {}
    assert "is no file of a fact cache" in played.all(Warned)[0].message


def gathered(folder: Path, facts: dict[str, Any], text: str, **settings: Any) -> Played:
    """Run a play that has gathered facts, and shows a text."""
    machine = Machine("web1", facts=facts)
    tasks = "    - setup:\n" + SHOW % text
    return play(folder, tasks, machines={"web1": machine}, **settings)


def test_a_host_cannot_say_how_it_is_reached(tmp_path: Path) -> None:
    """Facts with names of connection variables are no variables, with a warning for each."""
    facts = {
        "ansible_become": True,
        "ansible_connection": "local",
        "ansible_ssh_common_args": "-o ProxyCommand=evil",
        "ansible_ssh_host_key_rsa_public": "AAAA",
        "ansible_python_interpreter": "/evil",
    }
    played = gathered(tmp_path, facts, '{{ vars.keys() | select("match", "ansible_(b|c|s|p)") }}')
    shown = set(played.result("show")["msg"]) & facts.keys()
    assert shown == {"ansible_ssh_host_key_rsa_public"}
    assert [w.message for w in played.all(Warned)] == [
        f"Removed restricted key from module data: {name}"
        for name in facts
        if name != "ansible_ssh_host_key_rsa_public"
    ]


@pytest.mark.parametrize(("inject", "expected"), [(True, "1 2 1 2"), (False, "0 2 1 2")])
def test_local_facts_are_variables_in_any_case(
    tmp_path: Path, expected: str, *, inject: bool
) -> None:
    """Others only if facts are injected; the local ones keep their prefix everywhere."""
    facts = {"ansible_a": 1, "ansible_local": 2}
    text = "{{ ansible_a | d(0) }} {{ ansible_local }} {{ ansible_facts.a }}"
    text += " {{ ansible_facts.ansible_local }}"
    played = gathered(tmp_path, facts, text, inject_facts=inject)
    assert played.result("show")["msg"] == expected


@pytest.mark.parametrize(
    ("gathering", "keyword", "cached", "gathers"),
    [
        ("implicit", "", True, True),
        ("implicit", "false", False, False),
        ("explicit", "", False, False),
        ("explicit", "true", True, True),
        ("smart", "", False, True),
        ("smart", "", True, False),
        ("smart", "true", True, False),
        ("smart", "false", False, False),
    ],
)
def test_facts_are_gathered_as_configured(
    tmp_path: Path, gathering: str, keyword: str, *, cached: bool, gathers: bool
) -> None:
    """With `smart` what was gathered once is known, also from the cache, whatever a play says."""
    cache = known(tmp_path, **({GATHERED: True} if cached else {}))
    path = tmp_path / "play.yml"
    word = f"  gather_facts: {keyword}\n" if keyword else ""
    path.write_text(f"- hosts: all\n{word}  tasks: []\n", "utf-8")
    machines = {"web1": Machine("web1", facts={"ansible_a": 1})}
    played = play_file(path, machines=machines, gathering=gathering, fact_cache=cache)
    asked = [call.module for call in played.machines["web1"].calls]
    assert asked == (["setup"] if gathers else [])
    assert (GATHERED in stored(tmp_path)) is (cached or gathers)
