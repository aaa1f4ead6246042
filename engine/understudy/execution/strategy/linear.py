"""The linear strategy: every host does a task before any does the next.

A turn is the smallest position among the cursors of the batch, and the hosts that stand there.
"""

from __future__ import annotations

from understudy.execution.batch import Batch
from understudy.execution.cursor import Position
from understudy.execution.host import HostState
from understudy.playbook.model import Task


async def linear(batch: Batch) -> None:
    """Run a batch to its end, in lockstep."""
    while turn := next_turn(batch):
        await batch.turn(*turn)


def next_turn(batch: Batch) -> tuple[Task, list[HostState]] | None:
    """Return the task at the smallest position and the hosts that stand there, or None."""
    first: Position = ()
    task: Task | None = None
    here: list[HostState] = []
    for host in batch.hosts:
        upcoming = batch.next_task(host)
        if upcoming is None:
            continue
        position = batch.cursors[host.name].position
        if task is None or position < first:
            first, task, here = position, upcoming, [host]
        elif position == first:
            here.append(host)
    return None if task is None else (task, here)
