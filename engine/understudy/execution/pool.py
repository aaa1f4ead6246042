"""Connections of a run: one for each way to reach a target, opened when it is first used."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from understudy.connections.base import Connection


class Address(NamedTuple):
    """How a host is reached: everything that asks for an agent of its own."""

    host: str
    connection: str
    python: str | None


Connect: TypeAlias = Callable[[Address], Connection]


@dataclass(slots=True)
class Connections:
    """Opens and keeps connections. `connect` makes one that is not open yet."""

    connect: Connect
    _open: dict[Address, asyncio.Task[Connection]] = field(default_factory=dict)

    def known(self, address: Address) -> Connection | None:
        """Return an open connection without waiting, or None."""
        task = self._open.get(address)
        return task.result() if task and task.done() and not task.exception() else None

    async def get(self, address: Address) -> Connection:
        """Return the open connection to an address; raise Unreachable."""
        task = self._open.get(address)
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            task = asyncio.create_task(self._connected(address))
            self._open[address] = task
        return await asyncio.shield(task)

    async def _connected(self, address: Address) -> Connection:
        connection = self.connect(address)
        await connection.open()
        return connection

    def forget(self, address: Address) -> None:
        """Drop a connection that was lost, so that the next use opens a new one."""
        self._open.pop(address, None)

    async def close(self) -> None:
        """Close every connection."""
        tasks = list(self._open.values())
        self._open.clear()
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        closings: list[Awaitable[None]] = [
            r.close() for r in results if not isinstance(r, BaseException)
        ]
        await asyncio.gather(*closings, return_exceptions=True)
