"""Rendering on the event loop: what would block it is rendered in a worker thread instead."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from understudy.values.errors import NeedsThread
from understudy.values.scope import Scope
from understudy.values.template import condition, render
from understudy.values.texts import Expression, Template, Value

_threaded: set[str] = set()


async def render_async(value: Value, scope: Scope) -> Value:
    """Do what `render` does without ever blocking the event loop.

    A rendering that reaches a lookup with I/O is repeated as a whole in a worker thread; the next
    time its texts go there straight away.
    """
    return await _off_loop(value, lambda io: render(value, scope, io_allowed=io))


async def condition_async(text: Value, scope: Scope) -> bool:
    """Do what `condition` does without ever blocking the event loop."""
    held: bool = await _off_loop(text, lambda io: condition(text, scope, io_allowed=io))
    return held


async def _off_loop(value: Value, run: Callable[[bool], Value]) -> Value:
    if not _threaded or not _threaded.intersection(_texts(value)):
        try:
            return run(False)
        except NeedsThread:
            _threaded.update(_texts(value))
    return await asyncio.to_thread(run, True)


def _texts(value: Value) -> list[str]:
    if isinstance(value, (Template, Expression)):
        return [value.text]
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts(item)]
    if isinstance(value, (list, tuple)):
        return [text for item in value for text in _texts(item)]
    return []
