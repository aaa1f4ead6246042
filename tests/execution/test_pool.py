"""Which connections are closed when a host, or a user there, is to be left."""

from __future__ import annotations

import asyncio

from understudy.connections.address import Address, BecomeAs
from understudy.connections.memory import MemoryConnection
from understudy.execution.pool import Connections


def _address(user: str | None = None) -> Address:
    become = BecomeAs(user=user) if user else None
    return Address(host="h", connection="ssh", become=become)


def test_a_user_who_is_removed_is_left_alone_first() -> None:
    """His agent would keep him busy; the login user's and other users' go on."""

    async def leave() -> set[str | None]:
        made = Connections(lambda address, _: MemoryConnection(address.host, lambda _: {}))
        for user in (None, "gone", "stays"):
            await made.get(_address(user))
        await made.leave(_address(), "gone")
        users = (None, "gone", "stays")
        return {user for user in users if made.known(_address(user)) is not None}

    assert asyncio.run(leave()) == {None, "stays"}
