"""A conversation with one agent over a pair of streams: calls out, results back in any order.

Everything but the transport itself is here, so that a connection only starts a process.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import marshal
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from understudy.connections import bootstrap, frames
from understudy.connections.base import (
    JsonObject,
    ModuleCall,
    ModuleReply,
    Transfer,
    TransferFailed,
    Unreachable,
)
from understudy.connections.incoming import Incoming
from understudy.connections.parts import with_parts
from understudy.connections.streams import Reader, Tunnel, TunnelWriter, Writer
from understudy.playbook.user_modules import UserModule
from understudy.resources import MODULES

CHUNK = 1 << 18
_PREAMBLE = 1 << 14
"""Bytes kept of what a login shell prints before the agent speaks."""


@dataclass(frozen=True, slots=True)
class ModuleSource:
    """A module's text, the same compiled by our Python, and what names it on the wire."""

    name: str
    hash: str
    text: bytes
    code: bytes | None
    """None for what our Python cannot compile: the target's is to say why."""


@cache
def module_source(name: str) -> ModuleSource:
    """Return a module's source; raise FileNotFoundError."""
    main = (MODULES / f"{name}.py").read_bytes()
    return _as_source(name, with_parts(main, MODULES))


def own_source(own: UserModule) -> ModuleSource:
    """Return what runs a program of the project's own; its text is in it if it carries modules."""
    if not own.carried:
        return module_source("user_module")
    files = (own.path, *(path for _, path in own.carried))
    return _carrying(own, tuple(path.stat().st_mtime_ns for path in files))


@cache
def _carrying(own: UserModule, _changed_ns: tuple[int, ...]) -> ModuleSource:
    carried = {name: path.read_text("utf-8") for name, path in own.carried}
    program = own.path.read_text("utf-8")
    wrapper = (MODULES / "user_module.py").read_text("utf-8")
    text = f"{wrapper}\nPROGRAM = {program!r}\nCARRIED.update({carried!r})\n"
    return _as_source(own.path.stem, text.encode())


def _as_source(name: str, text: bytes) -> ModuleSource:
    try:
        code = marshal.dumps(bootstrap.compiled(text, name))
    except SyntaxError:
        code = None
    return ModuleSource(name, hashlib.sha256(text).hexdigest()[:16], text, code)


@dataclass(slots=True)
class _Asked:
    """A request that has no answer yet, and the parts of the answer that have come."""

    answer: asyncio.Future[JsonObject]
    parts: list[bytes] = field(default_factory=list)
    on_output: Callable[[str, bytes], None] | None = None

    def add(self, part: bytes) -> None:
        """Take a part of the answer."""
        self.parts.append(part)

    def complete(self, last: bytes, *, instead: bool) -> None:
        """Take the last part, or what stands in the place of them all."""
        if not self.answer.done():
            whole = last if instead or not self.parts else b"".join([*self.parts, last])
            self.answer.set_result(json.loads(whole))


