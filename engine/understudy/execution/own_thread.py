"""A thread of its own for work that waits on the loop: in a pool it could wait for itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextvars import copy_context
from functools import partial
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")


async def in_own_thread(work: Callable[..., T], *args: Any) -> T:
    """Call a function in a new thread; when this is cancelled, the thread goes on unheard."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_OwnThread(), partial(copy_context().run, work, *args))


class _OwnThread(Executor):
    """Gives every call a new thread, which does not hold up the end of the process."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        future: Future[T] = Future()
        work = partial(fn, *args, **kwargs)
        Thread(target=_carry_out, args=(future, work), daemon=True).start()
        return future


def _carry_out(future: Future[T], work: Callable[[], T]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(work())
    except BaseException as error:  # noqa: BLE001 (who waits for the future gets it)
        future.set_exception(error)
