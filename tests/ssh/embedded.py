"""An SSH server that needs no daemon and no root: asyncssh in a process of its own.

Every command runs as a real process of the same user: the login shell gets it with `-c`, in a
session of its own, with pipes for its three streams; when the connection is lost it sees the end
of its input, as under OpenSSH. There are no terminals. The processes are forked from one that has
asyncssh loaded, so a server is there in some milliseconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import asyncssh

from tests.ssh.server import Setup, Sshd, target_path

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["pytest", "tests.ssh.embedded"])
_CHUNK = 65536


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the server's process has to know."""

    setup: Setup
    user: str
    hosts: tuple[str, ...]
    port: int
    host_key: Path
    client_key: Path
    home: Path

    def environment(self) -> dict[str, str]:
        """Return the environment of a command: nothing is inherited from the tests."""
        who = {"USER": self.user, "LOGNAME": self.user, "HOME": str(self.home)}
        where = {"SHELL": self.setup.shell, "PATH": target_path(), "PWD": str(self.home)}
        return {**who, **where, **self.setup.environment}


@dataclass(slots=True)
class _Service:
    """The connections of one server, and how their commands run."""

    plan: Plan
    live: set[asyncssh.SSHServerConnection] = field(default_factory=set)

    def login(self) -> _Login:
        return _Login(self)

    def drop(self) -> None:
        for connection in tuple(self.live):
            connection.abort()

    async def run(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        """Run one command to its end, and tell its status when its output is at an end."""
        setup = self.plan.setup
        process.stdout.write(setup.noise.encode())
        child = await asyncio.create_subprocess_exec(
            setup.shell,
            *(["-c", process.command] if process.command else []),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self.plan.environment(),
            cwd=self.plan.home,
            start_new_session=True,
        )
        feeding = asyncio.create_task(_feed(process.stdin, child.stdin))
        copies = (_copy(child.stdout, process.stdout), _copy(child.stderr, process.stderr))
        _, _, status = await asyncio.gather(*copies, child.wait())
        feeding.cancel()
        if status < 0:
            process.exit_with_signal(signal.Signals(-status).name.removeprefix("SIG"))
        else:
            process.exit(status)


class _Login(asyncssh.SSHServer):
    """Who may log in on one connection."""

    def __init__(self, service: _Service) -> None:
        self._service = service
        self._plan = service.plan
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._service.live.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncssh's signature)
        self._service.live.discard(self._connection)

    def public_key_auth_supported(self) -> bool:
        return self._plan.setup.password is None

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        ours = asyncssh.read_public_key(self._plan.client_key.with_suffix(".pub"))
        return username == self._plan.user and key.public_data == ours.public_data

    def password_auth_supported(self) -> bool:
        return self._plan.setup.password is not None

    def validate_password(self, username: str, password: str) -> bool:
        return username == self._plan.user and password == self._plan.setup.password

    def connection_requested(self, *_where: str | int) -> bool:
        return True


async def _feed(source: asyncssh.SSHReader[bytes], destination: asyncio.StreamWriter) -> None:
    """Give a command its input; the end of the connection is the end of the input."""
    with contextlib.suppress(OSError, asyncssh.Error), contextlib.closing(destination):
        while data := await source.read(_CHUNK):
            destination.write(data)
            await destination.drain()


async def _copy(source: asyncio.StreamReader, destination: asyncssh.SSHWriter[bytes]) -> None:
    """Give the client a command's output; once it is gone, the output goes nowhere."""
    while data := await source.read(_CHUNK):
        with contextlib.suppress(OSError, asyncssh.Error):
            destination.write(data)
            await destination.drain()


async def _serve(plan: Plan, control: Connection) -> None:
    service = _Service(plan)
    options = asyncssh.SSHServerConnectionOptions(
        server_factory=service.login,
        server_host_keys=[plan.host_key],
        process_factory=service.run,
        encoding=None,
        allow_pty=False,
        sftp_factory=True,
    )
    for host in plan.hosts:
        await asyncssh.listen(host, plan.port, options=options)
    asyncio.get_running_loop().add_reader(control.fileno(), _obey, service, control)
    control.send("listening")
    await asyncio.get_running_loop().create_future()


def _obey(service: _Service, control: Connection) -> None:
    """Drop the connections when told; end with the process that started us."""
    try:
        control.recv()
    except EOFError:
        os._exit(0)
    service.drop()
    control.send("dropped")


def _main(plan: Plan, control: Connection) -> None:
    os.umask(0o022)
    asyncio.run(_serve(plan, control))


class EmbeddedSshd(Sshd):
    """A server that runs everything as the user of the tests."""

    def __init__(self, setup: Setup, hosts: Sequence[str] = ()) -> None:
        super().__init__(setup, hosts)
        self.start()

    def start(self) -> None:
        plan = Plan(
            setup=self.setup,
            user=self.user,
            hosts=self.hosts,
            port=self.port,
            host_key=self.host_key,
            client_key=self.key_file,
            home=self.home,
        )
        self._control, theirs = _FORKS.Pipe()
        self._process = _FORKS.Process(target=_main, args=(plan, theirs), daemon=True)
        self._process.start()
        theirs.close()
        try:
            self._control.recv()
        except EOFError:
            raise RuntimeError(f"no server on port {self.port}") from None

    def kill_connections(self) -> None:
        self._control.send("drop")
        self._control.recv()

    def pids(self) -> list[int]:
        return [self._process.pid] if self._process.pid and self._process.is_alive() else []

    def reap(self) -> None:
        self._process.join()
        self._control.close()
