"""Connections of a run: one for each way to reach a target, opened when it is first used."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from understudy.connections.address import Address
from understudy.connections.base import Connection
from understudy.connections.through_agent import ThroughAgent

Connect: TypeAlias = Callable[[Address, Connection | None], Connection]
"""Makes a connection that is not open yet; the second argument is the one that it goes through."""


@dataclass(slots=True)
class Connections:
    """Opens and keeps connections."""

    connect: Connect
    _made: dict[Address, Connection] = field(default_factory=dict)
    _opening: dict[Address, asyncio.Task[None]] = field(default_factory=dict)

    def made(self, address: Address) -> Connection:
        """Return the connection to an address, open or not. One that was lost is made anew."""
        connection = self._made.get(address)
        if connection is None or connection.lost:
            below = self.made(address.below) if address.become else None
            connection = self._made[address] = self.connect(address, below)
            self._opening.pop(address, None)
        return connection

    def known(self, address: Address) -> Connection | None:
        """Return an open connection without waiting, or None."""
        task = self._opening.get(address)
        if task is None or not task.done() or task.cancelled() or task.exception():
            return None
        connection = self._made[address]
        return None if connection.lost else connection

    async def get(self, address: Address) -> Connection:
        """Return the open connection to an address; raise Unreachable or BecomeFailed.

        Whoever asks while it is being opened waits for the same attempt.
        """
        connection = self.made(address)
        task = self._opening.get(address)
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            task = self._opening[address] = asyncio.create_task(connection.open())
        await asyncio.shield(task)
        return connection

    def work_in(self, directory: Path) -> None:
        """Let commands on this machine run in another directory from now on."""
        for connection in self._made.values():
            if isinstance(connection, ThroughAgent) and connection.cwd is not None:
                connection.cwd = directory

    async def reset(self, address: Address) -> None:
        """Close a connection and what goes through it; the next use opens a new one."""
        await self._drop([one for one in self._made if one.below == address.below])

    async def leave(self, address: Address, user: str) -> None:
        """Close the agents of another user on the host of an address: he is about to be removed."""
        there = [one for one in self._made if one.below == address.below and one != address]
        await self._drop([one for one in there if one.become and one.become.user == user])

    async def _drop(self, gone: list[Address]) -> None:
        opening = [task for one in gone if (task := self._opening.pop(one, None))]
        for task in opening:
            task.cancel()
        await asyncio.gather(*opening, return_exceptions=True)
        await self._close([self._made.pop(one) for one in gone])

    async def close(self) -> None:
        """Close every connection."""
        for task in self._opening.values():
            task.cancel()
        await asyncio.gather(*self._opening.values(), return_exceptions=True)
        connections = list(self._made.values())
        self._made.clear()
        self._opening.clear()
        await self._close(connections)

    async def _close(self, connections: Iterable[Connection]) -> None:
        closing: list[Awaitable[None]] = [connection.close() for connection in connections]
        await asyncio.gather(*closing, return_exceptions=True)
