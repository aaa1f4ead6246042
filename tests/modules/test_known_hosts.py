"""`known_hosts` adds, replaces and removes lines of a host; results as Ansible's."""

import subprocess
from pathlib import Path

import pytest

from tests.modules.case import Case, read_cases, verify
from tests.modules.runner import Host

KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIE5JxdvJy0Xh5yl8NlWvvKX2ZxHbo4RkWjWjM2vGmSZc"
USUAL = {"path": "{w}/x", "name": "h1", "key": f"h1 ssh-ed25519 {KEY}"}


@pytest.mark.parametrize("case", read_cases("known_hosts", USUAL), ids=str)
def test_known_hosts(case: Case, host: Host, tmp_path: Path) -> None:
    """Check mode predicts, the run does it, a second run finds it done."""
    verify(case, host, tmp_path, tmp_path)


def test_a_hashed_name_is_found_again(here: Host, tmp_path: Path) -> None:
    """The name does not stand in the file, and ssh-keygen knows whose line it is."""
    path = tmp_path / "x"
    args = {"path": str(path), "name": "h1", "key": f"h1 ssh-rsa A\n@revoked h1 ssh-dss {KEY}"}
    assert here.run("known_hosts", {**args, "hash_host": True})["changed"]
    assert "h1" not in path.read_text()
    lines = subprocess.check_output(["ssh-keygen", "-F", "h1", "-f", path], text=True)
    assert lines.count("# Host h1 found") == 2
    assert not here.run("known_hosts", {**args, "hash_host": True})["changed"]


def test_a_directory_that_is_not_there(here: Host, tmp_path: Path) -> None:
    """It is not made; the failure tells the file."""
    path = tmp_path / "none" / "x"
    args = {"path": str(path), "name": "h1", "key": f"h1 ssh-rsa {KEY}"}
    result = here.run("known_hosts", args)
    assert result["failed"]
    assert result["msg"].startswith(f"Failed to write to file '{path}': ")


def test_without_its_program(here: Host, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The failure names the program and where it was looked for."""
    monkeypatch.setenv("PATH", "/nowhere")
    result = here.run("known_hosts", {"path": str(tmp_path / "x"), "name": "a", "state": "absent"})
    expected = 'Failed to find required executable "ssh-keygen" in paths: /nowhere:'
    assert result["msg"].startswith(expected)
