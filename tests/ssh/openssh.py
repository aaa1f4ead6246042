"""OpenSSH's own server on addresses of the loopback device; /etc is left alone."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from tests.ssh.server import Setup, Sshd, target_path

_ADDRESSES_PER_SERVER = 16
_LIMIT_S = 10
_SSHD = "/usr/sbin/sshd"
_PENALTIES_SINCE = (9, 8)

_CONFIG = """\
Port {port}
{listen}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/client_key.pub
PidFile {folder}/pid.{number}
UsePAM no
StrictModes no
PermitRootLogin yes
PubkeyAuthentication {keys}
PasswordAuthentication {passwords}
KbdInteractiveAuthentication no
MaxStartups 1000
MaxSessions 100
PrintMotd no
Subsystem sftp internal-sftp
{more}
"""

_FORCED = """\
#!/bin/sh
SHELL={shell}
export SHELL
printf %s {noise}
exec {shell} ${{SSH_ORIGINAL_COMMAND:+-c}} ${{SSH_ORIGINAL_COMMAND:+"$SSH_ORIGINAL_COMMAND"}}
"""


def missing() -> str | None:
    """Return why OpenSSH's server cannot be started here, or None."""
    return None if Path(_SSHD).exists() else f"needs {_SSHD}"


class OpenSshd(Sshd):
    """One server for every 16 addresses, which is as many as it listens on.

    `prefix` are the words that start it elsewhere, in another network namespace.
    """

    def __init__(self, setup: Setup, hosts: Sequence[str] = (), prefix: Sequence[str] = ()) -> None:
        super().__init__(setup, hosts)
        self._prefix = prefix
        self._servers: list[subprocess.Popen[bytes]] = []
        self.start()

    def start(self) -> None:
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        groups = range(0, len(self.hosts), _ADDRESSES_PER_SERVER)
        parts = [self.hosts[first : first + _ADDRESSES_PER_SERVER] for first in groups]
        self._servers = [self._launch(number, part) for number, part in enumerate(parts)]
        for number, part in enumerate(parts):
            self._await_listening(number, len(part))

    def kill_connections(self) -> None:
        listeners = {server.pid for server in self._servers}
        for pid in set(self.pids()) - listeners:
            _kill(pid)

    def pids(self) -> list[int]:
        parents = [server.pid for server in self._servers if server.poll() is None]
        return [pid for parent in parents for pid in (parent, *_children(parent))]

    def reap(self) -> None:
        for server in self._servers:
            server.wait()

    def log(self, number: int = 0) -> str:
        """Return what one of the servers has logged since it started."""
        return self._log_file(number).read_text(errors="replace")

    def _launch(self, number: int, hosts: Sequence[str]) -> subprocess.Popen[bytes]:
        config = self.folder / f"sshd_config.{number}"
        config.write_text(self._config(number, hosts))
        log = self._log_file(number)
        log.unlink(missing_ok=True)
        command = [*self._prefix, _SSHD, "-D", "-f", str(config), "-E", str(log)]
        nothing = subprocess.DEVNULL
        return subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing)

    def _log_file(self, number: int) -> Path:
        return self.folder / f"log.{number}"

    def _config(self, number: int, hosts: Sequence[str]) -> str:
        by_password = self.setup.password is not None
        return _CONFIG.format(
            port=self.port,
            listen="\n".join(f"ListenAddress {host}" for host in hosts),
            folder=self.folder,
            number=number,
            keys="no" if by_password else "yes",
            passwords="yes" if by_password else "no",
            more="\n".join(self._more()),
        )

    def _more(self) -> list[str]:
        lines = ["PerSourcePenalties no"] if _version() >= _PENALTIES_SINCE else []
        if self.setup.noise or self.setup.shell != Setup().shell:
            lines.append(f"ForceCommand exec {self._forced()}")
        if self.setup.user is None:
            lines.append(f"Match User {self.user}")
        return [*lines, f"SetEnv {self._environment()}"]

    def _forced(self) -> Path:
        script = self.folder / "forced"
        shell, noise = shlex.quote(self.setup.shell), shlex.quote(self.setup.noise)
        script.write_text(_FORCED.format(shell=shell, noise=noise))
        script.chmod(0o755)
        return script

    def _environment(self) -> str:
        values = {"PATH": target_path(), **self.setup.environment}
        if self.setup.user is None:
            values = {"HOME": str(self.home), **values}
        return " ".join(f'"{name}={value}"' for name, value in values.items())

    def _await_listening(self, number: int, count: int) -> None:
        deadline = time.monotonic() + _LIMIT_S
        log = self._log_file(number)
        while not log.exists() or log.read_text().count("Server listening on") < count:
            if self._servers[number].poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"sshd does not listen: {self.log(number)}")
            time.sleep(0.002)


def _version() -> tuple[int, ...]:
    """Return the version of OpenSSH; server and client are built together."""
    said = subprocess.run(["ssh", "-V"], capture_output=True, text=True, check=True).stderr
    found = re.match(r"OpenSSH_(\d+)\.(\d+)", said)
    return tuple(map(int, found.groups())) if found else (0,)


def _children(parent: int) -> list[int]:
    """Return the servers below a server: those of its connections, not their commands."""
    found = []
    for task in Path(f"/proc/{parent}/task").glob("*/children"):
        for pid in map(int, _read(task).split()):
            if _read(Path(f"/proc/{pid}/comm")).startswith("sshd"):
                found += [pid, *_children(pid)]
    return found


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _kill(pid: int) -> None:
    try:
        os.kill(pid, 9)
    except ProcessLookupError:
        return
