"""An event loop whose clock jumps to the next timer when nothing is ready.

For in-memory targets only: a real process or socket needs the real loop. While a worker thread is
busy the clock stands still, since the thread's work takes real time.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from concurrent.futures import Executor, Future
from typing import Any, TypeVar

T = TypeVar("T")


class _JumpingSelector(selectors.DefaultSelector):
    """Selects as ever, but instead of waiting it moves the loop's clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.busy_threads = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready now; if nothing is, move the clock on by `timeout` seconds."""
        if self.busy_threads:
            return super().select(timeout)
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("deadlock: nothing is ready and no timer is set")
        if not ready and timeout:
            self.now += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop that starts at time 0 and never waits."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Return the virtual seconds since the loop was made."""
        return self._jumping.now

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Any, *args: Any
    ) -> asyncio.Future[Any]:
        """Run in a thread; the clock stands still until it is back."""
        self._jumping.busy_threads += 1
        future: asyncio.Future[Any] = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._thread_is_back)
        return future

    async def shutdown_default_executor(self, *_: Any) -> None:
        """End the worker threads in real time."""
        self._jumping.busy_threads += 1
        await super().shutdown_default_executor()

    def _thread_is_back(self, _: asyncio.Future[Any] | Future[Any]) -> None:
        self._jumping.busy_threads -= 1


def run_virtual(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
