"""What every task of a run shares: settings, world, events, slots, connections."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from understudy.execution.emitter import Emitter
from understudy.execution.masking import Secrets
from understudy.execution.pool import Connections
from understudy.execution.settings import Settings
from understudy.execution.slots import Slots
from understudy.execution.starting import Start
from understudy.execution.waits import Waits
from understudy.execution.world import RunWorld
from understudy.playbook.call import FindOwn
from understudy.playbook.model import Task
from understudy.values.errors import NeedsThread

T = TypeVar("T")


@dataclass(slots=True)
class Services:
    """The shared parts of one run."""

    settings: Settings
    world: RunWorld
    emit: Emitter
    slots: Slots
    connections: Connections
    waits: Waits = field(default_factory=Waits)
    secrets: Secrets = field(default_factory=Secrets)
    start: Start | None = None
    """Where the run begins, if not at the first task."""
    ask: Callable[[str], Awaitable[bool]] | None = None
    """Asks the user, before each task, whether to do it."""
    enter: Callable[[str, bool], Awaitable[str]] | None = None
    """Asks the user for a line, which is not shown if the second argument is true."""
    own_module: FindOwn = lambda _name, _span: None
    """Gives the project's own module of a name."""
    threaded: set[int] = field(default_factory=set)
    """Tasks whose texts do I/O: they are rendered in a thread from the start."""
    throttles: dict[tuple[int, int], asyncio.Semaphore] = field(default_factory=dict)

    async def rendered(self, task: Task, work: Callable[[bool], T]) -> T:
        """Call `work(io_allowed)` on the loop, or in a thread when a lookup does I/O."""
        if id(task) not in self.threaded:
            try:
                return work(False)
            except NeedsThread:
                self.threaded.add(id(task))
        return await asyncio.to_thread(work, True)

    def plugin_warns(self, message: str) -> None:
        """Report what a plugin warns of; it may have put any value of a variable into it."""
        self.world.warn(self.secrets.masked(message))

    def throttle(self, task: Task, limit: int) -> asyncio.Semaphore | None:
        """Return what lets only `limit` hosts run a task at once; 0 is no limit."""
        if limit <= 0:
            return None
        return self.throttles.setdefault((id(task), limit), asyncio.Semaphore(limit))