@dataclass(slots=True)
class AgentSession:
    """The controller's end. Every method raises Unreachable when the agent is gone.

    `why_lost` is asked once, when the agent's stream has ended: it tells what became of it, given
    what came before the agent's first word; None when the agent has spoken.
    """

    host: str
    reader: Reader
    writer: Writer
    why_lost: Callable[[bytes | None], Awaitable[Exception]]
    preamble: bytes = b""
    """What came before the agent's first word: a login shell may print what it likes."""
    _numbers: Iterator[int] = field(default_factory=count)
    _asked: dict[int, _Asked | Incoming] = field(default_factory=dict)
    _tunnels: dict[int, Tunnel] = field(default_factory=dict)
    _awaited: dict[str, asyncio.Future[None]] = field(default_factory=dict)
    _waiters: dict[str, int] = field(default_factory=dict)
    _sent: set[str] = field(default_factory=set)
    _hearers: dict[str, Callable[[str, bytes], None]] = field(default_factory=dict)
    """Who is told what a job writes, by its file."""
    _hello: asyncio.Future[JsonObject] | None = None
    _marked: asyncio.Future[bytes] | None = None
    _pump: asyncio.Task[None] | None = None
    _lost: Exception | None = None
    _same_python: bool = False
    """Whether what our Python has compiled can be sent."""

    @property
    def lost(self) -> bool:
        """Whether the agent is gone."""
        return self._lost is not None

    async def start(self) -> JsonObject:
        """Send the agent; return what it says of itself: `python`, `executable`, and `pid`.

        Its Python speaks first: it tells which sources it takes, and that nobody else is listening.
        """
        loop = asyncio.get_running_loop()
        self._hello, self._marked = loop.create_future(), loop.create_future()
        self._pump = asyncio.create_task(self._read())
        self._same_python = await self._marked == bootstrap.MAGIC
        self.writer.write(bootstrap.sources(same_python=self._same_python))
        return await self._hello

    async def call(self, call: ModuleCall) -> ModuleReply:
        """Run a module; when this is cancelled, its processes are killed."""
        source = own_source(call.own) if call.own else module_source(call.module)
        if source.hash not in self._sent:
            self._teach(source)
        try:
            reply = await self._ask(request_of(call, source.hash), call.on_output)
        except frames.FrameError as error:
            return ModuleReply({"failed": True, "changed": False, "msg": str(error)})
        return reply_of(reply)

    def _teach(self, source: ModuleSource) -> None:
        """Send a module, so that it can be called by its hash."""
        code = source.code if self._same_python else None
        header: JsonObject = {"type": "module", "hash": source.hash, "name": source.name}
        self._send({**header, "compiled": code is not None}, code or source.text)
        self._sent.add(source.hash)

    async def put(
        self, source: Path | bytes, transfer: Transfer, directory: str | None = None
    ) -> str:
        """Stream a file or content; return the path of its copy there. Raises TransferFailed."""
        about: JsonObject = {"tmp": directory, "transfer": transfer.name, "own": transfer.for_job}
        if transfer.begun:
            about |= (await self._ask({"type": "resume", **about}))["result"]
        transfer.begun = transfer.name is not None
        number = next(self._numbers)
        asked = self._expect(number)
        try:
            digest = await self._send_chunks({**about, "id": number}, source, asked.answer)
            result = (await asked.answer)["result"]
        except OSError as error:
            self._cancel(number)
            raise TransferFailed(f"cannot read {source!s}: {error.strerror}") from None
        except asyncio.CancelledError:
            self._cancel(number)
            raise
        finally:
            del self._asked[number]
        if result.get("failed"):
            raise TransferFailed(result["msg"])
        if result["checksum"] != digest:
            raise TransferFailed("what arrived is not what was sent: the checksums differ")
        return str(result["path"])

    async def _send_chunks(
        self, about: JsonObject, source: Path | bytes, answer: asyncio.Future[JsonObject]
    ) -> str:
        """Send a file no faster than the agent takes it, and no further than it wants it.

        What is there already is only read. Return the SHA-1 of the whole.
        """
        size = len(source) if isinstance(source, bytes) else source.stat().st_size  # noqa: ASYNC240
        header = {**about, "type": "put", "size": size}
        there = about.get("offset", 0)
        digest = hashlib.sha1()  # noqa: S324 (finds broken transfers, no attackers)
        for piece, last in _chunks(source):
            digest.update(piece)
            known, there = min(there, len(piece)), max(0, there - len(piece))
            if known and known == len(piece):
                continue
            chunk = piece[known:]
            self._send({**header, "last": last}, chunk)
            try:
                await self.writer.drain()
            except OSError:
                break  # whoever reads from the agent tells what became of it
            if answer.done():
                break
        return digest.hexdigest()

    async def get(self, source: str, destination: Path) -> str:
        """Stream a file of the target into a local one; return the SHA-1 of what came.

        Raises TransferFailed.
        """
        number = next(self._numbers)
        with destination.open("wb") as sink:
            incoming = self._asked[number] = Incoming.into(sink)
            try:
                self._send({"type": "get", "id": number, "path": source})
                return await incoming.answer
            except (asyncio.CancelledError, TransferFailed):
                self._cancel(number)
                raise
            finally:
                del self._asked[number]

    def tunnel(
        self, argv: Sequence[str], environment: Mapping[str, str], *, terminal: bool
    ) -> Tunnel:
        """Start a program on the target whose streams reach to here.

        With `terminal` its standard input is one. When it cannot be started, its messages say so.
        """
        number = next(self._numbers)
        header = {"type": "tunnel", "id": number, "argv": list(argv), "terminal": terminal}
        writer = TunnelWriter(
            lambda data: None if self._lost else self._send({"type": "data", "id": number}, data),
            self.writer.drain,
        )
        self._send({**header, "environment": dict(environment)})
        tunnel = self._tunnels[number] = Tunnel(writer)
        return tunnel

    async def job_ended(self, results_file: str) -> None:
        """Return when the job with this file has ended."""
        future = self._awaited.get(results_file)
        if future is None:
            self._send({"type": "await", "file": results_file})
            future = self._awaited[results_file] = asyncio.get_running_loop().create_future()
        self._waiters[results_file] = self._waiters.get(results_file, 0) + 1
        try:
            await asyncio.shield(future)
        finally:
            self._wait_no_more(results_file, future)

    def _wait_no_more(self, results_file: str, future: asyncio.Future[None]) -> None:
        """Let the agent forget a job that nobody waits for any more."""
        self._waiters[results_file] -= 1
        if self._waiters[results_file]:
            return
        del self._waiters[results_file]
        if not future.done():
            del self._awaited[results_file]
            if self._lost is None:
                self._send({"type": "unawait", "file": results_file})

    async def close(self) -> None:
        """Close the agent's input, which ends it."""
        if not self.writer.is_closing():
            self.writer.close()
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)
        if self._lost is None:
            self._lose(Unreachable(self.host, "the connection was closed"))

    async def _ask(
        self, header: JsonObject, on_output: Callable[[str, bytes], None] | None = None
    ) -> JsonObject:
        number = header["id"] = next(self._numbers)
        asked = self._expect(number)
        asked.on_output = on_output
        try:
            self._send(header)
            return await asked.answer
        except asyncio.CancelledError:
            self._cancel(number)
            raise
        finally:
            del self._asked[number]

    def _expect(self, number: int) -> _Asked:
        asked = self._asked[number] = _Asked(asyncio.get_running_loop().create_future())
        return asked

    def _cancel(self, number: int) -> None:
        if self._lost is None:
            self._send({"type": "cancel", "id": number})

    def _send(self, header: JsonObject, payload: bytes = b"") -> None:
        if self._lost is not None:
            raise self._lost
        self.writer.write(frames.encode(header, payload))

    async def _read(self) -> None:
        try:
            while (mark := bootstrap.MARK.search(self.preamble)) is None:
                data = await self.reader.read(CHUNK)
                if not data:
                    self._lose(await self.why_lost(self.preamble))
                    return
                self.preamble = self.preamble[-_PREAMBLE:] + data
            _settle(self._marked, mark[1])
            await self._take_all(self.preamble[mark.end() :])
            self._lose(await self.why_lost(None))
        except OSError as error:
            why = f"the connection broke: {error.strerror or error}"
            self._lose(Unreachable(self.host, why))
        except (frames.FrameError, ValueError, KeyError) as error:
            self._lose(Unreachable(self.host, f"the agent sent what is no message: {error}"))

    async def _take_all(self, data: bytes) -> None:
        decoder = frames.Decoder()
        while True:
            for header, payload in decoder.feed(data):
                self._take(header, payload)
            data = await self.reader.read(CHUNK)
            if not data:
                return

    def _take(self, header: JsonObject, payload: bytes) -> None:
        kind = header["type"]
        if kind == "data":
            if tunnel := self._tunnels.get(header["id"]):
                tunnel.feed(header["stream"], payload)
        elif kind == "output":
            self._take_output(header, payload)
        elif kind in ("result", "part"):
            self._take_answer(header, payload)
        elif kind == "ended":
            _settle(self._awaited.pop(header["file"], None), None)
        elif kind == "hello":
            _settle(self._hello, header)

    def _take_answer(self, header: JsonObject, payload: bytes) -> None:
        tunnel = self._tunnels.pop(header["id"], None)
        asked = self._asked.get(header["id"])
        if tunnel is not None:
            result = json.loads(payload)["result"]
            tunnel.feed("messages", str(result.get("msg", "")).encode())
            tunnel.end(result.get("rc", bootstrap.NOT_FOUND))
        elif asked is None:
            return
        elif header["type"] == "part":
            asked.add(payload)
        else:
            asked.complete(payload, instead=header.get("instead", False))
            if isinstance(asked, _Asked) and asked.on_output is not None:
                self._hear_job(asked, asked.on_output)

    def _hear_job(self, asked: _Asked, on_output: Callable[[str, bytes], None]) -> None:
        """Let whoever launched a job hear what it writes from now on."""
        file = asked.answer.result()["result"].get("results_file")
        if file is not None:
            self._hearers[file] = on_output

    def _take_output(self, header: JsonObject, payload: bytes) -> None:
        asked = self._asked.get(header.get("id", -1))
        on_output = asked.on_output if isinstance(asked, _Asked) else None
        on_output = on_output or self._hearers.get(header.get("file", ""))
        if on_output is not None:
            on_output(header["stream"], payload)

    def _lose(self, lost: Exception) -> None:
        self._lost = lost
        answers = [asked.answer for asked in self._asked.values()]
        waiting: list[asyncio.Future[Any] | None] = [self._hello, self._marked, *answers]
        for future in (*waiting, *self._awaited.values()):
            if future is not None and not future.done():
                future.set_exception(lost)
                future.exception()
        for tunnel in self._tunnels.values():
            tunnel.end(-1)
        self._awaited.clear()
        self._tunnels.clear()


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
        "stream": call.on_output is not None,
    }
    if call.open_files > 0:
        request["open_files"] = call.open_files
    if call.job is not None:
        request["type"] = "job"
        request["job"] = {
            "limit_s": call.job.limit_s,
            "async_dir": call.job.async_dir,
            "record_delay_s": call.job.record_delay_s,
            "files": list(call.job.files),
        }
    return request


def reply_of(reply: JsonObject) -> ModuleReply:
    """Return what an agent's answer says."""
    return ModuleReply(reply["result"], reply.get("module_s", 0.0))


def _settle(future: asyncio.Future[Any] | None, value: JsonObject | bytes | None) -> None:
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
