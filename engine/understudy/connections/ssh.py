"""A host behind SSH: one connection, on it one agent, found and started in a single exchange."""

from __future__ import annotations

import asyncio
import os
import random
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import cast

import asyncssh

from understudy.connections import bootstrap, host_keys
from understudy.connections.address import SshAddress
from understudy.connections.base import NoPython, ShellReply, Unreachable
from understudy.connections.host_keys import KnownHosts, NewKey
from understudy.connections.local import LEFT_TO_US
from understudy.connections.session import AgentSession
from understudy.connections.ssh_channel import SshChannel
from understudy.connections.ssh_options import OptionsInvalid, SshOptions, config_files, parse
from understudy.connections.through_agent import ThroughAgent

HEARTBEAT_S = 10.0
"""How often a silent server is asked whether it is there, unless ssh_config says."""
_PATIENCE_S = 3.0
_LONGEST_PAUSE_S = 30.0
KILLED = 255
"""The status of a command that a signal has ended."""
_HURRIED = 3
"""How often a server that hangs up before it has said who it is is tried again: it is busy."""


class _NotThere(Exception):  # noqa: N818 (a state of a host)
    """The server does not answer, or refuses the connection."""


class _Busy(Exception):  # noqa: N818 (a state of a host)
    """The server has hung up before it said who it is."""


@dataclass(slots=True, eq=False)
class _Client(asyncssh.SSHClient):
    """Decides about the server's key."""

    known: KnownHosts
    accepts_new: bool
    offered: tuple[str, str, int, asyncssh.SSHKey] | None = None

    def validate_host_public_key(
        self, host: str, addr: str, port: int, key: asyncssh.SSHKey
    ) -> bool:
        """Take note of a key that is not trusted; trust it if new ones are to be trusted."""
        self.offered = (host, addr, port, key)
        if not self.accepts_new or self.known.trusted(host, addr, port):
            return False
        self.known.add(host, port, key)
        return True

    def complaint(self) -> str | None:
        """Return what to tell of the key that was refused, if one was."""
        if self.offered is None:
            return None
        host, addr, port, key = self.offered
        known = self.known.trusted(host, addr, port)
        if known:
            return host_keys.changed(host, port, key, known)
        return host_keys.unknown(host, port, key, self.known.files[0])


def _options(
    address: SshAddress, words: SshOptions, config: Sequence[str]
) -> tuple[asyncssh.SSHClientConnectionOptions, _Client]:
    """Return how to connect, and who decides about the server's key."""
    asked: dict[str, object] = {"host": address.host}
    if address.port is not None:
        asked["port"] = address.port
    if address.user is not None:
        asked["username"] = address.user
    if address.key_file is not None and (key := _key(address.key_file)) is not None:
        asked["client_keys"] = [key]
    read = asyncssh.SSHClientConnectionOptions(**asked, config=config)
    known = host_keys.known_hosts(tuple(cast(list[str], read.known_hosts or ())))
    client = _Client(known, accepts_new=words.strict == "accept-new")
    made = asyncssh.SSHClientConnectionOptions(
        **asked,
        config=config,
        password=address.password,
        known_hosts=known.match if _checks(address, words) else None,
        client_factory=lambda: client,
        keepalive_interval=read.keepalive_interval or HEARTBEAT_S,
    )
    return made, client


def _checks(address: SshAddress, words: SshOptions) -> bool:
    """Tell whether the server's key counts: the command line wins over the setting."""
    if words.strict is None:
        return address.check_host_key
    return words.strict not in ("no", "off")


async def unknown_key(address: SshAddress) -> NewKey | None:
    """Return a server's key that is not known; None if it is, does not count, or cannot be had."""
    try:
        words = parse(address.arguments)
        with config_files(words, address.host) as config:
            made, client = _options(address, words, config)
            host, port = made.host_key_alias or made.host, made.port
            counts = _checks(address, words) and not client.accepts_new
            if not counts or client.known.trusted(host, "", port):
                return None
            async with asyncio.timeout(address.timeout_s):
                key = await asyncssh.get_server_host_key(address.host, options=made, config=config)
    except (OSError, ValueError, TimeoutError, asyncssh.Error):
        return None
    return None if key is None else NewKey(client.known, host, port, key)


