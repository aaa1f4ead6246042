"""Where events leave the core: stamped, counted, and handed to every report."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import get_ident

from understudy.events import Event, Report, Stamp


@dataclass(slots=True)
class Emitter:
    """Hands events to reports. The one place that reads the wall clock, once, at the start."""

    reports: Sequence[Report]
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)
    thread: int = field(default_factory=get_ident)
    started_s: float = field(default_factory=lambda: asyncio.get_running_loop().time())
    started_wall_s: float = field(default_factory=time.time)
    _count: int = 0

    def __call__(self, event: Event) -> None:
        """Stamp an event and pass it to every report.

        A lookup warns from its thread; reports are called in the loop's only.
        """
        if get_ident() != self.thread:
            self.loop.call_soon_threadsafe(self, event)
            return
        elapsed = self.elapsed_s()
        stamp = Stamp(self._count, elapsed, self.started_wall_s + elapsed)
        self._count += 1
        for report in self.reports:
            report(stamp, event)

    def elapsed_s(self) -> float:
        """Return the seconds since the run's start."""
        return self.loop.time() - self.started_s

    def wall(self) -> float:
        """Return the wall time, in seconds since 1970, as the run's own clock has it."""
        return self.started_wall_s + self.elapsed_s()
