"""A file that comes from a target in parts, written as it comes."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from understudy.connections.base import TransferFailed
from understudy.connections.transfers import NOT_SENT

_TRAILER = 41
"""After the content: the SHA-1 in hex, and one byte that tells whether it was sent at all."""


@dataclass(slots=True)
class Incoming:
    """The answer to a `get`. The last bytes that came are kept back: they may be the trailer."""

    sink: BinaryIO
    answer: asyncio.Future[str]
    _digest: Any = field(default_factory=hashlib.sha1)
    _kept: bytes = b""

    @classmethod
    def into(cls, sink: BinaryIO) -> Incoming:
        """Return what writes into an open file."""
        return cls(sink, asyncio.get_running_loop().create_future())

    def add(self, part: bytes) -> None:
        """Take a part of the file."""
        self._guarded(lambda: self._write(part))

    def complete(self, last: bytes, *, instead: bool) -> None:
        """Take the last part and its trailer; `instead` of a file a failed result may come."""
        if instead or last.endswith(NOT_SENT):
            self._fail(str(json.loads(last.removesuffix(NOT_SENT))["result"]["msg"]))
        else:
            self._guarded(lambda: self._finish(last))

    def _write(self, part: bytes) -> None:
        whole = self._kept + part
        self._kept = whole[-_TRAILER:]
        content = whole[:-_TRAILER]
        self._digest.update(content)
        self.sink.write(content)

    def _finish(self, last: bytes) -> None:
        self._write(last)
        if self._kept[:-1].decode("ascii") != self._digest.hexdigest():
            self._fail("what arrived is not what was sent: the checksums differ")
        elif not self.answer.done():
            self.answer.set_result(self._digest.hexdigest())

    def _guarded(self, write: Callable[[], None]) -> None:
        if self.answer.done():
            return
        try:
            write()
        except OSError as error:
            self._fail(f"cannot write {self.sink.name}: {error.strerror}")

    def _fail(self, why: str) -> None:
        if not self.answer.done():
            self.answer.set_exception(TransferFailed(why))
