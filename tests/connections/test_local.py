"""A connection to this machine: how it starts, carries files, and is lost."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import pytest

from tests.conftest import REQUIRE_ALL
from tests.connections.agents import (
    agent_pid,
    connected,
    is_alive,
    result_of,
    shell,
    until,
    written_pid,
)
from tests.modules.runner import PYTHONS, SUPPORTED
from understudy.connections import through_agent
from understudy.connections.base import ModuleCall, TransferFailed, Unreachable
from understudy.connections.local import LocalConnection


@pytest.mark.parametrize("value", [None, "", " ", "auto", "auto_silent", sys.executable])
async def test_the_python_is_the_controllers_unless_another_is_named(value):
    """Whatever leaves the choice to us gives the Python that surely works."""
    async with connected(value) as connection:
        body = shell("readlink /proc/$PPID/exe")
        result = await result_of(connection, body)
    assert result["stdout"] == str(Path(sys.executable).resolve())


async def test_the_python_may_be_a_command_line():
    """As in Ansible, `/usr/bin/env python3` starts one."""
    async with connected("/usr/bin/env python3") as connection:
        assert (await result_of(connection, shell("echo hi")))["stdout"] == "hi"


@pytest.mark.parametrize(
    ("python", "why"),
    [
        ("/no/such/python", "cannot start its Python `/no/such/python`: No such file or directory"),
        ("'unclosed", "`ansible_python_interpreter` is no command, No closing quotation"),
        ("/bin/false", "the agent on this machine ended with status 1: it said nothing"),
        ("sh -c 'echo no licence >&2; exit 9'", "ended with status 9: no licence"),
        ("sh -c 'kill -9 $$'", "was killed by signal 9 (SIGKILL)"),
    ],
)
async def test_a_python_that_is_none_makes_the_host_unreachable(python, why):
    """The reason is told in the words of who failed."""
    connection = LocalConnection(host="here", interpreter=python)
    with pytest.raises(Unreachable) as caught:
        await connection.open()
    assert why in caught.value.why


async def test_who_answers_but_is_no_agent_is_given_up(monkeypatch):
    """What came instead of an agent is told."""
    monkeypatch.setattr(through_agent, "START_LIMIT_S", 0.3)
    connection = LocalConnection(host="here", interpreter="sh -c 'echo Welcome; exec sleep 60'")
    with pytest.raises(Unreachable, match=r"within 0\.3 s; only this came: Welcome"):
        await connection.open()


async def test_what_is_printed_before_the_agent_speaks_is_passed_over():
    """A wrapper may greet: the agent's own stream begins with its mark."""
    noisy = "sh -c 'echo Welcome; exec python3 \"$@\"' noisy"
    async with connected(noisy) as connection:
        assert (await result_of(connection, shell("echo hi")))["stdout"] == "hi"


@pytest.mark.pythons
def test_every_supported_python_is_tested():
    """A version that is missing here is a skipped test, or a failed one where all are required."""
    there = {".".join(name.split(".")[:2]) for name in PYTHONS}
    missing = [version for version in SUPPORTED if version not in there]
    if missing and not REQUIRE_ALL:
        pytest.skip(f"not on this machine: {', '.join(missing)}")
    assert not missing


@pytest.mark.pythons
async def test_a_python_that_is_too_old_says_so():
    """Python 2 can parse what starts the agent, and tells its version."""
    old = next(iter(sorted(Path.home().glob(".pyenv/versions/2.7*/bin/python"))), None)
    found = str(old or shutil.which("python2.7") or pytest.fail("needs a Python 2.7"))
    with pytest.raises(Unreachable, match=r"is Python 2\.7\.\d+, 3\.6 or newer is needed"):
        await LocalConnection(host="here", interpreter=found).open()


