"""The strategies without lockstep: every host goes its own way through the play.

`free` lets all hosts run at once, as far as the slots of `forks` go, so that hosts overtake each
other. `host_pinned` takes `forks` hosts at a time and brings each to its end before another starts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field

from understudy.events import TaskRef
from understudy.execution.actions import ONCE_FOR_ALL
from understudy.execution.batch import Batch
from understudy.execution.cursor import Position
from understudy.execution.host import HostState
from understudy.playbook.model import Task
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid

_NOT_ONCE = (
    "Using run_once with the free strategy is not currently supported. This task will still be"
    " executed for every host in the inventory list."
)
_NOT_FATAL = (
    "Using {keyword} with the free strategy is not supported, as tasks are executed"
    " independently on each host"
)


async def free(batch: Batch) -> None:
    """Run a batch to its end, every host as fast as it can."""
    await _Ways(batch, nullcontext()).run()


async def host_pinned(batch: Batch) -> None:
    """Run a batch to its end, `forks` hosts at a time, each from its first task to its last."""
    places = asyncio.Semaphore(batch.turns.services.settings.forks)
    await _Ways(batch, places).run()


@dataclass(slots=True)
class _Ways:
    """The ways of all hosts of a batch."""

    batch: Batch
    place: AbstractAsyncContextManager[object]
    refs: dict[tuple[int, Position], TaskRef] = field(default_factory=dict)
    """What is announced once for all hosts: a task, at its position."""

    async def run(self) -> None:
        self.batch.lockstep = False
        if self.batch.max_fail_percentage is not None:
            warning = _NOT_FATAL.format(keyword="max_fail_percentage")
            self.batch.turns.services.world.warn(warning)
        while waiting := [h for h in self.batch.hosts if self.batch.next_task(h) is not None]:
            await self._all_through(waiting)

    async def _all_through(self, hosts: Sequence[HostState]) -> None:
        """Take hosts through; one whose errors are cleared meanwhile may have more to do then."""
        try:
            async with asyncio.TaskGroup() as ways:
                for host in hosts:
                    ways.create_task(self._through(host))
        except* PlaybookInvalid as group:
            raise group.exceptions[0] from None

    async def _through(self, host: HostState) -> None:
        async with self.place:
            while (task := self.batch.next_task(host)) is not None:
                self._check(task, host)
                await self.batch.turn(task, [host], self._ref(task, host))
                await asyncio.sleep(0)

    def _ref(self, task: Task, host: HostState) -> TaskRef | None:
        if task.implicit and task.action.name == "meta":
            return None
        key = id(task), self.batch.cursors[host.name].position
        if key not in self.refs:
            self.refs[key] = self.batch.turns.start(task, host)
        return self.refs[key]

    def _check(self, task: Task, host: HostState) -> None:
        """Refuse what is done once for all hosts, and warn of what has no meaning here."""
        turns = self.batch.turns
        if task.action.name in ONCE_FOR_ALL:
            message = (
                f"The {task.action.name!r} module bypasses the host loop, which is currently not"
                " supported in the free strategy and would instead execute for every host in the"
                " inventory list."
            )
            raise PlaybookInvalid([Diagnostic(code="once", message=message, span=task.span)])
        if turns.keyword(task, host, "run_once"):
            turns.services.world.warn(_NOT_ONCE)
        if turns.keyword(task, host, "any_errors_fatal"):
            turns.services.world.warn(_NOT_FATAL.format(keyword="any_errors_fatal"))
