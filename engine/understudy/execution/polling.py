"""Waiting for a job: status checks at their times, or sooner when its end is pushed.

A job does not need its connection. When that breaks, the wait goes on, and meanwhile the host is
called again and again, with longer and longer pauses; the agent that answers then knows the job by
its file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from understudy.connections.base import Connection, ModuleCall, Unreachable
from understudy.execution.job import TRANSITIONS, Job, Signal, State, given_up, signal_of
from understudy.execution.target import completed
from understudy.execution.timing import Timing

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0


async def pause(connection: Connection, results_file: str, seconds: float, timing: Timing) -> bool:
    """Wait `seconds`, or until the end of a job is pushed; tell whether it was pushed."""
    if not timing.push or seconds <= 0:
        await asyncio.sleep(max(0.0, seconds))
        return False
    try:
        async with asyncio.timeout(seconds):
            await connection.job_ended(results_file)
    except TimeoutError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Tell:
    """Who is told what happens during a wait."""

    running: Callable[[dict[str, Any]], None]
    """Is told of every check that found the job running."""
    lost: Callable[[str], None]
    """Is told why the connection broke."""
    restored: Callable[[float], None]
    """Is told after how many seconds the host was reached again."""


@dataclass(slots=True)
class JobWait:
    """A task with `poll` > 0 that waits for its job."""

    reach: Callable[[], Awaitable[Connection]]
    """Gives the open connection, a new one where the last was lost; raises Unreachable."""
    job: Job
    poll_s: int
    timing: Timing
    check: Callable[[str], ModuleCall]
    """Makes the call of `async_status` for a mode."""
    tell: Tell
    state: State = State.RUNNING
    last_status: dict[str, Any] | None = None
    lost: Unreachable | None = None
    _lost_at: float = 0.0
    _back_off_s: float = _FIRST_PAUSE_S

    async def result(self) -> dict[str, Any]:
        """Return the task's result: the job's own, or what says that its time is up.

        Ansible sleeps `poll` seconds before every check, and stops when its own sleeps add up to
        the limit. A connection that is lost meanwhile is an error only if it still is at the end.
        """
        time_left = float(self.job.limit_s)
        while time_left > 0 and self.state is State.RUNNING:
            pushed = await self._pause(self.poll_s)
            await self._look()
            if pushed and self.state is State.RUNNING:
                await self._pause(self.poll_s)
                await self._look()
            time_left -= self.poll_s
        return await self._conclude()

    async def _pause(self, seconds: float) -> bool:
        """Wait until the next check is due; tell whether the end of the job was pushed."""
        due = _now() + seconds
        while True:
            try:
                connection = await self._reached()
                return await pause(connection, self.job.results_file, due - _now(), self.timing)
            except Unreachable as lost:
                self._note_loss(lost)
            left = due - _now()
            if left <= 0:
                return False
            await asyncio.sleep(min(self._back_off_s, left))
            self._back_off_s = min(2 * self._back_off_s, _LONGEST_PAUSE_S)

    async def _reached(self) -> Connection:
        connection = await self.reach()
        if self.lost is not None:
            self.lost, self._back_off_s = None, _FIRST_PAUSE_S
            self.tell.restored(_now() - self._lost_at)
        return connection

    def _note_loss(self, lost: Unreachable) -> None:
        if self.lost is None:
            self._lost_at = _now()
            self.tell.lost(lost.why)
        self.lost = lost

    async def _look(self) -> None:
        try:
            connection = await self._reached()
            reply = await connection.call(self.check("status"))
        except Unreachable as lost:
            self._note_loss(lost)
            return
        self.last_status = completed(reply.result)
        signal = signal_of(reply.result)
        self.state = TRANSITIONS[self.state, signal]
        if signal is Signal.STILL_RUNNING:
            self.tell.running(reply.result)

    async def _conclude(self) -> dict[str, Any]:
        if self.state is State.RUNNING:
            self.state = TRANSITIONS[self.state, Signal.NO_TIME_LEFT]
            if self.lost:
                raise self.lost
            return given_up(self.job, self._unfinished())
        if self.state is State.KILLED and self.timing.push:
            return given_up(self.job, self._unfinished())
        await self._clean_up()
        return dict(self.last_status or {})

    async def _clean_up(self) -> None:
        """Remove the job's file; its result is known, whatever becomes of the connection now."""
        try:
            await (await self.reach()).call(self.check("cleanup"))
        except Unreachable:
            return

    def _unfinished(self) -> dict[str, Any]:
        """Return the last status as a check just before the kill would have given it."""
        status = {**(self.last_status or {}), "finished": False}
        return {key: value for key, value in status.items() if key not in _OF_THE_KILL}


_OF_THE_KILL = frozenset({"msg", "failed", "changed", "child_pid", "exception"})


def _now() -> float:
    return asyncio.get_running_loop().time()
