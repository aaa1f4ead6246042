"""Connections to servers under test: how a server is addressed, and connections that end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.ssh.server import Sshd
from understudy.connections.address import BecomeAs, SshAddress
from understudy.connections.become import BecomeConnection
from understudy.connections.ssh import SshConnection


def address_of(server: Sshd, host: int = 0, **more: Any) -> SshAddress:
    """Return how a server is reached with its key; `more` are other fields."""
    options = ("-F", "/dev/null", "-o", f"UserKnownHostsFile={server.known_hosts}")
    known: dict[str, Any] = {
        "host": server.hosts[host],
        "port": server.port,
        "user": server.user,
        "key_file": str(server.key_file),
        "arguments": options,
    }
    return SshAddress(**{**known, **more})


def connection_to(server: Sshd, python: str | None = None, **more: Any) -> SshConnection:
    """Return a connection that is not open yet."""
    return SshConnection(host="web1", address=address_of(server, **more), interpreter=python)


@asynccontextmanager
async def connected(
    server: Sshd, python: str | None = None, **more: Any
) -> AsyncIterator[SshConnection]:
    """Give an open connection, and end it."""
    connection = connection_to(server, python, **more)
    await connection.open()
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def become(below: SshConnection, **who: Any) -> AsyncIterator[BecomeConnection]:
    """Give an open connection as another user."""
    connection = BecomeConnection(host="web1", who=BecomeAs(**who), below=below)
    await connection.open()
    try:
        yield connection
    finally:
        await connection.close()
