"""A conversation with one agent over a pair of streams: calls out, results back in any order.

Everything but the transport itself is here, so that a connection only starts a process.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from understudy.connections import bootstrap, frames
from understudy.connections.base import JsonObject, ModuleCall, ModuleReply, Unreachable
from understudy.connections.parts import with_parts
from understudy.resources import MODULES

CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class ModuleSource:
    """A module's text and what names it on the wire."""

    name: str
    hash: str
    text: bytes


@cache
def module_source(name: str) -> ModuleSource:
    """Return a module's source; raise FileNotFoundError."""
    text = (MODULES / f"{name}.py").read_bytes()
    if (MODULES / name).is_dir():
        text = with_parts(name, text, MODULES / name)
    return ModuleSource(name, hashlib.sha256(text).hexdigest()[:16], text)


@dataclass(slots=True)
class AgentSession:
    """The controller's end. Every method raises Unreachable when the agent is gone."""

    host: str
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    why_lost: Callable[[], str] = lambda: "the agent on the target ended unexpectedly"
    _numbers: Iterator[int] = field(default_factory=count)
    _pending: dict[int, asyncio.Future[JsonObject]] = field(default_factory=dict)
    _ends: dict[str, asyncio.Future[None]] = field(default_factory=dict)
    _sent: set[str] = field(default_factory=set)
    _hello: asyncio.Future[JsonObject] | None = None
    _pump: asyncio.Task[None] | None = None
    _lost: str | None = None

    async def start(self) -> None:
        """Send the agent, and return when it says hello."""
        self._hello = asyncio.get_running_loop().create_future()
        self._pump = asyncio.create_task(self._read())
        self.writer.write(bootstrap.sources())
        await self._hello

    async def call(self, call: ModuleCall) -> ModuleReply:
        """Run a module; when this is cancelled, its processes are killed."""
        source = module_source(call.module)
        if source.hash not in self._sent:
            self._sent.add(source.hash)
            header = {"type": "module", "hash": source.hash, "name": source.name}
            self._send(header, source.text)
        reply = await self._ask(request_of(call, source.hash))
        result = reply["result"]
        warnings = tuple(result.get("warnings", ()))
        return ModuleReply(result, reply.get("module_s", 0.0), warnings)

    async def put(self, source: Path | bytes) -> str:
        """Stream a file or content; return the path of its copy on the target."""
        number = next(self._numbers)
        for chunk, last in _chunks(source):
            header = {"type": "put", "id": number, "last": last}
            if last:
                reply = await self._ask(header, chunk)
            else:
                self._send(header, chunk)
                await self.writer.drain()
        result = reply["result"]
        if result.get("failed"):
            raise Unreachable(self.host, result["msg"])
        return str(result["path"])

    async def job_ended(self, results_file: str) -> None:
        """Return when the job with this file has ended."""
        future = self._ends.get(results_file)
        if future is None:
            future = self._ends[results_file] = asyncio.get_running_loop().create_future()
            self._send({"type": "await", "file": results_file})
        await asyncio.shield(future)

    async def close(self) -> None:
        """Close the agent's input, which ends it."""
        if not self.writer.is_closing():
            self.writer.close()
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)

    async def _ask(self, header: JsonObject, payload: bytes = b"") -> JsonObject:
        number = header.setdefault("id", next(self._numbers))
        future = self._pending[number] = asyncio.get_running_loop().create_future()
        try:
            self._send(header, payload)
            return await future
        except asyncio.CancelledError:
            if self._lost is None:
                self._send({"type": "cancel", "id": number})
            raise
        finally:
            del self._pending[number]

    def _send(self, header: JsonObject, payload: bytes = b"") -> None:
        if self._lost is not None:
            raise Unreachable(self.host, self._lost)
        self.writer.write(frames.encode(header, payload))

    async def _read(self) -> None:
        decoder = frames.Decoder()
        try:
            while data := await self.reader.read(CHUNK):
                for header, _ in decoder.feed(data):
                    self._take(header)
            self._lose(self.why_lost())
        except (OSError, frames.FrameError) as error:
            self._lose(str(error))

    def _take(self, header: JsonObject) -> None:
        kind = header["type"]
        if kind == "result":
            _settle(self._pending.get(header["id"]), header)
        elif kind == "ended":
            _settle(self._ends.pop(header["file"], None), None)
        elif kind == "hello":
            _settle(self._hello, header)

    def _lose(self, why: str) -> None:
        self._lost = why
        lost = Unreachable(self.host, why)
        waiting: list[asyncio.Future[Any] | None] = [self._hello, *self._pending.values()]
        for future in (*waiting, *self._ends.values()):
            if future is not None and not future.done():
                future.set_exception(lost)
                future.exception()
        self._ends.clear()


def request_of(call: ModuleCall, module_hash: str) -> JsonObject:
    """Return the message that asks an agent for a call."""
    request: JsonObject = {
        "type": "run",
        "module": module_hash,
        "args": call.args,
        "check_mode": call.check_mode,
        "diff": call.diff,
        "no_log": call.no_log,
        "verbosity": call.verbosity,
        "secret_args": list(call.secret_args),
        "environment": dict(call.environment),
        "cwd": call.cwd,
    }
    if call.job is not None:
        request["type"] = "job"
        request["job"] = {
            "limit_s": call.job.limit_s,
            "async_dir": call.job.async_dir,
            "record_delay_s": call.job.record_delay_s,
        }
    return request


def _settle(future: asyncio.Future[Any] | None, value: JsonObject | None) -> None:
    if future is not None and not future.done():
        future.set_result(value)


def _chunks(source: Path | bytes) -> Iterator[tuple[bytes, bool]]:
    """Yield the pieces of a file or content, each with whether it is the last."""
    if isinstance(source, bytes):
        pieces = (source[start : start + CHUNK] for start in range(0, len(source), CHUNK))
        yield from ((piece, False) for piece in pieces)
    else:
        with source.open("rb") as handle:
            while piece := handle.read(CHUNK):
                yield piece, False
    yield b"", True
