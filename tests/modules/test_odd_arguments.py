"""Arguments of the right type that no one means: the module fails in its own words, or copes."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.modules.runner import Host

HUGE = 10**30
NO_MODE = "mode must be in octal or symbolic form"


@pytest.mark.parametrize("mode", [2**63, HUGE, ["0644"], {"u": "rw"}, 1.5])
def test_a_mode_that_is_none_is_told(here: Host, tmp_path: Path, mode: Any) -> None:
    """A template may give anything."""
    (tmp_path / "x").touch()
    result = here.run("file", {"path": f"{tmp_path}/x", "mode": mode})
    assert (result["failed"], result["msg"]) == (True, NO_MODE)


@pytest.mark.skipif(not shutil.which("debconf-show"), reason="a program of Debian")
def test_debconf_needs_a_value(here: Host) -> None:
    """One that is given, and is nothing, is none."""
    args = {"name": "a", "question": "a/b", "vtype": "string", "value": None}
    result = here.run("debconf", args, check=True)
    assert result["msg"] == "when supplying a question you must supply a valid vtype and value"


def test_facts_may_be_waited_for_for_ever(here: Host) -> None:
    """No clock of the library takes so long a time."""
    for subset in ("mounts", "interfaces"):
        args = {"gather_timeout": HUGE, "gather_subset": ["!all", subset]}
        assert not here.run("setup", args).get("failed")


def test_a_port_that_is_none_is_no_way_to_a_server(here: Host) -> None:
    """It is told as any server that is not reached."""
    args = {"query": "SELECT 1", "login_host": "127.0.0.1", "login_port": HUGE}
    assert "Can't connect to MySQL server" in here.run("mysql_query", args)["msg"]


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("/nowhere/x --secret", {"rc": 2, "cmd": "/nowhere/x"}),
        ("/etc/passwd", {"rc": 13, "cmd": "/etc/passwd"}),
        ("/a\0b", {"rc": 257, "cmd": "/a\0b"}),
    ],
)
def test_a_program_that_cannot_be_started_is_told(
    here: Host, tmp_path: Path, command: str, told: dict[str, Any]
) -> None:
    """Every module that leaves it to the target tells its name, and not its arguments."""
    args = {"name": "a", "virtualenv": f"{tmp_path}/v", "virtualenv_command": command}
    result = here.run("pip", args)
    expected = {"failed": True, "changed": False, "msg": "Error executing command."}
    assert result == {**expected, **told, "stdout": "", "stderr": ""}


@pytest.mark.skipif(not shutil.which("gpg"), reason="apt_key needs it")
@pytest.mark.parametrize("data", ["Comment: Müller", "\udcff"])
def test_a_key_may_hold_any_bytes(
    here: Host, data: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is for gpg to tell whether it is one, wherever the locale would not have it."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    result = here.run("apt_key", {"data": data}, check=True)
    assert result["msg"].startswith("Unable to extract key from ")
