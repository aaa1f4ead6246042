"""Live output: what commands and jobs write arrives while they run, within bounds."""

import asyncio
import os
from dataclasses import replace

import pytest

from tests.connections.agents import connected, job, result_of, shell
from understudy.connections import live
from understudy.connections.base import Unreachable
from understudy.connections.session import AgentSession


class Heard:
    """Takes pieces of output, and lets others wait for some."""

    def __init__(self):
        self.pieces = []
        self.something = asyncio.Event()

    def __call__(self, stream, data):
        self.pieces.append((stream, data))
        self.something.set()

    def text(self, stream="stdout"):
        """Return all that came on a stream."""
        return b"".join(data for name, data in self.pieces if name == stream).decode()

    async def until(self, text):
        """Wait until a text has come."""
        async with asyncio.timeout(5):
            while text not in self.text():
                self.something.clear()
                await self.something.wait()


@pytest.mark.parametrize("more", [{}, {"environment": {"X": "1"}}], ids=["direct", "child"])
async def test_output_arrives_while_the_command_runs(python, tmp_path, more):
    """Whether the agent has started it or a child; the result is the same as ever."""
    heard = Heard()
    go_on = tmp_path / "go_on"
    line = f"echo one; echo bad >&2; while ! [ -e {go_on} ]; do sleep 0.01; done; echo two; exit 3"
    async with connected(python) as connection:
        call = replace(shell(line, **more), on_output=heard)
        running = asyncio.create_task(result_of(connection, call))
        await heard.until("one")
        assert not running.done()
        go_on.touch()
        result = await running
    assert (heard.text(), heard.text("stderr")) == ("one\ntwo\n", "bad\n")
    assert (result["stdout"], result["stderr"], result["rc"]) == ("one\ntwo", "bad", 3)


async def test_a_job_is_heard_while_it_runs(python, tmp_path):
    """By whoever has launched it."""
    heard = Heard()
    async with connected(python) as connection:
        call = replace(job("echo one; sleep 0.2; echo two", tmp_path), on_output=heard)
        launched = await result_of(connection, call)
        await connection.job_ended(launched["results_file"])
        await heard.until("two")


async def test_a_job_does_not_mind_that_nobody_listens_any_more(python, tmp_path):
    """Its agent has gone, and the pipe with it."""
    async with connected(python) as connection:
        line = "sleep 0.2; echo one; sleep 0.2; echo two"
        call = replace(job(line, tmp_path), on_output=Heard())
        launched = await result_of(connection, call)
    async with connected(python) as connection, asyncio.timeout(5):
        await connection.job_ended(launched["results_file"])
        said = await result_of(connection, shell(f"cat {launched['results_file']}"))
    assert "one\\ntwo" in said["stdout"]


async def test_nobody_listening_costs_nothing(monkeypatch):
    """Without a listener no pipe is made and no frame is sent."""
    heard = []
    monkeypatch.setattr(AgentSession, "_take_output", lambda *frame: heard.append(frame))
    async with connected() as connection:
        await result_of(connection, shell("echo hi"))
    assert heard == []


@pytest.mark.slow
@pytest.mark.parametrize("more", [{}, {"environment": {"X": "1"}}], ids=["direct", "child"])
async def test_a_flood_is_bounded_and_what_is_left_out_is_counted(more):
    """The command runs at its own speed; what was heard and what was lost is all there was."""
    heard = Heard()
    line = "head -c 30000000 /dev/zero | tr '\\0' x"
    async with connected() as connection:
        result = await result_of(connection, replace(shell(line, **more), on_output=heard))
    assert len(result["stdout"]) == 30_000_000
    lost = sum(int(data) for stream, data in heard.pieces if stream == "lost")
    assert len(heard.text()) + lost <= 30_000_000
    assert len(heard.text()) > 0


async def test_the_end_of_the_agent_ends_the_listening():
    """As it ends everything else."""
    async with connected() as connection:
        call = replace(shell("echo hi; sleep 30"), on_output=Heard())
        running = asyncio.create_task(connection.call(call))
        await call.on_output.until("hi")
        await connection.close()
        with pytest.raises(Unreachable):
            await running


def test_a_record_that_does_not_fit_is_counted_and_told_later():
    """The writer never waits."""
    reader, writer = os.pipe()
    sink, source = live.Sink(writer), live.Source(reader)
    for _ in range(100):
        sink.write(live.STDOUT, b"x" * 1000)
    got = source.read() + source.read()
    sink.write(live.STDERR, b"on")
    got += source.read()
    kept = sum(len(data) for stream, data in got if stream == "stdout")
    lost = sum(int(data) for stream, data in got if stream == "lost")
    assert kept + lost == 100_000
    assert lost > 0
    assert got[-1] == ("stderr", b"on")
    os.close(writer)
    assert source.read() is None
    os.close(reader)


def test_records_may_come_in_pieces():
    """A reader sees them when they are whole."""
    reader, writer = os.pipe()
    source = live.Source(reader)
    record = live._HEAD.pack(live.STDOUT, 5) + b"hello"
    os.write(writer, record[:4])
    assert source.read() == []
    os.write(writer, record[4:])
    assert source.read() == [("stdout", b"hello")]
    os.close(writer)
    os.close(reader)
