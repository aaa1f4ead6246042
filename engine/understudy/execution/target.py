"""A task's host as its action sees it: modules, files and jobs, each with a slot of `forks`."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from understudy.connections.address import Address
from understudy.connections.base import (
    Connection,
    JobRequest,
    ModuleCall,
    ShellReply,
    Transfer,
    Unreachable,
)
from understudy.events import Connected, Timings
from understudy.execution.addressing import check_known
from understudy.execution.attempt import NO_TRACEBACK
from understudy.execution.services import Services
from understudy.execution.shapes import well_shaped
from understudy.playbook.coercion import secret_arguments
from understudy.playbook.module_schema import load_schema
from understudy.playbook.user_modules import UserModule

T = TypeVar("T")
Result = dict[str, Any]
_PAUSES_S = (0.5, 2.0, 5.0)
"""Before a file that was cut off is taken up again."""


@dataclass(slots=True)
class TaskTarget:
    """Where one task runs, and where its seconds went. Implements `actions.base.Target`."""

    services: Services
    address: Address
    common: ModuleCall
    """What every call of the task shares: check mode, environment, and so on."""
    throttle: asyncio.Semaphore | None = None
    _spent: dict[str, float] = field(default_factory=dict)

    @property
    def timings(self) -> Timings:
        """Where the seconds of the task went so far."""
        return Timings(**self._spent)

    @property
    def connection_kind(self) -> str:
        """`local` or `ssh`."""
        return self.address.connection

    @property
    def becomes(self) -> bool:
        """Whether modules run as another user than the one that logs in."""
        return self.address.become is not None

    async def connection(self) -> Connection:
        """Return the open connection; raise Unreachable."""
        known = self.services.connections.known(self.address)
        if known is not None:
            return known
        check_known(self.address)
        started = self._now()
        connection = await self.services.connections.get(self.address)
        self._spend("connecting_s", self._now() - started)
        self.services.emit(Connected(host=self.address.host, how=str(self.address)))
        return connection

    async def reached(self) -> Connection:
        """Return the open connection; connecting anew holds a slot. Raises Unreachable."""
        known = self.services.connections.known(self.address)
        if known is not None:
            return known
        async with self._slot():
            return await self.connection()

    async def module(
        self, name: str, args: Mapping[str, Any], own: UserModule | None = None
    ) -> Result:
        """Run a module and return its result."""
        return await self._call(replace(self._filled(name, args), own=own))

    @property
    def launches(self) -> bool:
        """Whether `conclude` starts a job."""
        return False

    async def conclude(
        self, name: str, args: Mapping[str, Any], own: UserModule | None = None
    ) -> Result:
        """Run the module that ends the task."""
        return await self.module(name, args, own)

    async def launch(
        self, job: JobRequest, name: str, args: Mapping[str, Any], own: UserModule | None = None
    ) -> Result:
        """Start a module as a job and return the launch result."""
        return await self._call(replace(self._filled(name, args), own=own, job=job))

    def _filled(self, name: str, args: Mapping[str, Any]) -> ModuleCall:
        """Return the call of a module with every argument it has; one not given is None.

        `shell` is the module `command`, told to use a shell.
        """
        if name == "shell":
            name, args = "command", {**args, "_uses_shell": True}
        schema = load_schema(name)
        if schema is None:
            return replace(self.common, module=name, args=dict(args))
        return replace(
            self.common,
            module=name,
            args={**dict.fromkeys(schema.arguments), **args},
            secret_args=tuple(secret_arguments(schema)),
        )

    async def put(self, source: Path | bytes, *, for_job: bool = False) -> str:
        """Stream a file or content there; return the path of the temporary file.

        When the connection breaks, a file is taken up where it was, as soon as the host is back.
        """
        name = secrets.token_hex(8) if isinstance(source, Path) else None
        transfer = Transfer(name, for_job=for_job)
        for pause_s in _PAUSES_S:
            try:
                return await self._with_slot(lambda connection: connection.put(source, transfer))
            except Unreachable:
                if not transfer.begun:
                    raise
            await asyncio.sleep(pause_s)
        return await self._with_slot(lambda connection: connection.put(source, transfer))

    async def get(self, source: str, destination: Path) -> str:
        """Stream a file of the target into a local one; return the SHA-1 of what came."""
        return await self._with_slot(lambda connection: connection.get(source, destination))

    async def shell(self, command: str) -> ShellReply:
        """Let the login shell run a command line; no Python is needed there."""
        check_known(self.address)
        connection = self.services.connections.made(self.address)
        async with self._slot():
            return await connection.shell(command)

    async def leave(self, user: str) -> None:
        """Close the agents of another user there."""
        await self.services.connections.leave(self.address, user)

    async def reset(self) -> None:
        """Close the connection; the next use opens a new one."""
        await self.services.connections.reset(self.address)

    async def _call(self, call: ModuleCall) -> Result:
        reply = await self._with_slot(lambda connection: connection.call(call))
        self._spend("module_s", reply.module_s)
        return completed(reply.result)

    async def _with_slot(self, use: Callable[[Connection], Coroutine[Any, Any, T]]) -> T:
        async with self._slot():
            return await use(await self.connection())

    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        asked = self._now()
        async with self.services.slots.held(self.throttle):
            self._spend("queued_s", self._now() - asked)
            yield

    def waited(self, seconds: float) -> None:
        """Note seconds spent waiting for a job or before a retry."""
        self._spend("waiting_s", seconds)

    def _spend(self, name: str, seconds: float) -> None:
        self._spent[name] = self._spent.get(name, 0.0) + seconds

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


@dataclass(slots=True)
class LaunchTarget:
    """The host of a task with `async`, as its action sees it: what it does last becomes a job."""

    target: TaskTarget
    job: JobRequest
    launched: Result | None = None
    """What the launch gave, if there was one."""
    _files: list[str] = field(default_factory=list)

    @property
    def connection_kind(self) -> str:
        """`local` or `ssh`."""
        return self.target.connection_kind

    @property
    def becomes(self) -> bool:
        """Whether modules run as another user than the one that logs in."""
        return self.target.becomes

    @property
    def launches(self) -> bool:
        """Whether `conclude` starts a job."""
        return True

    async def module(self, name: str, args: Mapping[str, Any]) -> Result:
        """Run a module in the foreground and return its result."""
        return await self.target.module(name, args)

    async def conclude(
        self, name: str, args: Mapping[str, Any], own: UserModule | None = None
    ) -> Result:
        """Start the module that ends the task; the files that were put there go with it."""
        job = replace(self.job, files=tuple(self._files))
        self.launched = await self.target.launch(job, name, args, own)
        return self.launched

    async def put(self, source: Path | bytes) -> str:
        """Stream a file or content there, for the job; return its path."""
        self._files.append(await self.target.put(source, for_job=True))
        return self._files[-1]

    async def get(self, source: str, destination: Path) -> str:
        """Stream a file of the target into a local one; return the SHA-1 of what came."""
        return await self.target.get(source, destination)

    async def shell(self, command: str) -> ShellReply:
        """Let the login shell run a command line; no Python is needed there."""
        return await self.target.shell(command)

    async def reset(self) -> None:
        """Close the connection; the next use opens a new one."""
        await self.target.reset()


def completed(result: Result) -> Result:
    """Return a module's result in shape, with what Ansible's controller adds.

    That is its output by lines, and a place for a traceback where it failed.
    """
    result = well_shaped(result)
    for name in ("stdout", "stderr"):
        text = result.get(name)
        if isinstance(text, str) and f"{name}_lines" not in result:
            result[f"{name}_lines"] = text.splitlines()
    if result.get("failed"):
        result.setdefault("exception", NO_TRACEBACK)
    return result