async def test_nothing_in_the_working_directory_is_imported(python, tmp_path, monkeypatch):
    """A file `json.py` beside the playbook is a file, not a module."""
    (tmp_path / "json.py").write_text("raise SystemExit('not me')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    async with connected(python, cwd=tmp_path) as connection:
        assert (await result_of(connection, shell("echo hi")))["stdout"] == "hi"


async def test_opening_twice_starts_one_agent():
    """Also at the same time."""
    connection = LocalConnection(host="here")
    await asyncio.gather(connection.open(), connection.open())
    pid = await agent_pid(connection)
    await connection.open()
    assert await agent_pid(connection) == pid
    await connection.close()


async def test_closing_ends_the_agent_and_what_is_attached(tmp_path):
    """When `close` returns, the agent and its tasks are gone; a second close does nothing."""
    connection = LocalConnection(host="here")
    await connection.open()
    pid = await agent_pid(connection)
    call = asyncio.create_task(connection.call(shell(f"echo $$ > {tmp_path}/pid; sleep 60")))
    await until(lambda: bool(written_pid(tmp_path / "pid")))
    await connection.close()
    assert not is_alive(pid)
    await until(lambda: not is_alive(written_pid(tmp_path / "pid")))
    with pytest.raises(Unreachable):
        await call
    with pytest.raises(Unreachable):
        await connection.call(shell("true"))
    await connection.close()


async def test_a_cancelled_opening_leaves_no_agent(tmp_path):
    """An interrupted start takes its process with it."""
    python = f"sh -c 'echo $$ > {tmp_path}/pid; exec sleep 60'"
    opening = asyncio.create_task(LocalConnection(host="here", interpreter=python).open())
    await until(lambda: bool(written_pid(tmp_path / "pid")))
    started = time.monotonic()
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert not is_alive(written_pid(tmp_path / "pid"))
    assert time.monotonic() - started < 2


async def test_a_killed_agent_is_told_with_its_signal(python, tmp_path):
    """Every call in flight and every later one learn why the host was lost; no command is left."""
    async with connected(python) as connection:
        waiting = asyncio.create_task(connection.job_ended("/tmp/j0.0-foreign"))
        line = f"echo $$ > {tmp_path}/pid; sleep 60"
        call = asyncio.create_task(connection.call(shell(line)))
        await until(lambda: bool(written_pid(tmp_path / "pid")))
        os.kill(await agent_pid(connection), signal.SIGKILL)
        why = r"the agent on this machine was killed by signal 9 \(SIGKILL\)"
        with pytest.raises(Unreachable, match=why):
            await call
        with pytest.raises(Unreachable, match=why):
            await connection.call(shell("true"))
        await asyncio.gather(waiting, return_exceptions=True)
        await until(lambda: not is_alive(written_pid(tmp_path / "pid")))


async def test_an_agent_that_is_sent_no_frames_says_so():
    """A broken stream ends the agent, and its last words name the bytes."""
    async with connected() as connection:
        call = asyncio.create_task(connection.call(shell("sleep 60")))
        await asyncio.sleep(0)
        connection._running.session.writer.write(b"GET / HTTP/1.0\r\n")
        with pytest.raises(Unreachable, match=r"status 1: the agent was sent no frames: .*GET /"):
            await call


async def test_an_agent_that_is_terminated_kills_what_is_attached(tmp_path):
    """SIGTERM is an orderly end: no task is left behind."""
    async with connected() as connection:
        line = f"echo $$ > {tmp_path}/pid; sleep 60"
        call = asyncio.create_task(connection.call(shell(line)))
        await until(lambda: bool(written_pid(tmp_path / "pid")))
        os.kill(await agent_pid(connection), signal.SIGTERM)
        with pytest.raises(Unreachable):
            await call
        await until(lambda: not is_alive(written_pid(tmp_path / "pid")))


CONTROLLER = """
import asyncio, sys
from understudy.connections.base import ModuleCall
from understudy.connections.local import LocalConnection
async def main():
    connection = LocalConnection(host="here")
    await connection.open()
    line = "echo $$ > %s; sleep 60" % sys.argv[1]
    args = {"_raw_params": line, "_uses_shell": True}
    await connection.call(ModuleCall(module="command", args=args))
asyncio.run(main())
"""


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
async def test_a_lost_controller_takes_attached_tasks_with_it(tmp_path, number):
    """However the controller ends, its agents see the end of their input and kill their tasks."""
    words = [sys.executable, "-c", CONTROLLER, str(tmp_path / "pid")]
    with subprocess.Popen(words, stderr=subprocess.DEVNULL) as controller:
        await until(lambda: bool(written_pid(tmp_path / "pid")))
        assert is_alive(written_pid(tmp_path / "pid"))
        controller.send_signal(number)
    await until(lambda: not is_alive(written_pid(tmp_path / "pid")))


@pytest.mark.parametrize("size", [0, 1, 262_144, 3_000_000])
async def test_put_stores_content_and_files_in_a_private_place(python, tmp_path, size):
    """What arrives is what was sent, readable by its owner only, and goes with the agent."""
    content = os.urandom(size)
    (tmp_path / "file").write_bytes(content)
    async with connected(python) as connection:
        for source in (content, tmp_path / "file"):
            there = Path(await connection.put(source))
            assert there.read_bytes() == content
            assert (there.stat().st_mode & 0o777, there.parent.stat().st_mode & 0o777) == (
                0o600,
                0o700,
            )
    assert not there.parent.exists()


@pytest.mark.slow
async def test_put_holds_no_more_than_pieces_of_a_file(tmp_path):
    """A file of 100 MB goes through in constant memory."""
    with (tmp_path / "large").open("wb") as file:
        file.truncate(100_000_000)
    async with connected() as connection:
        tracemalloc.start()
        try:
            there = await connection.put(tmp_path / "large")
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert Path(there).stat().st_size == 100_000_000
    assert peak < 5_000_000


async def test_put_without_room_fails_the_task_and_not_the_host():
    """A full disk is told as such, nothing is left behind, and the host stays reachable."""
    limit = "import resource, os, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (500000,) * 2)"
    again = "os.execv(sys.executable, [sys.executable] + sys.argv[1:])"
    async with connected(f"{sys.executable} -c '{limit}; {again}'") as connection:
        with pytest.raises(TransferFailed, match="cannot store a file: File too large"):
            await connection.put(b"x" * 2_000_000)
        assert Path(await connection.put(b"small")).read_bytes() == b"small"


async def test_put_of_a_file_that_cannot_be_read_fails_the_task(tmp_path):
    """The controller's own trouble is told with the path."""
    async with connected() as connection:
        with pytest.raises(TransferFailed, match=r"cannot read .*/none: No such file or directory"):
            await connection.put(tmp_path / "none")


async def test_a_cancelled_put_leaves_nothing(tmp_path):
    """What had come of a file is removed."""
    with (tmp_path / "large").open("wb") as file:
        file.truncate(400_000_000)
    async with connected() as connection:
        directory = Path(await connection.put(b"")).parent
        task = asyncio.create_task(connection.put(tmp_path / "large"))
        await until(lambda: len(list(directory.iterdir())) == 2)
        task.cancel()
        await until(lambda: len(list(directory.iterdir())) == 1)


async def test_arguments_too_large_for_a_frame_fail_the_task():
    """A message that no agent would take is a failed result that tells its size."""
    async with connected() as connection:
        call = ModuleCall(module="ping", args={"data": "x" * (65 << 20)})
        result = await result_of(connection, call)
        assert result["failed"]
        assert "is over the limit of" in result["msg"]
        assert (await result_of(connection, shell("echo next")))["stdout"] == "next"
