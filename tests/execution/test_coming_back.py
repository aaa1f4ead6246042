"""`wait_for_connection` and `reboot`: hosts that go away and come back, in virtual time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.execution.fleet import Machine, play
from understudy.events import Status

WAIT = "    - {name: wait, wait_for_connection: {timeout: 60, sleep: 2%s}}\n"
REBOOT = "    - {name: boot, reboot: {reboot_timeout: 100%s}}\n"


def away(start: float, end: float, **more: object) -> dict[str, Machine]:
    """Return a host that cannot be reached for some time."""
    return {"web1": Machine("web1", lost=lambda now: start <= now < end, **more)}


def test_a_host_that_is_there_is_not_waited_for(tmp_path: Path) -> None:
    """One module is run, after the delay."""
    played = play(tmp_path, WAIT % ", delay: 5")
    assert played.result("wait") == {"changed": False, "failed": False, "elapsed": 5}


def test_a_host_that_comes_up_is_waited_for(tmp_path: Path) -> None:
    """It is tried again and again, also with a new connection."""
    played = play(tmp_path, WAIT % "", machines=away(0, 9))
    assert played.result("wait")["elapsed"] == 10


def test_a_host_that_stays_away_fails_the_task_with_the_last_reason(tmp_path: Path) -> None:
    """It is not unreachable: to find that out was the task."""
    played = play(tmp_path, WAIT % "", machines=away(0, 999))
    end = played.ends("wait")["web1"]
    assert end.status is Status.FAILED
    assert end.result["msg"] == "timed out waiting for ping module test: no route to host"
    assert played.elapsed_s == pytest.approx(60, abs=2)


def test_waiting_hosts_hold_no_slot(tmp_path: Path) -> None:
    """Four hosts come up at the same time; with one fork nobody waits for the others' sleep."""
    machines = {name: away(0, 9)["web1"] for name in "abcd"}
    assert play(tmp_path, WAIT % "", machines=machines, forks=1).elapsed_s < 12


def test_a_reboot_lasts_until_the_boot_is_another_one(tmp_path: Path) -> None:
    """A host that still answers on its way down has not come back."""
    played = play(tmp_path, REBOOT % "", machines=away(3, 20, boots=(20,)))
    result = played.result("boot")
    assert (result["changed"], result["rebooted"]) == (True, True)
    assert 20 <= result["elapsed"] < 35


def test_a_host_that_does_not_come_back_fails_the_reboot(tmp_path: Path) -> None:
    """After `reboot_timeout` seconds, with the words of Ansible."""
    played = play(tmp_path, REBOOT % "", machines=away(3, 9999))
    assert played.result("boot")["msg"] == (
        "Timed out waiting for last boot time check (timeout=100)"
    )
    assert played.elapsed_s == pytest.approx(100, abs=15)


def test_check_mode_boots_nothing(tmp_path: Path) -> None:
    """It foretells a change."""
    machine = Machine("web1")
    played = play(tmp_path, REBOOT % "", machines={"web1": machine}, check_mode=True)
    assert played.result("boot")["changed"]
    assert machine.calls == []


def test_a_command_of_ones_own_boots(tmp_path: Path) -> None:
    """`reboot_command` takes the place of `shutdown`."""
    machines = away(3, 9, boots=(9,))
    play(tmp_path, REBOOT % ", reboot_command: kexec -e", machines=machines)
    commands = [str(call.args.get("_raw_params")) for call in machines["web1"].calls]
    assert "kexec -e" in commands
    assert not any("shutdown" in command for command in commands)
