"""Strategies: which hosts do which task next. One registry from a name to its function."""

from collections.abc import Awaitable, Callable

from understudy.execution.batch import Batch
from understudy.execution.strategy.free import free, host_pinned
from understudy.execution.strategy.linear import linear

STRATEGIES: dict[str, Callable[[Batch], Awaitable[None]]] = {
    "free": free,
    "host_pinned": host_pinned,
    "linear": linear,
}

LOCKSTEP = frozenset({"linear"})
"""Strategies in which every host does a task before any does the next."""
