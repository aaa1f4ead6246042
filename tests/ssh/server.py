"""What an SSH server under test is asked to be, and what it offers, whichever program it is."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import socket
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh

_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_PER_NETWORK = 250
_FOLDER = "understudy-sshd-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a server is asked to be. `user` None is whoever runs the tests.

    With `password` the user must give it, and keys are refused. `noise` is printed before every
    command, as a talkative profile does.
    """

    hosts: int = 1
    shell: str = "/bin/sh"
    noise: str = ""
    user: str | None = None
    password: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


def addresses(count: int) -> tuple[str, ...]:
    """Return as many addresses of the loopback device as asked, from 127.0.1.1 on."""
    pairs = (divmod(number, _PER_NETWORK) for number in range(count))
    return tuple(f"127.0.{1 + network}.{1 + host}" for network, host in pairs)


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.1.1", 0))
        port: int = listener.getsockname()[1]
    return port


def target_path() -> str:
    """Return a PATH for the target: the system's, and where our Python is if it has none."""
    if shutil.which("python3", path=_SYSTEM_PATH):
        return _SYSTEM_PATH
    return f"{_SYSTEM_PATH}:{Path(sys.executable).parent}"


def new_folder() -> Path:
    """Create a directory that other users can reach into, as their keys have to be read there."""
    _clear_left_behind()
    folder = Path(tempfile.mkdtemp(prefix=f"{_FOLDER}{os.getpid()}-"))
    folder.chmod(0o711)
    return folder


def _clear_left_behind() -> None:
    """End the servers of runs that were killed, and remove their directories."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*"):
        owner = folder.name.removeprefix(_FOLDER).partition("-")[0]
        if Path(f"/proc/{owner}").exists():
            continue
        for pid in (path.read_text().strip() for path in folder.glob("pid.*")):
            command = Path(f"/proc/{pid}/cmdline")
            if command.exists() and str(folder) in command.read_text():
                os.kill(int(pid), signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)


def write_key(path: Path) -> None:
    """Write a new key for Ed25519, and its public half beside it."""
    key = asyncssh.generate_private_key("ssh-ed25519", comment="a test's")
    path.unlink(missing_ok=True)
    key.write_private_key(path)
    path.chmod(0o600)
    key.write_public_key(path.with_suffix(".pub"))


class Sshd(ABC):
    """A server on addresses of the loopback device, with everything it needs in one directory.

    The client's key and its known_hosts lie in the same directory, and so does the home of
    whoever runs the tests: nothing lands in a developer's own.
    """

    def __init__(self, setup: Setup, hosts: Sequence[str] = ()) -> None:
        self.setup = setup
        self.folder = new_folder()
        self.hosts = tuple(hosts) or addresses(setup.hosts)
        self.port = free_port()
        self.user = setup.user or getpass.getuser()
        self.home = self.folder / "home"
        self.home.mkdir()
        self.key_file = self.folder / "client_key"
        self.host_key = self.folder / "host_key"
        self.known_hosts = self.folder / "known_hosts"
        write_key(self.key_file)
        write_key(self.host_key)
        self.known_hosts.write_text("".join(f"{line}\n" for line in self.host_key_lines()))

    @abstractmethod
    def start(self) -> None:
        """Listen on every address; return when a client can connect."""

    @abstractmethod
    def kill_connections(self) -> None:
        """Cut every connection without a word, and listen on. Commands see the end of input."""

    @abstractmethod
    def pids(self) -> list[int]:
        """Return the server's own processes, those that serve a connection included."""

    @abstractmethod
    def reap(self) -> None:
        """Wait for the ends of killed processes."""

    def host_key_lines(self) -> list[str]:
        """Return the lines of known_hosts that are right now."""
        key = " ".join(self.host_key.with_suffix(".pub").read_text().split()[:2])
        return [f"[{host}]:{self.port} {key}" for host in self.hosts]

    def pause(self) -> None:
        """Stop all processes: connections stay open and are accepted, and nothing answers."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Go on after `pause`."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """Kill the server and its connections; new ones are refused."""
        self._signal(signal.SIGKILL)
        self.reap()

    def restart(self, *, new_host_key: bool = False) -> None:
        """Kill the server and start it on the same port. `known_hosts` stays as it is."""
        self.kill()
        if new_host_key:
            write_key(self.host_key)
        self.start()

    def stop(self) -> None:
        """Kill the server and remove its directory."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def inventory(self, names: Sequence[str], **variables: str) -> str:
        """Return an inventory in INI form; the names stand for the addresses in their order."""
        common = {
            "ansible_port": str(self.port),
            "ansible_user": self.user,
            "ansible_ssh_private_key_file": str(self.key_file),
            "ansible_ssh_common_args": f"-o UserKnownHostsFile={self.known_hosts}",
            **variables,
        }
        words = " ".join(f'{name}="{value}"' for name, value in common.items())
        pairs = zip(names, self.hosts, strict=False)
        return "".join(f'{name} ansible_host="{host}" {words}\n' for name, host in pairs)

    def client(self, command: str, *, host: int = 0, options: Sequence[str] = ()) -> list[str]:
        """Return the words that run a command on one of the addresses with OpenSSH's client."""
        known = f"UserKnownHostsFile={self.known_hosts}"
        words = ["ssh", "-F", "none", "-o", known, "-o", "BatchMode=yes", "-i", str(self.key_file)]
        for option in ("IdentitiesOnly=yes", "IdentityAgent=none", *options):
            words += ["-o", option]
        return [*words, "-p", str(self.port), f"{self.user}@{self.hosts[host]}", command]

    def _signal(self, number: int) -> None:
        for pid in self.pids():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue
