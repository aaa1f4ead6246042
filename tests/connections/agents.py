"""Agents under test: on this machine, under any Python, with modules made up by a test."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from understudy.connections.base import JobRequest, ModuleCall
from understudy.connections.local import LocalConnection
from understudy.connections.through_agent import ThroughAgent
from understudy.resources import MODULES

Result = dict[str, Any]


@asynccontextmanager
async def connected(
    python: str | None = None, cwd: Path | None = None
) -> AsyncIterator[LocalConnection]:
    """Give an open connection, and end its agent."""
    connection = LocalConnection(host="here", interpreter=python, cwd=cwd)
    await connection.open()
    try:
        yield connection
    finally:
        await connection.close()


def shell(line: str, **more: Any) -> ModuleCall:
    """Return the call of a command line."""
    return ModuleCall(module="command", args={"_raw_params": line, "_uses_shell": True}, **more)


def job(line: str, directory: Path, limit_s: int = 30, **more: Any) -> ModuleCall:
    """Return the call that starts a command line as a job."""
    delay = more.pop("record_delay_s", 0.0)
    request = JobRequest(limit_s=limit_s, async_dir=str(directory), record_delay_s=delay)
    return shell(line, job=request, **more)


async def result_of(connection: LocalConnection, call: ModuleCall) -> Result:
    """Make a call and return its result."""
    return (await connection.call(call)).result


async def agent_pid(connection: ThroughAgent) -> int:
    """Return the process id of the agent, as it has told."""
    pid: int = connection.session._hello.result()["pid"]
    return pid


def read(path: str | Path) -> Result:
    """Return what a job file holds."""
    content: Result = json.loads(Path(path).read_text())
    return content


def is_alive(pid: int) -> bool:
    """Tell whether a process is there and is no zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return fields[0] not in "ZX"


async def until(condition: Callable[[], bool], limit_s: float = 5) -> None:
    """Return as soon as a condition holds; fail when it takes too long."""
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.01)


def written_pid(path: Path) -> int:
    """Return the process id that a command has written to a file; 0 while it has not."""
    text = path.read_text() if path.exists() else ""
    return int(text) if text.endswith("\n") else 0


@dataclass(slots=True)
class Shelf:
    """A directory of modules to which a test adds its own."""

    directory: Path
    _made: int = 0

    def add(self, body: str) -> str:
        """Store a module with this body of `run(args, target)`; return its name."""
        self._made += 1
        name = f"made_{self.directory.parent.name}_{self._made}"
        text = f"def run(args, target):\n    {body}\n"
        (self.directory / f"{name}.py").write_text(text)
        return name

    def call(self, body: str, **more: Any) -> ModuleCall:
        """Return the call of a module with this body."""
        return ModuleCall(module=self.add(body), args=more.pop("args", {}), **more)


def shelf(directory: Path) -> Shelf:
    """Return a shelf that holds the real modules."""
    shutil.copytree(MODULES, directory / "modules")
    return Shelf(directory / "modules")
