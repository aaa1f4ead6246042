"""A target that is a function."""

import asyncio
import time

import pytest

from understudy.connections.base import ModuleCall
from understudy.connections.memory import MemoryConnection
from understudy.simulate.virtual_loop import run_virtual

PING = ModuleCall(module="ping", args={"data": "ü\udcff"})


async def test_the_handler_answers_calls():
    """What the handler returns is the result, as JSON brings it."""
    connection = MemoryConnection("m", lambda call: {"args": call.args, "pair": (1, 2)})
    reply = await connection.call(PING)
    assert reply.result == {"args": {"data": "ü\udcff"}, "pair": [1, 2]}


async def test_a_handler_may_take_its_time():
    """An awaitable answer is awaited."""

    async def slowly(_: ModuleCall) -> dict[str, int]:
        await asyncio.sleep(0)
        return {"n": 1}

    assert (await MemoryConnection("m", slowly).call(PING)).result == {"n": 1}


async def test_what_cannot_travel_does_not_reach_the_handler():
    """A call passes through frames: an argument that is no JSON is a bug here, as on a wire."""
    called: list[ModuleCall] = []
    connection = MemoryConnection("m", lambda call: called.append(call) or {})
    with pytest.raises(TypeError):
        await connection.call(ModuleCall(module="ping", args={"data": object()}))
    assert not called


def test_jobs_and_waits_work_in_virtual_time():
    """A handler that sleeps and a job that is ended later need no real time."""

    async def main() -> float:
        async def slowly(_: ModuleCall) -> dict[str, int]:
            await asyncio.sleep(3600)
            return {}

        connection = MemoryConnection("m", slowly)
        await connection.open()
        asyncio.get_running_loop().call_later(7200, connection.end_job, "/jobs/j1.1")
        await connection.call(PING)
        await connection.job_ended("/jobs/j1.1")
        await connection.job_ended("/jobs/j1.1")
        await connection.close()
        return asyncio.get_running_loop().time()

    assert run_virtual(main()) == pytest.approx(7200)


async def test_an_exchange_costs_microseconds():
    """Thousands of task results a second leave little for the wire: 2,000 exchanges in 0.25 s."""
    connection = MemoryConnection("m", lambda _: {"changed": False, "stdout": "x" * 100, "rc": 0})
    started = time.perf_counter()
    for _ in range(2000):
        await connection.call(PING)
    assert time.perf_counter() - started < 0.25
