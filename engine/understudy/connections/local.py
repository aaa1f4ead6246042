"""This machine as a target: an agent in a child process, spoken to over its standard streams."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import sys
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import cast

from understudy.connections.base import ModuleCall, ModuleReply, Unreachable
from understudy.connections.bootstrap import OPTIONS, STARTER
from understudy.connections.session import AgentSession

_PATIENCE_S = 5.0
"""How long an agent may take to leave when it is told to."""
_OURS = frozenset({"auto", "auto_silent", "auto_legacy", "auto_legacy_silent"})
"""Values of `ansible_python_interpreter` that leave the choice to us: the controller's own."""


@dataclass(frozen=True, slots=True)
class _Running:
    """An agent's process, and what it says on its standard error."""

    process: asyncio.subprocess.Process
    complaints: asyncio.Task[bytes]
    session: AgentSession


@dataclass(slots=True)
class LocalConnection:
    """A connection to this machine. Commands run in `cwd`, the playbook's directory (S58).

    `python` is `ansible_python_interpreter`: a path, or a command line that starts one.
    """

    host: str
    python: str | None = None
    cwd: Path | None = None
    _running: _Running | None = None
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def open(self) -> None:
        """Start the agent; raise Unreachable if its Python cannot be started."""
        async with self._opening:
            if self._running is not None:
                return
            running = await self._started()
            try:
                await running.session.start()
            except BaseException:
                if running.process.returncode is None:
                    running.process.kill()
                await _end(running)
                raise
            self._running = running

    async def _started(self) -> _Running:
        words = self._interpreter()
        try:
            process = await asyncio.create_subprocess_exec(
                *(*words, *OPTIONS, "-c", STARTER),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            why = f"cannot start its Python `{words[0]}`: {error.strerror}"
            raise Unreachable(self.host, why) from None
        reader = cast(asyncio.StreamReader, process.stdout)
        writer = cast(asyncio.StreamWriter, process.stdin)
        complaints = asyncio.create_task(_tail(cast(asyncio.StreamReader, process.stderr)))
        session = AgentSession(self.host, reader, writer, partial(_fate, process, complaints))
        return _Running(process, complaints, session)

    def _interpreter(self) -> list[str]:
        given = self.python
        if not given or not given.strip() or given in _OURS:
            return [sys.executable]
        try:
            words = shlex.split(given)
        except ValueError as error:
            why = f"`ansible_python_interpreter` is no command, {error}: `{given}`"
            raise Unreachable(self.host, why) from None
        program = os.path.expanduser(words[0])  # noqa: PTH111 (`./python` stays as it is)
        return [program, *words[1:]]

    async def call(self, call: ModuleCall) -> ModuleReply:
        """Run a module and return its reply."""
        if call.cwd is None and self.cwd is not None:
            call = replace(call, cwd=str(self.cwd))
        return await self._session.call(call)

    async def put(self, source: Path | bytes) -> str:
        """Copy a file or content to a temporary file."""
        return await self._session.put(source)

    async def job_ended(self, results_file: str) -> None:
        """Return when a job has ended."""
        await self._session.job_ended(results_file)

    async def close(self) -> None:
        """End the agent; wait until it has killed what was attached to it."""
        if self._running is not None:
            await _end(self._running)

    @property
    def _session(self) -> AgentSession:
        if self._running is None:
            raise Unreachable(self.host, "the connection is not open")
        return self._running.session


async def _end(running: _Running) -> None:
    await running.session.close()
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await running.process.wait()
    except TimeoutError:
        running.process.kill()
        await running.process.wait()
    running.complaints.cancel()


async def _fate(process: asyncio.subprocess.Process, complaints: asyncio.Task[bytes]) -> str:
    """Tell how an agent ended whose stream is at its end, as its process is or will be soon."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            code = await process.wait()
            said = (await complaints).decode("utf-8", "replace").strip()
    except TimeoutError:
        return "the agent on this machine closed its stream"
    if code < 0:
        return f"the agent on this machine was killed by signal {-code} ({_name(-code)})"
    why = said.splitlines()[-1] if said else "it said nothing"
    return f"the agent on this machine ended with status {code}: {why}"


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"


async def _tail(stream: asyncio.StreamReader) -> bytes:
    """Read a stream to its end and return the last of it."""
    kept = b""
    while data := await stream.read(1 << 12):
        kept = (kept + data)[-(1 << 12) :]
    return kept
