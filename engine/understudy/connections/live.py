"""What a running command writes, on its way to the controller while it runs.

A child has a pipe for it, and writes records: a kind, a length, and some bytes. A record is short
enough to be written whole or not at all, so a slow controller holds nothing up: what does not fit
is counted, and the number is told before the next record that fits. Runs on the target: standard
library and Python 3.6 only.
"""

import os
import selectors
import struct

from understudy.connections.outbox import Outbox

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.connections.base import JsonObject

STDOUT = b"o"
STDERR = b"e"
LOST = b"x"
"""Kinds of records: of the two streams, and how many bytes were left out, in decimal."""
NAMES = {STDOUT: "stdout", STDERR: "stderr", LOST: "lost"}
_HEAD = struct.Struct(">cH")
_PIECE = 2048
"""Bytes in a record: well below what a pipe takes in one step, which is 4096 on Linux."""


class Sink:
    """The writing end, in the process whose command it is."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lost = 0
        os.set_blocking(descriptor, False)

    def write(self, kind: bytes, data: bytes) -> None:
        """Pass on what a command wrote, as far as it fits."""
        for start in range(0, len(data), _PIECE):
            piece = data[start : start + _PIECE]
            if not (self._told_loss() and self._put(kind, piece)):
                self._lost += len(piece)

    def _told_loss(self) -> bool:
        if self._lost and self._put(LOST, b"%d" % self._lost):
            self._lost = 0
        return not self._lost

    def _put(self, kind: bytes, piece: bytes) -> bool:
        try:
            os.write(self._descriptor, _HEAD.pack(kind, len(piece)) + piece)
        except OSError:
            return False  # it is full, or nobody listens any more
        return True


class Source:
    """The reading end, in the agent."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._buffer = bytearray()
        os.set_blocking(descriptor, False)

    def read(self) -> "list[tuple[str, bytes]] | None":
        """Return what has come, each with the name of its stream; None at the end."""
        try:
            data = os.read(self.descriptor, 1 << 16)
        except BlockingIOError:
            return []
        if not data:
            return None
        self._buffer += data
        return list(self._taken())

    def close(self) -> None:
        """Close it."""
        os.close(self.descriptor)

    def _taken(self) -> "Iterator[tuple[str, bytes]]":
        while len(self._buffer) >= _HEAD.size:
            kind, size = _HEAD.unpack_from(self._buffer)
            end = _HEAD.size + size
            if len(self._buffer) < end:
                return
            yield NAMES[kind], bytes(self._buffer[_HEAD.size : end])
            del self._buffer[:end]


class Sources:
    """The reading ends of everything that is listened to, served by the agent's selector."""

    def __init__(self, selector: selectors.BaseSelector, outbox: Outbox) -> None:
        self._selector = selector
        self._outbox = outbox
        self._open = {}  # type: dict[int, Source]

    def descriptors(self) -> "list[int]":
        """Return what a forked child must not keep."""
        return list(self._open)

    def new(self, about: "JsonObject") -> int:
        """Return the writing end of a new pipe; `about` tells the controller whose it is."""
        reader, writer = os.pipe()
        source = self._open[reader] = Source(reader)
        handler = lambda: self._pass_on(source, about)  # noqa: E731 (bound to this one)
        self._selector.register(reader, selectors.EVENT_READ, handler)
        return writer

    def _pass_on(self, source: Source, about: "JsonObject") -> None:
        pieces = source.read()
        for stream, data in pieces or ():
            self._outbox.output(about, stream, data)
        if pieces is None:
            self._selector.unregister(source.descriptor)
            del self._open[source.descriptor]
            source.close()
