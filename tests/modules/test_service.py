"""`service` and `sysvinit`: scripts of `/etc/init.d`, OpenRC, and who is asked for what."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.modules.runner import Host
from tests.sandbox import Sandbox

SCRIPT = """\
#!/bin/sh
### BEGIN INIT INFO
# Provides: toy
# Required-Start:
# Required-Stop:
# Default-Start: 2 3 4 5
# Default-Stop: 0 1 6
# Short-Description: toy
### END INIT INFO
echo "$@" >> /run/toy.log
case "$1" in
start) touch /run/toy;;
stop) rm -f /run/toy;;
status) test -e /run/toy || exit 3;;
esac
"""


@pytest.mark.root
@pytest.mark.slow
def test_scripts(sandbox: Sandbox, inside: Host) -> None:
    """Check mode changes nothing; links for the levels come and go; the script gets the orders."""
    sandbox.program("/etc/init.d/toy", SCRIPT)
    log = sandbox.root / "run/toy.log"

    def levels() -> str:
        return "".join(sorted(path.parent.name[2] for path in sandbox.root.glob("etc/rc?.d/S*toy")))

    asked: dict[str, Any] = {"name": "toy", "state": "started", "enabled": True}
    assert inside.run("sysvinit", asked, check=True)["changed"]
    assert (levels(), "start" in log.read_text()) == ("", False)
    done = inside.run("sysvinit", asked)
    assert done["status"]["started"] == {"changed": True, "rc": 0, "stdout": "", "stderr": ""}
    assert levels() == "2345"
    assert not inside.run("sysvinit", asked)["changed"]
    assert inside.run("service", {**asked, "enabled": False})["enabled"] is False
    assert levels() == ""
    assert inside.run("sysvinit", {"name": "toy", "enabled": True, "runlevels": [3]})["changed"]
    assert levels() == "3"
    log.write_text("")
    restarted = {"name": "toy", "state": "restarted", "sleep": 0, "arguments": "now then"}
    inside.run("sysvinit", restarted)
    assert log.read_text() == "stop now then\nstart now then\n"
    log.write_text("")
    inside.run("service", {"name": "toy", "state": "stopped"})
    inside.run("service", {"name": "toy", "state": "reloaded"})
    assert log.read_text() == "status\nstop\nstatus\nstart\n"
    failed = inside.run("sysvinit", {"name": "toy", "enabled": True, "runlevels": ["x"]})
    assert (failed["msg"], failed["rc"]) == ("Failed to enable service: toy", 1)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Give a function that writes a program; others are not found, and every script is there."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("os.path.isdir", lambda _: False)
    found = __import__("os").path.isfile
    monkeypatch.setattr(
        "os.path.isfile", lambda path: found(path) if str(tmp_path) in path else path[:5] == "/etc/"
    )
    monkeypatch.setattr("os.access", lambda path, _: not path.startswith(("/sbin", "/usr")))

    def write(name: str, text: str) -> None:
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)

    return write


def test_openrc(here: Host, programs: Callable[[str, str], None], tmp_path: Path) -> None:
    """A service is added to a level of a name, and started by its own program."""
    log = tmp_path / "log"
    programs("rc-service", f'echo "rc-service $@" >> {log}; [ "$2" != status ] || exit 3')
    programs("rc-update", f'echo "rc-update $@" >> {log}; echo "  other | boot"')
    asked = {"name": "toy", "state": "started", "enabled": True, "runlevel": "boot"}
    assert here.run("service", asked, check=True) == {
        "changed": True,
        "msg": "service state changed",
    }
    log.unlink()
    assert here.run("service", asked)["changed"]
    assert log.read_text().splitlines() == [
        "rc-update show boot",
        "rc-update add toy boot",
        "rc-service toy status",
        "rc-service toy start",
    ]
    assert not here.run("service", {"name": "other", "enabled": True, "runlevel": "boot"})[
        "changed"
    ]


def test_chkconfig(here: Host, programs: Callable[[str, str], None], tmp_path: Path) -> None:
    """Red Hat's program does it where Debian's is not."""
    log = tmp_path / "log"
    programs("chkconfig", f'echo "$@" >> {log}')
    asked = {"name": "toy", "enabled": True, "runlevels": ["3", "5"]}
    assert here.run("sysvinit", asked)["changed"]
    assert log.read_text() == "--add toy\n--level 35 toy on\n"


def test_no_program_for_the_links(here: Host, programs: Callable[[str, str], None]) -> None:
    """The message names those that would do."""
    del programs
    msg = here.run("sysvinit", {"name": "toy", "enabled": True})["msg"]
    assert msg == "Cannot enable toy: neither update-rc.d nor chkconfig is there"


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("exit 0", True),
        ("echo toy is running", True),
        ("echo toy is stopped", False),
        ("exit 3", False),
        ("exit 1", False),
    ],
)
def test_what_a_status_means(
    here: Host, programs: Callable[[str, str], None], status: str, *, told: bool
) -> None:
    """The return code counts, and for scripts that always give 0 what they say."""
    programs("service", f'[ "$2" != status ] || {{ {status}; }}')
    assert here.run("service", {"name": "toy", "state": "started"})["changed"] is not told


def test_an_unknown_status(here: Host, programs: Callable[[str, str], None]) -> None:
    """Nothing is done blindly."""
    programs("service", "exit 7")
    msg = here.run("service", {"name": "toy", "state": "started"})["msg"]
    assert msg == "failed determining service state, possible typo of service name?"


def test_a_process_in_the_place_of_a_status(
    here: Host, programs: Callable[[str, str], None]
) -> None:
    """A text in the command line of one tells that the service runs."""
    programs("service", "exit 9")
    asked = {"name": "toy", "pattern": "sleep 61.125"}
    assert not here.run("service", {**asked, "state": "stopped"})["changed"]
    with subprocess.Popen(["/bin/sleep", "61.125"]) as process:
        while not Path(f"/proc/{process.pid}/cmdline").read_bytes():
            pass  # the kernel has let go of us before it knows the new words
        assert not here.run("service", {**asked, "state": "started"})["changed"]
        assert not here.run("sysvinit", {**asked, "state": "started"})["changed"]
        assert here.run("service", {**asked, "state": "stopped"})["failed"]
        process.kill()


def test_services_that_are_not_there(here: Host) -> None:
    """Ansible's words for it."""
    asked = {"name": "no-such", "state": "started"}
    msg = here.run("sysvinit", asked)["msg"]
    assert msg == "Could not find the requested service no-such: "
    if not Path("/run/systemd/system").is_dir():
        msg = here.run("service", asked)["msg"]
        assert msg == "Could not find the requested service no-such: host"
        msg = here.run("service", {"name": "x"})["msg"]
        assert msg == "one of the following is required: state, enabled"
