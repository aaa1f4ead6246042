"""The throw-away machine that tests of system modules run in keeps its promises."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.sandbox import Sandbox

pytestmark = [pytest.mark.root, pytest.mark.slow]


def test_what_is_changed_inside_stays_inside(tmp_path: Path) -> None:
    """Files, host name and processes are its own; a shared folder is everybody's."""
    with Sandbox(tmp_path) as sandbox:
        sandbox.run(["sh", "-c", f"echo x > /etc/new; rm /etc/passwd; echo y > {tmp_path}/both"])
        sandbox.run(["hostname", "elsewhere"])
        assert (sandbox.root / "etc/new").read_text() == "x\n"
        assert int(sandbox.run(["sh", "-c", "echo $$"])) < 100
    assert not Path("/etc/new").exists()
    assert Path("/etc/passwd").exists()
    assert (tmp_path / "both").read_text() == "y\n"
    assert socket.gethostname() != "elsewhere"


def test_its_processes_end_with_it(tmp_path: Path) -> None:
    """A daemon that a test has started does not outlive it."""
    name = f"{tmp_path.name}-daemon"
    with Sandbox() as sandbox:
        sandbox.program(f"/bin/{name}", "#!/bin/sh\nsleep 60\n")
        sandbox.run(["sh", "-c", f"{name} >/dev/null 2>&1 & :"])
        assert subprocess.run(["pgrep", "-f", name], check=False).returncode == 0
    assert subprocess.run(["pgrep", "-f", name], check=False).returncode == 1


_HOLDS_ONE = """\
import time
from tests.sandbox import Sandbox
print(Sandbox().root, flush=True)
time.sleep(60)
"""


def test_it_ends_with_a_run_that_is_killed(tmp_path: Path) -> None:
    """Nobody is left to end it then."""
    words = [sys.executable, "-c", _HOLDS_ONE]
    away = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=away) as holder:
        assert holder.stdout
        root = Path(holder.stdout.readline().strip())
        assert root.exists()
        holder.kill()
    deadline = time.monotonic() + 5
    while root.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not root.exists()


def test_a_booted_one_has_systemd(tmp_path: Path) -> None:
    """Services can be started in it, and end with it; its control groups are removed."""
    with Sandbox(tmp_path, boots=True) as sandbox:
        sandbox.run(["systemd-run", "--quiet", "--unit=toy", "sleep", "60"])
        assert sandbox.run(["systemctl", "is-active", "toy"]) == "active\n"
        group = sandbox.run(["cat", "/proc/1/comm"])
    assert group == "systemd\n"
    assert not list(Path("/sys/fs/cgroup").glob(f"**/{sandbox.cgroup}"))
