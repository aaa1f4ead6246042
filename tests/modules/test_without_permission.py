"""Modules of the system, run by a user who may not do what they are asked for."""

import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.modules.runner import Host
from tests.sandbox import Sandbox
from understudy.connections.local import LocalConnection

NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", "HOME=/tmp")
REFUSED: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("systemd", {"name": "dbus", "state": "restarted"}, "Unable to restart service dbus: Failed"),
    ("systemd", {"daemon_reload": True}, "failure 1 during daemon-reload: "),
    ("sysvinit", {"name": "toy", "enabled": True}, "Failed to enable service: toy"),
    ("hostname", {"name": "n"}, "Command failed rc=1, out=, err="),
    ("hostname", {"name": "n", "use": "sles"}, "failed to update hostname: [Errno 13] "),
    ("cron", {"name": "a", "job": "x", "user": "root"}, "Unable to read crontab"),
    (
        "cron",
        {"name": "a", "job": "x", "user": "root", "cron_file": "f"},
        "Could not write /etc/cron.d/f: [Errno 13] Permission denied",
    ),
)


@pytest.mark.root
@pytest.mark.slow
def test_what_is_not_permitted_is_told(booted: Sandbox, tmp_path: Path) -> None:
    """The task fails with what the system said; his own crontab he may change."""
    booted.program("/etc/init.d/toy", "#!/bin/sh\n### BEGIN INIT INFO\n### END INIT INFO\n")
    program = tmp_path / "python-of-nobody"
    words = booted.words([*NOBODY, "/usr/bin/python3"])
    program.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
    program.chmod(0o755)
    host = Host(LocalConnection(host="nobody", interpreter=str(program)))
    try:
        for module, args, start in REFUSED:
            result = host.run(module, args)
            assert (result.get("failed"), result["msg"][: len(start)]) == (True, start)
        assert host.run("cron", {"name": "a", "job": "x"})["changed"]
    finally:
        host.close()
    assert "* * * * * x" in booted.run(["crontab", "-u", "nobody", "-l"])
