"""Which connection an address asks for: made here, opened by whoever uses it."""

from __future__ import annotations

from pathlib import Path

from understudy.connections.address import Address
from understudy.connections.base import Connection, Unreachable
from understudy.connections.become import BecomeConnection
from understudy.connections.local import LocalConnection
from understudy.connections.through_agent import ThroughAgent


def connection_to(address: Address, below: Connection | None, directory: Path) -> Connection:
    """Return a connection that is not open yet; `below` is the one that another user is behind.

    On this machine commands run in `directory`, the playbook's.
    """
    if address.become is not None:
        if not isinstance(below, ThroughAgent):
            raise Unreachable(address.host, "there is no way to become another user there")
        return BecomeConnection(
            host=address.host, who=address.become, below=below, remote_tmp=address.remote_tmp
        )
    if address.ssh is not None:
        from understudy.connections.ssh import SshConnection  # imports asyncssh: 0.15 s

        return SshConnection(
            host=address.host,
            address=address.ssh,
            interpreter=address.python,
            remote_tmp=address.remote_tmp,
        )
    return LocalConnection(
        host=address.host, interpreter=address.python, cwd=directory, remote_tmp=address.remote_tmp
    )
