"""Rendering on the event loop never waits: what does I/O is done in a thread."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import cast

import pytest

from tests.values.worlds import scope_with
from understudy.events import Event
from understudy.execution.emitter import Emitter
from understudy.execution.pool import Connections
from understudy.execution.services import Services
from understudy.execution.settings import Settings
from understudy.execution.slots import Slots
from understudy.execution.world import RunWorld
from understudy.inventory.model import Inventory
from understudy.playbook.model import Task
from understudy.values.errors import NeedsThread
from understudy.values.template import render
from understudy.values.texts import Template, Value

HERE = threading.get_ident


def a_task() -> Task:
    """Return what only has to be a thing of its own."""
    return cast(Task, object())


def made() -> Services:
    """Return the services of a run without hosts; call it on the loop."""
    emit = Emitter([])
    world = RunWorld(Inventory(), lambda host: (host.values,), _drop)
    connections = Connections(lambda _address, _below: pytest.fail("nobody connects"))
    return Services(Settings(), world, emit, Slots(1), connections)


def _drop(_event: Event) -> None: ...


async def _rendered(services: Services, task: Task, value: Value, **variables: Value) -> Value:
    scope = scope_with(**variables)
    return await services.rendered(task, lambda io: render(value, scope, io_allowed=io))


async def test_a_text_without_io_is_rendered_on_the_loop() -> None:
    """No thread is started for it."""
    services = made()
    before = threading.active_count()
    text = Template("{{ a }}-{{ lookup('env', 'HOME') }}")
    assert await _rendered(services, a_task(), text, a=1)
    assert threading.active_count() == before


async def test_io_is_found_behind_variables() -> None:
    """The rendering is repeated as a whole in a thread, in nested values too."""
    services = made()
    value = {"a": [Template("{{ out }}")], "b": 1}
    out = "{{ lookup('pipe', 'echo x') }}"
    assert await _rendered(services, a_task(), value, out=out) == {"a": ["x"], "b": 1}


def test_io_is_refused_where_it_is_not_allowed() -> None:
    """The signal cannot be swallowed by a filter, a default or `errors='ignore'`."""
    for text in (
        "{{ lookup('pipe', 'true') }}",
        "{{ lookup('pipe', 'true', errors='ignore') | default('x') }}",
        "{{ ['true'] | map('default') | list + query('lines', 'true') }}",
    ):
        with pytest.raises(NeedsThread):
            render(Template(text), scope_with(), io_allowed=False)


async def test_a_task_that_did_io_goes_straight_to_the_thread() -> None:
    """Only its first rendering is tried on the loop."""
    services = made()
    threads: list[int] = []

    def work(io_allowed: bool) -> str:  # noqa: FBT001
        threads.append(HERE())
        if not io_allowed:
            raise NeedsThread
        return "done"

    task = a_task()
    await services.rendered(task, work)
    await services.rendered(task, work)
    assert threads[0] == HERE()
    assert HERE() not in threads[1:]
    assert len(threads) == 3


@pytest.mark.slow
async def test_one_slow_lookup_does_not_delay_fifty_hosts() -> None:
    """While one host's lookup sleeps, the others are delayed by less than 50 ms."""
    services = made()
    slow, quick = Template("{{ lookup('pipe', 'sleep 0.6; echo slow') }}"), Template("{{ host }}")
    task = a_task()

    async def host(number: int) -> float:
        await asyncio.sleep(0.1)
        before = time.perf_counter()
        assert await _rendered(services, task, quick, host=number) == number
        return time.perf_counter() - before

    waiting = asyncio.create_task(_rendered(services, a_task(), slow))
    delays = await asyncio.gather(*(host(number) for number in range(50)))
    assert not waiting.done()
    assert max(delays) < 0.05
    assert await waiting == "slow"


async def test_threads_that_ask_for_one_host_get_one_state() -> None:
    """`hostvars` is read in threads too."""
    services = made()
    world = services.world
    barrier = threading.Barrier(2)

    def wait_for_the_other(_host: object) -> tuple[()]:
        barrier.wait(5)
        return ()

    world.layers_of = wait_for_the_other
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(world.state("h"))) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(found) == 2
    assert found[0] is found[1] is world.state("h")


async def test_reserved_names_are_told_of_short_lived_layers() -> None:
    """However many there were before, at the same place in memory."""
    services = made()
    told: list[Event] = []
    world = services.world
    world.emit = told.append
    state = world.state("h")
    for number in range(50):
        world._scope(state, ({f"v{number}": 1},), (), ())
    world._scope(state, ({"register": 1},), (), ())
    assert len(told) == 1