@dataclass(slots=True, kw_only=True)
class SshConnection(ThroughAgent):
    """A connection to an SSH server, and the agent behind it.

    `interpreter` is `ansible_python_interpreter`; without it the newest usable Python is taken.
    """

    address: SshAddress
    interpreter: str | None = None
    _server: asyncssh.SSHClientConnection | None = None
    _connecting: asyncio.Lock | None = None
    _channel: SshChannel | None = None

    async def start(self) -> AgentSession:
        """Connect and start the agent; raise Unreachable, NoPython."""
        given = self.interpreter if self.interpreter not in LEFT_TO_US else None
        command = bootstrap.login_command(bootstrap.script(given))
        channel = self._channel = await self._run(command)
        session = AgentSession(self.host, channel, channel, self._why_lost)
        try:
            await self.greet(session)
        except BaseException:
            await session.close()
            raise
        return session

    async def _run(self, command: str) -> SshChannel:
        server = await self._connected()
        try:
            _, session = await server.create_session(SshChannel, command, encoding=None)
        except (asyncssh.Error, OSError) as error:
            raise Unreachable(self.host, f"the server starts no command: {error}") from None
        return cast(SshChannel, session)

    async def shell(self, command: str) -> ShellReply:
        """Let the login shell run a command line."""
        channel = await self._run(command)
        channel.close()
        stdout = await channel.rest()
        await channel.closed.wait()
        if channel.broken is not None:
            raise Unreachable(self.host, f"the connection was lost: {_words(channel.broken)}")
        rc = KILLED if channel.status is None else channel.status
        return ShellReply(rc, stdout, channel.errors)

    async def close(self) -> None:
        """End the agent, give it time to kill what is attached to it, and hang up."""
        if self.session is not None:
            await self.session.close()
        if self._channel is not None:
            try:
                async with asyncio.timeout(_PATIENCE_S):
                    await self._channel.closed.wait()
            except TimeoutError:
                pass
        if self._server is not None:
            self._server.close()

    async def _connected(self) -> asyncssh.SSHClientConnection:
        """Return the connection to the server, made when it is first needed."""
        if self._connecting is None:
            self._connecting = asyncio.Lock()
        async with self._connecting:
            if self._server is None or self._server.is_closed():
                self._server = await self._connect()
            return self._server

    async def _connect(self) -> asyncssh.SSHClientConnection:
        """Connect, again and again as far as `retries` goes; raise Unreachable."""
        hurried = left = 0
        while True:
            try:
                return await self._attempt()
            except _Busy as busy:
                hurried += 1
                if hurried > _HURRIED:
                    raise Unreachable(self.host, str(busy)) from None
                await asyncio.sleep(random.uniform(0.1, 0.4) * 2**hurried)  # noqa: S311 (spreads load)
            except _NotThere as gone:
                left += 1
                if left > self.address.retries:
                    raise Unreachable(self.host, str(gone)) from None
                await asyncio.sleep(min(2.0**left - 1, _LONGEST_PAUSE_S))

    async def _attempt(self) -> asyncssh.SSHClientConnection:
        """Connect once; raise _NotThere, _Busy, Unreachable."""
        address = self.address
        try:
            words = parse(address.arguments)
            limit_s = words.connect_timeout_s or address.timeout_s
            with config_files(words, address.host) as config:
                made, client = _options(address, words, config)
                async with asyncio.timeout(limit_s):
                    return await asyncssh.connect(address.host, options=made, config=config)
        except TimeoutError:
            raise _NotThere(f"{self._place} does not answer within {limit_s:g} s") from None
        except socket.gaierror as error:
            raise _NotThere(f"there is no host `{address.host}`: {error.strerror}") from None
        except asyncssh.HostKeyNotVerifiable as error:
            raise Unreachable(self.host, client.complaint() or error.reason) from None
        except asyncssh.PermissionDenied as error:
            raise Unreachable(self.host, self._refused(made, error)) from None
        except (asyncssh.ConnectionLost, ConnectionResetError) as error:
            raise _Busy(f"{self._place} has hung up before a user was let in: {error}") from None
        except asyncssh.Error as error:
            raise Unreachable(self.host, f"no SSH with {self._place}: {error.reason}") from None
        except OSError as error:
            raise _NotThere(f"cannot connect to {self._place}: {_words(error)}") from None
        except (OptionsInvalid, asyncssh.KeyImportError, ValueError) as error:
            raise Unreachable(self.host, f"how to reach {self._place}: {error}") from None

    @property
    def _place(self) -> str:
        port = self.address.port
        return self.address.host if port is None else f"{self.address.host} port {port}"

    def _refused(
        self, made: asyncssh.SSHClientConnectionOptions, error: asyncssh.PermissionDenied
    ) -> str:
        """Return why nobody was let in, and what was shown to the server."""
        tried = [f"the key {self.address.key_file}"] if self.address.key_file else ["keys"]
        tried += ["a password"] if self.address.password is not None else []
        return (
            f"{self._place} does not let in user `{made.username}`: {error.reason};"
            f" shown were {' and '.join(tried)}"
        )

    async def _why_lost(self, said_before: bytes | None) -> Exception:
        """Tell what became of the agent whose stream is at its end."""
        channel = self._channel
        if channel is None:
            raise AssertionError
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await channel.closed.wait()
        except TimeoutError:
            return Unreachable(self.host, "the agent has closed its stream")
        if channel.broken is not None:
            return Unreachable(self.host, f"the connection was lost: {_words(channel.broken)}")
        said = channel.errors.decode("utf-8", "replace").strip()
        if said_before is not None and channel.status in (
            bootstrap.NOT_FOUND,
            bootstrap.CANNOT_RUN,
        ):
            asked = None if self.interpreter in LEFT_TO_US else self.interpreter
            return NoPython(self.host, _no_python(self.interpreter, said), asked)
        if channel.status is None and channel.signal is None:
            return Unreachable(self.host, "the connection was lost: the server has hung up")
        how = f"signal {channel.signal}" if channel.signal else f"status {channel.status}"
        shown = said or (said_before or b"").decode("utf-8", "replace").strip()
        last = shown.splitlines()[-1] if shown else "it said nothing"
        return Unreachable(self.host, f"the agent ended with {how}: {last}")


