"""`systemd`: units of a real systemd, in a throw-away copy of this machine that has booted it."""

from typing import Any

import pytest

from tests.modules.runner import Host
from tests.sandbox import Sandbox

TOY = """\
[Service]
ExecStart=/bin/sleep 1000
ExecReload=/bin/true
[Install]
WantedBy=sandbox.target
"""
SHOW = """\
#!/bin/sh
case "$*" in
*"show -- "*) {show};;
*"is-enabled "*) {enabled};;
*) {other};;
esac
"""


@pytest.fixture
def toy(booted: Sandbox) -> Sandbox:
    """Give a booted machine with a unit of our own."""
    (booted.root / "etc/systemd/system/toy.service").write_text(TOY)
    return booted


def _is(sandbox: Sandbox, word: str, unit: str = "toy") -> str:
    return sandbox.run(["sh", "-c", f"systemctl {word} {unit} || :"]).strip()


@pytest.mark.root
@pytest.mark.slow
def test_a_unit_is_started_and_stopped(toy: Sandbox, booted_host: Host) -> None:
    """Check mode foretells it and starts nothing; done twice, the second time changes nothing."""
    asked: dict[str, Any] = {"name": "toy", "state": "started", "enabled": True}
    assert booted_host.run("systemd", asked, check=True)["changed"]
    assert (_is(toy, "is-active"), _is(toy, "is-enabled")) == ("inactive", "disabled")
    done = booted_host.run("systemd", asked)
    assert (done["changed"], done["state"], done["enabled"]) == (True, "started", True)
    assert done["status"]["ActiveState"] == "inactive"
    assert (_is(toy, "is-active"), _is(toy, "is-enabled")) == ("active", "enabled")
    assert not booted_host.run("systemd", asked)["changed"]
    undone: dict[str, Any] = {"name": "toy", "state": "stopped", "enabled": False}
    assert booted_host.run("systemd_service", undone)["changed"]
    assert (_is(toy, "is-active"), _is(toy, "is-enabled")) == ("inactive", "disabled")
    assert not booted_host.run("systemd_service", undone)["changed"]


@pytest.mark.root
@pytest.mark.slow
def test_a_unit_is_restarted_reloaded_and_masked(toy: Sandbox, booted_host: Host) -> None:
    """A restart gives another process, a reload does not; a masked unit is told to be so."""
    (toy.root / "etc/systemd/system/toy.service").rename(
        toy.root / "lib/systemd/system/toy.service"
    )
    booted_host.run("systemd", {"daemon_reload": True, "name": "toy", "state": "restarted"})
    first = _is(toy, "show --property=MainPID")
    booted_host.run("systemd", {"name": "toy", "state": "reloaded"})
    assert _is(toy, "show --property=MainPID") == first
    booted_host.run("systemd", {"name": "toy", "state": "restarted"})
    assert _is(toy, "show --property=MainPID") != first
    assert booted_host.run("systemd", {"name": "toy", "masked": True}, check=True)["changed"]
    assert booted_host.run("systemd", {"name": "toy", "masked": True})["changed"]
    assert not booted_host.run("systemd", {"name": "toy", "masked": True})["changed"]
    refused = booted_host.run("systemd", {"name": "toy", "state": "restarted"})
    assert refused["msg"] == (
        "Unable to restart service toy: "
        "Failed to restart toy.service: Unit toy.service is masked.\n"
    )


@pytest.fixture
def answers(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give a function that puts a `systemctl` with these answers in the place of the real one."""

    def put(show: str, enabled: str = "exit 1", other: str = "exit 0") -> None:
        path = tmp_path / "systemctl"
        path.write_text(SHOW.format(show=show, enabled=enabled, other=other))
        path.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    return put


def test_a_missing_unit(here: Host, answers: Any) -> None:
    """It cannot be found; without anything to do that does not matter."""
    answers("echo LoadState=not-found")
    result = here.run("systemd", {"name": "x", "state": "started"})
    assert (result["failed"], result["msg"]) == (
        True,
        "Could not find the requested service x: host",
    )
    assert not here.run("systemd", {"name": "x"})["changed"]


@pytest.mark.usefixtures("no_programs")
def test_a_missing_program(here: Host) -> None:
    """The message names it."""
    msg = here.run("systemd", {"name": "x", "state": "started"})["msg"]
    assert msg.startswith('Failed to find required executable "systemctl" in paths: /nowhere')


def test_a_broken_unit(here: Host, answers: Any) -> None:
    """What systemd says of it is the message."""
    answers("printf 'LoadState=error\\nLoadError=bad setting\\n'")
    msg = here.run("systemd", {"name": "x", "state": "started"})["msg"]
    assert msg == "Error loading unit file 'x': bad setting"


def test_a_manager_that_does_not_answer(here: Host, answers: Any) -> None:
    """What systemctl says is the message, with how it was called."""
    answers("exit 1", other="echo no bus >&2; exit 1")
    result = here.run("systemd", {"name": "x", "state": "started", "scope": "user"})
    assert (result["msg"], result["rc"]) == ("no bus", 1)
    assert result["cmd"].endswith("/systemctl --user")
    result = here.run("systemd", {"name": "x", "daemon_reload": True})
    assert result["msg"] == "failure 1 during daemon-reload: no bus\n"


def test_in_a_chroot(here: Host, answers: Any) -> None:
    """A unit can be enabled there; it is not started, and a warning says why."""
    answers("echo 'Running in chroot, ignoring request: show'", "echo disabled; exit 1")
    result = here.run("systemd", {"name": "x", "state": "started", "enabled": True})
    assert (result["changed"], result["status"], result["state"]) == (True, {}, "started")
    assert result["warnings"][0].startswith("Target is a chroot or systemd is offline.")


def test_a_unit_in_no_known_state(here: Host, answers: Any) -> None:
    """It is not started blindly."""
    answers("exit 1", "echo enabled")
    result = here.run("systemd", {"name": "x", "state": "started", "scope": "global"})
    assert (result["failed"], result["msg"]) == (True, "Service is in unknown state")


@pytest.mark.parametrize("said", ["indirect", "alias", "enabled-runtime"])
def test_what_is_not_really_enabled_is_enabled(here: Host, answers: Any, said: str) -> None:
    """`is-enabled` calls it a success, and yet there is something to do."""
    answers("echo LoadState=loaded", f"echo {said}")
    assert here.run("systemd", {"name": "x", "enabled": True})["changed"]


@pytest.mark.parametrize("said", ["indirect", "alias"])
def test_what_is_enabled_under_another_name(here: Host, answers: Any, said: str) -> None:
    """`sshd` is an alias of `ssh`: systemctl refuses to enable it, and there is nothing to do."""
    answers("echo LoadState=loaded", f"printf '{said}\n  /etc/systemd/system/y.service\n'")
    assert not here.run("systemd", {"name": "x", "enabled": True})["changed"]


def test_patterns_are_refused(here: Host, answers: Any) -> None:
    """They would mean several units."""
    answers("exit 0")
    msg = here.run("systemd", {"name": "a*", "state": "stopped"})["msg"]
    assert msg.endswith("found '*' in service name: a*")


def test_a_property_of_several_lines(here: Host, answers: Any) -> None:
    """A command may have several; what looks like a property in it is none."""
    answers("printf 'LoadState=loaded\\nExecStart={ a\\nb=c\\n}\\nUser=x\\nOdd={ y\\n'")
    assert here.run("systemd", {"name": "x"})["status"] == {
        "LoadState": "loaded",
        "ExecStart": "{ a\nb=c\n}",
        "User": "x",
        "Odd": "{ y",
    }
