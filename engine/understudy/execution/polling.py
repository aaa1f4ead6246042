"""Waiting for a job: status checks at their times, or sooner when its end is pushed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from understudy.connections.base import Connection, ModuleCall, Unreachable
from understudy.execution.job import TRANSITIONS, Job, Signal, State, given_up, signal_of
from understudy.execution.target import completed
from understudy.execution.timing import Timing


async def pause(connection: Connection, results_file: str, seconds: float, timing: Timing) -> bool:
    """Wait `seconds`, or until the end of a job is pushed; tell whether it was pushed."""
    if not timing.push or seconds <= 0:
        await asyncio.sleep(seconds)
        return False
    try:
        async with asyncio.timeout(seconds):
            await connection.job_ended(results_file)
    except TimeoutError:
        return False
    return True


@dataclass(slots=True)
class JobWait:
    """A task with `poll` > 0 that waits for its job."""

    connection: Connection
    job: Job
    poll_s: int
    timing: Timing
    check: Callable[[str], ModuleCall]
    """Makes the call of `async_status` for a mode."""
    tell: Callable[[dict[str, Any]], None]
    """Is told of every check that found the job running."""
    state: State = State.RUNNING
    last_status: dict[str, Any] | None = None
    lost: Unreachable | None = None

    async def result(self) -> dict[str, Any]:
        """Return the task's result: the job's own, or what says that its time is up.

        Ansible sleeps `poll` seconds before every check, and stops when its own sleeps add up to
        the limit. A connection that is lost meanwhile is an error only if it still is at the end.
        """
        time_left = float(self.job.limit_s)
        while time_left > 0 and self.state is State.RUNNING:
            pushed = await pause(self.connection, self.job.results_file, self.poll_s, self.timing)
            await self._look()
            if pushed and self.state is State.RUNNING:
                await asyncio.sleep(self.poll_s)
                await self._look()
            time_left -= self.poll_s
        return await self._conclude()

    async def _look(self) -> None:
        try:
            reply = await self.connection.call(self.check("status"))
        except Unreachable as lost:
            self.lost = lost
            return
        self.lost, self.last_status = None, completed(reply.result)
        signal = signal_of(reply.result)
        self.state = TRANSITIONS[self.state, signal]
        if signal is Signal.STILL_RUNNING:
            self.tell(reply.result)

    async def _conclude(self) -> dict[str, Any]:
        if self.state is State.RUNNING:
            self.state = TRANSITIONS[self.state, Signal.NO_TIME_LEFT]
            if self.lost:
                raise self.lost
            return given_up(self.job, self._unfinished())
        if self.state is State.KILLED and self.timing.push:
            return given_up(self.job, self._unfinished())
        await self.connection.call(self.check("cleanup"))
        return dict(self.last_status or {})

    def _unfinished(self) -> dict[str, Any]:
        """Return the last status as a check just before the kill would have given it."""
        status = {**(self.last_status or {}), "finished": False}
        return {key: value for key, value in status.items() if key not in _OF_THE_KILL}


_OF_THE_KILL = frozenset({"msg", "failed", "changed", "child_pid", "exception"})
