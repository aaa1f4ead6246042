"""A target that is a function: for tests, benchmarks and simulations. Its frames are real ones."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from understudy.connections import frames
from understudy.connections.base import (
    JsonObject,
    ModuleCall,
    ModuleReply,
    ShellReply,
    Transfer,
    TransferFailed,
    Unreachable,
)
from understudy.connections.session import reply_of, request_of

Handler: TypeAlias = Callable[[ModuleCall], "JsonObject | Awaitable[JsonObject]"]


@dataclass(slots=True)
class MemoryConnection:
    """Answers every call by `handler`; requests and replies pass through `frames`."""

    host: str
    handler: Handler
    opened: Callable[[], None] = lambda: None
    """Is called when it is opened; may raise Unreachable."""
    ended: set[str] = field(default_factory=set)
    _ends: dict[str, asyncio.Event] = field(default_factory=dict)
    _calls: int = 0
    _cut: str | None = None

    @property
    def lost(self) -> bool:
        """Whether it was cut."""
        return self._cut is not None

    def cut(self, why: str) -> None:
        """Break the connection: whoever waits for it is told, and it cannot be used any more."""
        self._cut = why
        for event in self._ends.values():
            event.set()

    async def open(self) -> None:
        """Open nothing, but ask whether that can be done."""
        self.opened()

    async def call(self, call: ModuleCall) -> ModuleReply:
        """Return what the handler says, as it comes off the wire."""
        self._raise_if_cut()
        self._calls += 1
        request = request_of(call, call.module)
        request["id"] = self._calls
        _through_the_wire(request)
        result = self.handler(call)
        if not isinstance(result, dict):
            result = await result
        answer = json.dumps({"result": result}).encode()
        return reply_of(
            json.loads(_through_the_wire({"type": "result", "id": self._calls}, answer))
        )

    async def put(self, source: Path | bytes, transfer: Transfer | None = None) -> str:  # noqa: ARG002
        """Take no copy: return a name that only the handler knows."""
        size = len(source) if isinstance(source, bytes) else source.stat().st_size  # noqa: ASYNC240
        return f"/memory/upload-{size}"

    async def get(self, source: str, destination: Path) -> str:  # noqa: ARG002 (the seam's names)
        """Give no file."""
        raise TransferFailed(f"cannot read {source}: a host in memory has no files")

    async def shell(self, command: str) -> ShellReply:
        """Return what the handler says to a call of `raw`."""
        reply = await self.call(ModuleCall(module="raw", args={"_raw_params": command}))
        stdout = str(reply.result.get("stdout", "")).encode()
        return ShellReply(int(reply.result.get("rc", 0)), stdout, b"")

    async def job_ended(self, results_file: str) -> None:
        """Return when `end_job` has been called for the file."""
        if results_file not in self.ended:
            await self._ends.setdefault(results_file, asyncio.Event()).wait()
        self._raise_if_cut()

    def _raise_if_cut(self) -> None:
        if self._cut is not None:
            raise Unreachable(self.host, self._cut)

    def end_job(self, results_file: str) -> None:
        """Push the end of a job."""
        self.ended.add(results_file)
        self._ends.setdefault(results_file, asyncio.Event()).set()

    async def close(self) -> None:
        """Do nothing: there is nothing to close."""


def _through_the_wire(header: JsonObject, payload: bytes = b"") -> bytes:
    """Encode and decode a message; return its payload."""
    ((_, received),) = frames.Decoder().feed(frames.encode(header, payload))
    return received
