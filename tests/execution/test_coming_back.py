"""`wait_for_connection` and `reboot`: hosts that go away and come back, in virtual time."""

from __future__ import annotations

import subprocess
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
    assert any("set -- kexec\n" in c and c.endswith('"$program" -e\n') for c in commands)
    assert not any("shutdown" in command for command in commands)


def test_a_command_with_its_path_is_run_as_it_is(tmp_path: Path) -> None:
    """Nothing has to be looked for."""
    machines = away(3, 9, boots=(9,))
    play(tmp_path, REBOOT % ", reboot_command: /sbin/kexec -e", machines=machines)
    assert "/sbin/kexec -e" in [call.args.get("_raw_params") for call in machines["web1"].calls]


def failed(rc: int, stdout: str = "", stderr: str = "") -> dict[str, object]:
    """Return what a command that failed gives."""
    return {"failed": True, "rc": rc, "stdout": stdout, "stderr": stderr, "msg": "non-zero"}


@pytest.mark.parametrize(
    ("command", "reply", "msg"),
    [
        (
            "boot_id",
            failed(1, "a", "b"),
            "reboot: failed to get host boot time info, rc: 1, stdout: a, stderr: b",
        ),
        ("shutdown", failed(5, "a\n", "b\n"), "Reboot command failed. Error was: 'a, b'"),
        (
            "shutdown",
            {"failed": True, "msg": "no shell"},
            "Reboot command failed. Error was: no shell",
        ),
        (
            "shutdown",
            failed(127, "", "Unable to find command \"shutdown\" in search paths: ['/x']"),
            "Task failed: Unable to find command \"shutdown\" in search paths: ['/x']",
        ),
    ],
)
def test_a_machine_that_cannot_boot_fails_at_once(
    tmp_path: Path, command: str, reply: dict[str, object], msg: str
) -> None:
    """Nothing is waited for, and the result says that it was not booted."""
    machine = Machine("web1", replies={command: reply})
    played = play(tmp_path, REBOOT % "", machines={"web1": machine})
    result = played.ends("boot")["web1"].result
    assert (result["msg"], result["rebooted"], result["elapsed"]) == (msg, False, 0)
    assert played.elapsed_s < 1


def test_a_machine_that_is_never_ready_fails_the_reboot(tmp_path: Path) -> None:
    """The test command has as much time again as the boot."""
    replies = {"is-ready": failed(1)}
    machines = away(3, 20, boots=(20,), replies=replies)
    played = play(tmp_path, REBOOT % ", test_command: is-ready", machines=machines)
    result = played.ends("boot")["web1"].result
    assert result["msg"] == "Timed out waiting for post-reboot test command (timeout=100)"
    assert (result["rebooted"], result["changed"]) == (True, False)
    assert 120 <= result["elapsed"] < 140


def test_a_delay_after_the_boot_comes_before_the_first_look(tmp_path: Path) -> None:
    """Whole minutes before it are the program's own."""
    machines = away(3, 9, boots=(9,))
    delays = ', post_reboot_delay: 50, pre_reboot_delay: 150, msg: "don\'t"'
    played = play(tmp_path, REBOOT % delays, machines=machines)
    assert played.result("boot")["elapsed"] >= 50
    (line,) = (c.args["_raw_params"] for c in machines["web1"].calls if "shut" in str(c.args))
    assert """shutdown -r 2 'don'"'"'t'; fi""" in line


def test_a_host_that_is_not_there_is_not_booted(tmp_path: Path) -> None:
    """It is unreachable, as for any other task."""
    played = play(tmp_path, REBOOT % "", machines=away(0, 999))
    assert played.ends("boot")["web1"].status is Status.UNREACHABLE


def test_a_program_of_ones_own_is_looked_for_too(tmp_path: Path) -> None:
    """What follows its name is a shell's text."""
    machine = Machine("web1", boots=(1,))
    command = f", search_paths: ['{tmp_path}'], reboot_command: 'kexec -e; echo $0'"
    play(tmp_path, REBOOT % command, machines={"web1": machine})
    (line,) = (c.args["_raw_params"] for c in machine.calls if "kexec" in str(c.args))
    (tmp_path / "kexec").write_text('#!/bin/sh\necho "$@"\n')
    (tmp_path / "kexec").chmod(0o755)
    assert subprocess.check_output(["sh", "-c", line], text=True) == "-e\nsh\n"


def test_the_program_is_looked_for_in_the_directories_alone(tmp_path: Path) -> None:
    """The first one counts; without any the message tells where it was looked for."""
    machine = Machine("web1", boots=(1,))
    here, other = tmp_path / "a b", tmp_path / "c"
    paths = f", search_paths: ['{other}', '{here}'], msg: it's time"
    play(tmp_path, REBOOT % paths, machines={"web1": machine})
    (line,) = (c.args["_raw_params"] for c in machine.calls if "shut" in str(c.args))
    without = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)
    assert without.stderr == (
        f"Unable to find command \"shutdown\" in search paths: ['{other}', '{here}']"
    )
    here.mkdir()
    (here / "shutdown").write_text("#!/bin/sh\nprintf '%s|' \"$@\"\n")
    (here / "shutdown").chmod(0o755)
    assert subprocess.check_output(["sh", "-c", line], text=True) == "-r|0|it's time|"
