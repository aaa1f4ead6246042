"""Where the warnings of plugins go: a plugin knows no run, so the run leaves its address here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_taker: ContextVar[Callable[[str], None] | None] = ContextVar("_taker", default=None)


@contextmanager
def warnings_go_to(take: Callable[[str], None]) -> Iterator[None]:
    """Hand what plugins warn of to `take`; threads that are started meanwhile know it too."""
    token = _taker.set(take)
    try:
        yield
    finally:
        _taker.reset(token)


def plugin_warns(message: str) -> None:
    """Pass on a plugin's warning; outside a run nobody asked for it, and it is dropped."""
    take = _taker.get()
    if take is not None:
        take(message)
