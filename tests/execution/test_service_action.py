"""`service` asks the module for what manages services on the host, and tells it what it knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.execution.fleet import Machine, Played, play

TASK = "    - {name: it, service: {name: x, state: started%s}}\n"


def run(folder: Path, more: str = "", **facts: str) -> tuple[Played, list[tuple[str, Any]]]:
    """Run the task; return what there was, and the modules called with what they were given."""
    machine = Machine("web1", facts=facts)
    played = play(folder, TASK % more, machines={"web1": machine})
    calls = [
        (call.module, {name: value for name, value in call.args.items() if value is not None})
        for call in machine.calls
    ]
    return played, calls


@pytest.mark.parametrize(
    ("manager", "module"),
    [
        ("systemd", "systemd"),
        ("sysvinit", "sysvinit"),
        ("openrc", "service"),
        ("service", "service"),
        ("upstart", "service"),
    ],
)
def test_the_host_is_asked_for_its_manager(tmp_path: Path, manager: str, module: str) -> None:
    """A manager without a module of its own is left to the module `service`."""
    _, calls = run(tmp_path, ansible_service_mgr=manager)
    assert [name for name, _ in calls] == ["setup", module]
    assert calls[0][1]["filter"] == ["ansible_service_mgr"]
    assert (calls[1][1]["name"], calls[1][1]["state"]) == ("x", "started")


def test_what_is_said_is_not_asked_for(tmp_path: Path) -> None:
    """`use` names the manager, with or without its collection."""
    _, calls = run(tmp_path, ", use: ansible.builtin.systemd")
    assert [name for name, _ in calls] == ["systemd"]


def test_known_facts_are_used(tmp_path: Path) -> None:
    """The facts of the host, but not those of one that the task is delegated to."""
    machines = {name: Machine(name, facts={"ansible_service_mgr": name}) for name in ("web1", "db")}
    machines["web1"].facts = {"ansible_service_mgr": "systemd"}
    machines["db"].facts = {"ansible_service_mgr": "sysvinit"}
    tasks = (
        "    - {setup: , when: inventory_hostname == 'web1'}\n"
        "    - {name: a, service: {name: x, state: started}, when: inventory_hostname == 'web1'}\n"
        "    - {name: b, service: {name: x, state: started}, delegate_to: db,"
        " when: inventory_hostname == 'web1'}\n"
    )
    play(tmp_path, tasks, machines=machines)
    assert [call.module for call in machines["web1"].calls] == ["setup", "systemd"]
    assert [call.module for call in machines["db"].calls] == ["setup", "sysvinit"]


def test_arguments_that_a_manager_has_not(tmp_path: Path) -> None:
    """Some are passed over with a warning, others are refused in the name of the module."""
    played, calls = run(tmp_path, ", use: systemd, sleep: 3, pattern: y, daemon_reload: true")
    assert calls[0][1]["daemon_reload"] is True
    assert "sleep" not in calls[0][1]
    assert played.result("it")["warnings"] == [
        'Ignoring "pattern" as it is not used in "systemd"',
        'Ignoring "sleep" as it is not used in "systemd"',
    ]
    for use, name, value in (("sysvinit", "scope", "user"), ("service", "masked", "true")):
        played, calls = run(tmp_path, f", use: {use}, {name}: {value}")
        msg = played.ends("it")["web1"].result["msg"]
        start = f"Unsupported parameters for (ansible.legacy.{use}) module: {name}. Supported"
        assert (msg.startswith(start), calls) == (True, [])


def test_defaults_of_the_manager(tmp_path: Path) -> None:
    """What `service` has as a default is no argument of another module."""
    _, calls = run(tmp_path, ", use: sysvinit")
    assert (calls[0][1]["sleep"], "runlevel" in calls[0][1]) == (1, False)


def test_as_a_job(tmp_path: Path) -> None:
    """The manager is asked for in the foreground; its module is the job."""
    machine = Machine("web1", facts={"ansible_service_mgr": "systemd"})
    tasks = TASK.replace("}}\n", "}, async: 10, poll: 0}\n") % ""
    played = play(tmp_path, tasks, machines={"web1": machine})
    assert [(call.module, call.job is not None) for call in machine.calls][:2] == [
        ("setup", False),
        ("systemd", True),
    ]
    assert "ansible_job_id" in played.result("it")
