"""The two streams that a conversation with an agent needs, whatever carries them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol


class Reader(Protocol):
    """What comes from the agent."""

    async def read(self, n: int = -1, /) -> bytes:
        """Return up to `n` bytes as soon as there are any, nothing at the end."""


class Writer(Protocol):
    """What goes to the agent."""

    def write(self, data: bytes, /) -> None:
        """Send bytes, now or as soon as they can be sent."""

    async def drain(self) -> None:
        """Wait until more may be written; raise ConnectionError or OSError."""

    def close(self) -> None:
        """End the stream."""

    def is_closing(self) -> bool:
        """Tell whether the stream has been ended."""


@dataclass(slots=True)
class TunnelWriter:
    """The input of a program on the target, which frames carry there."""

    _send: Callable[[bytes], None]
    _drain: Callable[[], Awaitable[None]]
    _closed: bool = False

    def write(self, data: bytes, /) -> None:
        """Send bytes to the program."""
        if data and not self._closed:
            self._send(data)

    async def drain(self) -> None:
        """Wait until the connection below can take more."""
        await self._drain()

    def close(self) -> None:
        """End the program's input."""
        if not self._closed:
            self._closed = True
            self._send(b"")

    def is_closing(self) -> bool:
        """Tell whether the input has been ended."""
        return self._closed


@dataclass(slots=True)
class Tunnel:
    """A program on the target: its input, its output, what it says besides, and how it ended.

    `messages` are its standard error and what it writes to its terminal, if it has one.
    """

    writer: Writer
    output: asyncio.StreamReader = field(default_factory=asyncio.StreamReader)
    messages: asyncio.StreamReader = field(default_factory=asyncio.StreamReader)
    status: asyncio.Future[int] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def feed(self, stream: str, data: bytes) -> None:
        """Take what the program wrote."""
        (self.output if stream == "output" else self.messages).feed_data(data)

    def end(self, status: int) -> None:
        """Take note of the end of the program, or of the connection (-1)."""
        self.output.feed_eof()
        self.messages.feed_eof()
        if not self.status.done():
            self.status.set_result(status)
