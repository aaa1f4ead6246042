"""This machine as a target: an agent in a child process, spoken to over its standard streams."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from understudy.connections.base import ModuleCall, ModuleReply, Unreachable
from understudy.connections.bootstrap import STARTER
from understudy.connections.session import AgentSession


@dataclass(slots=True)
class LocalConnection:
    """A connection to this machine. Commands run in `cwd`, the playbook's directory (S58)."""

    host: str
    python: str | None = None
    cwd: Path | None = None
    _session: AgentSession | None = None
    _process: asyncio.subprocess.Process | None = None

    async def open(self) -> None:
        """Start the agent; raise Unreachable if its Python cannot be started."""
        if self._session is not None:
            return
        python = self.python or sys.executable
        try:
            process = await asyncio.create_subprocess_exec(
                *(python, "-c", STARTER),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,
                cwd=self.cwd,
            )
        except OSError as error:
            raise Unreachable(self.host, f"cannot start `{python}`: {error.strerror}") from None
        if process.stdout is None or process.stdin is None:
            raise AssertionError
        self._process = process
        self._session = AgentSession(self.host, process.stdout, process.stdin, self._why_lost)
        await self._session.start()

    async def call(self, call: ModuleCall) -> ModuleReply:
        """Run a module and return its reply."""
        if call.cwd is None and self.cwd is not None:
            call = replace(call, cwd=str(self.cwd))
        return await self._agent.call(call)

    async def put(self, source: Path | bytes) -> str:
        """Copy a file or content to a temporary file."""
        return await self._agent.put(source)

    async def job_ended(self, results_file: str) -> None:
        """Return when a job has ended."""
        await self._agent.job_ended(results_file)

    async def close(self) -> None:
        """End the agent; wait until it has killed what was attached to it."""
        if self._session is None or self._process is None:
            return
        await self._session.close()
        try:
            async with asyncio.timeout(5):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    @property
    def _agent(self) -> AgentSession:
        if self._session is None:
            raise Unreachable(self.host, "the connection is not open")
        return self._session

    def _why_lost(self) -> str:
        code = self._process.returncode if self._process else None
        how = f" (killed by signal {-code})" if code is not None and code < 0 else ""
        return f"the agent on this machine ended unexpectedly{how}"
