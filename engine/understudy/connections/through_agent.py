"""What every connection with an agent does: it is opened once, and passes on what is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from understudy.connections.base import ModuleCall, ModuleReply, Transfer, Unreachable
from understudy.connections.session import AgentSession
from understudy.connections.streams import Tunnel

START_LIMIT_S = 30.0
"""How long a started command may take until an agent speaks."""


@dataclass(slots=True, kw_only=True)
class ThroughAgent:
    """A connection whose work an agent does. A subclass starts the agent and ends it.

    Commands run in `cwd`, or where the agent was started. `remote_tmp` is where files may lie.
    """

    host: str
    cwd: Path | None = None
    remote_tmp: str | None = None
    session: AgentSession | None = None
    python: str | None = None
    """The Python that runs the agent, once it has told."""
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def start(self) -> AgentSession:
        """Start the agent and return the conversation with it; raise Unreachable, BecomeFailed."""
        raise NotImplementedError

    @property
    def lost(self) -> bool:
        """Whether it was open once and cannot be used any more."""
        return self.session is not None and self.session.lost

    async def open(self) -> None:
        """Start the agent; raise Unreachable, BecomeFailed. Doing it twice does nothing."""
        async with self._opening:
            if self.session is None:
                self.session = await self.start()

    async def call(self, call: ModuleCall) -> ModuleReply:
        """Run a module and return its reply."""
        if call.cwd is None and self.cwd is not None:
            call = replace(call, cwd=str(self.cwd))
        return await self._agent.call(call)

    async def put(self, source: Path | bytes, transfer: Transfer | None = None) -> str:
        """Copy a file or content to a temporary file."""
        return await self._agent.put(source, transfer or Transfer(), self.remote_tmp)

    async def get(self, source: str, destination: Path) -> str:
        """Stream a file of the target into a local one; return the SHA-1 of what came."""
        if self.cwd is not None and not source.startswith(("/", "~")):
            source = str(self.cwd / source)
        return await self._agent.get(source, destination)

    async def job_ended(self, results_file: str) -> None:
        """Return when a job has ended."""
        await self._agent.job_ended(results_file)

    def tunnel(
        self, argv: Sequence[str], environment: Mapping[str, str], *, terminal: bool
    ) -> Tunnel:
        """Start a program on the target whose streams reach to here."""
        return self._agent.tunnel(argv, environment, terminal=terminal)

    async def greet(self, session: AgentSession) -> None:
        """Start a conversation, note what runs the agent; raise Unreachable when nobody speaks."""
        try:
            async with asyncio.timeout(START_LIMIT_S):
                self.python = (await session.start())["executable"]
        except TimeoutError:
            said = session.preamble.decode("utf-8", "replace").strip()
            came = f"only this came: {said[-200:]}" if said else "nothing came"
            why = f"no agent has spoken within {START_LIMIT_S:g} s; {came}"
            raise Unreachable(self.host, why) from None

    @property
    def _agent(self) -> AgentSession:
        if self.session is None:
            raise Unreachable(self.host, "the connection is not open")
        return self.session
