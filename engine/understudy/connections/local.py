"""This machine as a target: an agent in a child process, spoken to over its standard streams."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import sys
from dataclasses import dataclass
from functools import partial
from typing import cast

from understudy.connections import bootstrap
from understudy.connections.base import NoPython, ShellReply, Unreachable
from understudy.connections.session import AgentSession
from understudy.connections.through_agent import ThroughAgent

_PATIENCE_S = 5.0
"""How long an agent may take to leave when it is told to."""
LEFT_TO_US = frozenset({"auto", "auto_silent", "auto_legacy", "auto_legacy_silent"})
"""Values of `ansible_python_interpreter` that leave the choice to us."""


@dataclass(frozen=True, slots=True)
class _Running:
    """An agent's process, and what it says on its standard error."""

    process: asyncio.subprocess.Process
    complaints: asyncio.Task[bytes]
    session: AgentSession


@dataclass(slots=True, kw_only=True)
class LocalConnection(ThroughAgent):
    """A connection to this machine. Commands run in `cwd`, the playbook's directory (S58).

    `interpreter` is `ansible_python_interpreter`: a path, or a command line that starts one.
    """

    interpreter: str | None = None
    _running: _Running | None = None

    async def start(self) -> AgentSession:
        """Start the agent; raise Unreachable if its Python cannot be started."""
        running = await self._started()
        try:
            await self.greet(running.session)
        except BaseException:
            if running.process.returncode is None:
                running.process.kill()
            await _end(running)
            raise
        self._running = running
        return running.session

    async def _started(self) -> _Running:
        words = self._interpreter()
        try:
            process = await asyncio.create_subprocess_exec(
                *bootstrap.argv_of(words),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            why = f"cannot start its Python `{words[0]}`: {error.strerror}"
            asked = None if self.interpreter in LEFT_TO_US else self.interpreter
            raise NoPython(self.host, why, asked) from None
        reader = cast(asyncio.StreamReader, process.stdout)
        writer = cast(asyncio.StreamWriter, process.stdin)
        complaints = asyncio.create_task(tail(cast(asyncio.StreamReader, process.stderr)))
        why_lost = partial(_fate, self.host, process, complaints)
        return _Running(process, complaints, AgentSession(self.host, reader, writer, why_lost))

    def _interpreter(self) -> list[str]:
        given = self.interpreter
        if not given or not given.strip() or given in LEFT_TO_US:
            return [sys.executable]
        try:
            words = shlex.split(given)
        except ValueError as error:
            why = f"`ansible_python_interpreter` is no command, {error}: `{given}`"
            raise Unreachable(self.host, why) from None
        program = os.path.expanduser(words[0])  # noqa: PTH111 (`./python` stays as it is)
        return [program, *words[1:]]

    async def shell(self, command: str) -> ShellReply:
        """Let `/bin/sh` run a command line."""
        process = await asyncio.create_subprocess_shell(
            command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=self.cwd,
            start_new_session=True,
        )
        try:
            stdout, stderr = await process.communicate()
        except asyncio.CancelledError:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
            raise
        return ShellReply(process.returncode or 0, stdout, stderr)

    async def close(self) -> None:
        """End the agent; wait until it has killed what was attached to it."""
        if self._running is not None:
            await _end(self._running)


async def _end(running: _Running) -> None:
    await running.session.close()
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await running.process.wait()
    except TimeoutError:
        running.process.kill()
        await running.process.wait()
    running.complaints.cancel()


async def _fate(
    host: str,
    process: asyncio.subprocess.Process,
    complaints: asyncio.Task[bytes],
    _said: bytes | None,
) -> Unreachable:
    """Tell how an agent ended whose stream is at its end, as its process is or will be soon."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            code = await process.wait()
            said = (await complaints).decode("utf-8", "replace").strip()
    except TimeoutError:
        return Unreachable(host, "the agent on this machine closed its stream")
    if code < 0:
        why = f"the agent on this machine was killed by signal {-code} ({_name(-code)})"
        return Unreachable(host, why)
    why = said.splitlines()[-1] if said else "it said nothing"
    return Unreachable(host, f"the agent on this machine ended with status {code}: {why}")


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"


async def tail(stream: asyncio.StreamReader) -> bytes:
    """Read a stream to its end and return the last of it."""
    kept = b""
    while data := await stream.read(1 << 12):
        kept = (kept + data)[-(1 << 12) :]
    return kept
