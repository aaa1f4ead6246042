"""The slots of `forks`: how many hosts may be at work at once, and who waits for one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Slots:
    """`forks` slots. One is held while a module or action is at work, never in a wait."""

    forks: int
    plugins: asyncio.Semaphore = field(init=False)
    """As many plugins may be at work; what they ask of their hosts takes the other slots."""
    _free: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self.plugins = asyncio.Semaphore(self.forks)
        self._free = asyncio.Semaphore(self.forks)

    @asynccontextmanager
    async def held(self, throttle: asyncio.Semaphore | None = None) -> AsyncIterator[None]:
        """Hold a slot, and one of the task's `throttle` before it."""
        if throttle is None:
            async with self._free:
                yield
            return
        async with throttle, self._free:
            yield
