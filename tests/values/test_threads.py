"""Rendering on the event loop never waits: a lookup that does I/O is run in a thread."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from tests.values.worlds import scope_with
from understudy.values.errors import NeedsThread
from understudy.values.template import render
from understudy.values.texts import Expression, Template
from understudy.values.threads import condition_async, render_async

HERE = threading.get_ident


async def test_a_text_without_io_is_rendered_on_the_loop() -> None:
    """No thread is started for it."""
    before = threading.active_count()
    assert await render_async(Template("{{ a }}-{{ lookup('env', 'HOME') }}"), scope_with(a=1))
    assert threading.active_count() == before


async def test_a_text_with_io_is_rendered_in_a_thread() -> None:
    """The result is the same as without a loop."""
    text = Template("{{ lookup('pipe', 'echo a') }}{{ b }}")
    assert await render_async(text, scope_with(b=1)) == "a1"


async def test_io_is_found_behind_variables() -> None:
    """The rendering is repeated as a whole, in nested values too."""
    scope = scope_with(out="{{ lookup('pipe', 'echo x') }}")
    value = {"a": [Template("{{ out }}")], "b": 1}
    assert await render_async(value, scope) == {"a": ["x"], "b": 1}
    assert await condition_async(Expression("out == 'x'"), scope)


def test_io_is_refused_where_it_is_not_allowed() -> None:
    """The signal cannot be swallowed by a filter, a default or `errors='ignore'`."""
    for text in (
        "{{ lookup('pipe', 'true') }}",
        "{{ lookup('pipe', 'true', errors='ignore') | default('x') }}",
        "{{ ['true'] | map('default') | list + query('lines', 'true') }}",
    ):
        with pytest.raises(NeedsThread):
            render(Template(text), scope_with(), io_allowed=False)


async def test_a_text_that_did_io_goes_straight_to_the_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only its first rendering is tried on the loop."""
    threads: list[int] = []

    def record(_value: object, _scope: object, *, io_allowed: bool) -> str:
        threads.append(HERE())
        if not io_allowed:
            raise NeedsThread
        return "done"

    monkeypatch.setattr("understudy.values.threads.render", record)
    text = Template("{{ lookup('pipe', 'a text of its own') }}")
    await render_async(text, scope_with())
    await render_async(text, scope_with())
    assert threads[0] == HERE()
    assert HERE() not in threads[1:]
    assert len(threads) == 3


@pytest.mark.slow
async def test_one_slow_lookup_does_not_delay_fifty_hosts() -> None:
    """While one host's lookup sleeps, the others are delayed by less than 50 ms."""
    slow = Template("{{ lookup('pipe', 'sleep 0.6; echo slow') }}")
    quick = Template("{{ host }}")

    async def host(number: int) -> float:
        await asyncio.sleep(0.1)
        before = time.perf_counter()
        assert await render_async(quick, scope_with(host=number)) == number
        return time.perf_counter() - before

    waiting = asyncio.create_task(render_async(slow, scope_with()))
    delays = await asyncio.gather(*(host(number) for number in range(50)))
    assert not waiting.done()
    assert max(delays) < 0.05
    assert await waiting == "slow"