@cache
def _key(path: str) -> asyncssh.SSHKey | None:
    """Return a private key, read once; None for one that only an ssh-agent can use.

    Raises OptionsInvalid.
    """
    try:
        return asyncssh.read_private_key(path)
    except OSError as error:
        raise OptionsInvalid(f"the key {path} cannot be read: {error.strerror}") from None
    except asyncssh.KeyEncryptionError:
        encrypted = True
    except asyncssh.KeyImportError as error:
        encrypted = "assphrase" in str(error)
        if not encrypted:
            raise OptionsInvalid(f"{path} is no private key: {error}") from None
    if encrypted and "SSH_AUTH_SOCK" not in os.environ:
        raise OptionsInvalid(f"the key {path} is encrypted: start an ssh-agent and `ssh-add` it")
    return None


def _words(error: BaseException) -> str:
    if isinstance(error, asyncssh.Error):
        return str(error.reason)
    return str(getattr(error, "strerror", None) or error)


def _no_python(given: str | None, said: str) -> str:
    """Return what was looked for and not found, and what still works."""
    last = said.splitlines()[-1] if said else ""
    if given and given not in LEFT_TO_US:
        return f"its Python `{given}` cannot be started: {last or 'it is not there'}"
    found = f"; {last}" if "needed" in last else ""
    looked = ", ".join(bootstrap.PYTHONS)
    return (
        f"no Python 3.6 or newer was found there{found}; looked for {looked};"
        " name one with `ansible_python_interpreter`, or use `raw`, which needs none"
    )
