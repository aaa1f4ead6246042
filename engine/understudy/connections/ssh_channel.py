"""One command on an SSH server: its streams, as a conversation with an agent needs them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import asyncssh

_KEPT = 1 << 12
"""Bytes kept of what a command says on its standard error."""


@dataclass(slots=True, eq=False)
class SshChannel(asyncssh.SSHClientSession[bytes]):
    """Both streams of a command; it implements `streams.Reader` and `streams.Writer`."""

    status: int | None = None
    signal: str | None = None
    errors: bytes = b""
    """The last of its standard error."""
    broken: Exception | None = None
    """Why the connection was lost, if it was."""
    _channel: asyncssh.SSHClientChannel[bytes] | None = None
    _received: bytearray = field(default_factory=bytearray)
    _ended: bool = False
    _something: asyncio.Event = field(default_factory=asyncio.Event)
    _writable: asyncio.Event = field(default_factory=asyncio.Event)
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    def connection_made(self, chan: asyncssh.SSHClientChannel[bytes]) -> None:
        """Take the channel that was opened."""
        self._channel = chan
        self._writable.set()

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        """Take what the command wrote."""
        if datatype == asyncssh.EXTENDED_DATA_STDERR:
            self.errors = (self.errors + data)[-_KEPT:]
        else:
            self._received += data
            self._something.set()

    def eof_received(self) -> bool:
        """Take note of the end of the output; the input stays open."""
        self._end()
        return True

    def exit_status_received(self, status: int) -> None:
        """Take note of how the command ended."""
        self.status = status

    def exit_signal_received(
        self,
        signal: str,
        core_dumped: bool,  # noqa: ARG002, FBT001 (the library's names)
        msg: str,  # noqa: ARG002
        lang: str,  # noqa: ARG002
    ) -> None:
        """Take note of the signal that killed the command."""
        self.signal = signal

    def connection_lost(self, exc: Exception | None) -> None:
        """Take note of the end of the channel."""
        self.broken = exc
        self._end()
        self._writable.set()
        self.closed.set()

    def pause_writing(self) -> None:
        """Let writers wait."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Let writers go on."""
        self._writable.set()

    def _end(self) -> None:
        self._ended = True
        self._something.set()

    async def read(self, n: int = -1, /) -> bytes:
        """Return what has come, up to `n` bytes unless that is -1; nothing at the end."""
        while not self._received:
            if self._ended:
                return b""
            self._something.clear()
            await self._something.wait()
        size = len(self._received) if n < 0 else n
        data = bytes(self._received[:size])
        del self._received[:size]
        return data

    async def rest(self) -> bytes:
        """Return everything up to the end of the output."""
        parts = []
        while data := await self.read():
            parts.append(data)
        return b"".join(parts)

    def write(self, data: bytes, /) -> None:
        """Send bytes; when the command is gone they go nowhere."""
        if self._channel is not None and not self.is_closing():
            self._channel.write(data)

    async def drain(self) -> None:
        """Wait until the server takes more."""
        await self._writable.wait()

    def close(self) -> None:
        """End the command's input."""
        if self._channel is not None and not self.is_closing():
            self._channel.write_eof()

    def is_closing(self) -> bool:
        """Tell whether nothing can be sent any more."""
        return self._channel is None or self._channel.is_closing() or self.closed.is_set()
