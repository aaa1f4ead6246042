"""An SSH connection does what every connection does, on both servers."""

import asyncio
import hashlib
import os
import pwd
import time

import pytest

from tests.connections.agents import agent_pid, is_alive, job, result_of, shell, until, written_pid
from tests.ssh.reach import connected, connection_to
from understudy.connections import bootstrap
from understudy.connections.base import NoPython, Transfer, TransferFailed, Unreachable


async def test_a_command_runs_in_the_home_of_the_user(ssh_server):
    """One exchange for the agent, one for the task (S58)."""
    async with connected(ssh_server) as connection:
        result = await result_of(connection, shell("pwd; echo no >&2; exit 3"))
    homes = {str(ssh_server.home), pwd.getpwuid(os.getuid()).pw_dir}
    assert result["stdout"] in homes
    assert (result["stderr"], result["rc"]) == ("no", 3)


async def test_many_requests_in_flight_are_answered_each_with_its_own(ssh_server):
    """One channel carries them all."""
    async with connected(ssh_server) as connection:
        calls = (connection.call(shell(f"sleep 0.1; echo {n}")) for n in range(50))
        replies = await asyncio.gather(*calls)
    assert [reply.result["stdout"] for reply in replies] == [str(n) for n in range(50)]


async def test_files_go_there_and_come_back(ssh_server, tmp_path):
    """What arrives is what was sent, of any bytes."""
    source, back = tmp_path / "source", tmp_path / "back"
    source.write_bytes(os.urandom(3_000_000))
    async with connected(ssh_server) as connection:
        uploaded = await connection.put(source)
        digest = await connection.get(uploaded, back)
        result = await result_of(connection, shell(f"sha1sum < {uploaded}"))
    assert back.read_bytes() == source.read_bytes()
    assert result["stdout"].split()[0] == digest


async def test_a_file_that_was_cut_off_is_taken_up_where_it_was(start_server, tmp_path):
    """The next agent knows what has come; only the rest is sent, and nothing is left."""
    source = tmp_path / "source"
    source.write_bytes(os.urandom(1 << 20) * 40)
    (tmp_path / "tmp").mkdir()
    server = start_server()
    transfer = Transfer("of-a-test")
    async with connected(server) as connection:
        connection.remote_tmp = str(tmp_path / "tmp")
        sending = asyncio.create_task(connection.put(source, transfer))
        part = tmp_path / "tmp" / "understudy-part-of-a-test"
        await until(lambda: part.exists() and part.stat().st_size > 1 << 20)
        server.kill_connections()
        with pytest.raises(Unreachable):
            await sending
    came = part.stat().st_size
    assert 0 < came < source.stat().st_size
    async with connected(server) as connection:
        connection.remote_tmp = str(tmp_path / "tmp")
        path = await connection.put(source, transfer)
        result = await result_of(connection, shell(f"sha1sum < {path}"))
    assert result["stdout"].split()[0] == hashlib.sha1(source.read_bytes()).hexdigest()
    assert list((tmp_path / "tmp").iterdir()) == []


async def test_what_nobody_came_back_for_is_removed(ssh_server, tmp_path):
    """By the next transfer, after an hour."""
    old, new = (tmp_path / f"understudy-part-{name}" for name in ("old", "new"))
    for path in (old, new):
        path.write_text("part")
    os.utime(old, (1, 1))
    async with connected(ssh_server) as connection:
        connection.remote_tmp = str(tmp_path)
        await connection.put(b"text", Transfer("another"))
    assert new.exists()
    assert not old.exists()


@pytest.mark.parametrize(
    ("path", "why"),
    [("/no/file", "No such file"), ("/etc", "no regular file")],
)
async def test_a_file_that_cannot_be_read_fails_the_transfer(ssh_server, tmp_path, path, why):
    """The task fails, the connection stays."""
    async with connected(ssh_server) as connection:
        with pytest.raises(TransferFailed, match=why):
            await connection.get(path, tmp_path / "never")
        assert (await result_of(connection, shell("echo on")))["stdout"] == "on"


async def test_the_end_of_a_job_is_pushed(ssh_server, tmp_path):
    """Nobody has to ask."""
    async with connected(ssh_server) as connection:
        launched = await result_of(connection, job("sleep 0.3", tmp_path))
        async with asyncio.timeout(5):
            await connection.job_ended(launched["results_file"])


@pytest.mark.parametrize("shell_name", ["fish", "tcsh", "bash"])
async def test_the_login_shell_may_be_any(start_server, shell_name):
    """What starts the agent reads the same in sh, csh and fish."""
    server = start_server(shell=f"/usr/bin/{shell_name}")
    async with connected(server) as connection:
        assert (await result_of(connection, shell("echo 'it works'")))["stdout"] == "it works"


async def test_what_a_profile_prints_is_passed_over(start_server):
    """A greeting on standard output comes before the agent's first word."""
    server = start_server(noise="Welcome, stranger!\n" * 100)
    async with connected(server) as connection:
        assert (await result_of(connection, shell("echo hi")))["stdout"] == "hi"


async def test_a_cancelled_call_kills_its_processes(ssh_server, tmp_path):
    """The process group on the target dies; the connection stays."""
    async with connected(ssh_server) as connection:
        line = f"sleep 60 & echo $! > {tmp_path}/pid; wait"
        call = asyncio.create_task(connection.call(shell(line)))
        await until(lambda: bool(written_pid(tmp_path / "pid")))
        call.cancel()
        await until(lambda: not is_alive(written_pid(tmp_path / "pid")))
        assert (await result_of(connection, shell("echo on")))["stdout"] == "on"


async def test_a_cut_connection_kills_what_is_attached_and_leaves_jobs(start_server, tmp_path):
    """The agent sees the end of its input; a job has a session of its own."""
    server = start_server()
    async with connected(server) as connection:
        line = f"echo $$ > {tmp_path}/pid; sleep 60"
        call = asyncio.create_task(connection.call(shell(line)))
        launched = await result_of(connection, job(f"echo $$ > {tmp_path}/job; sleep 2", tmp_path))
        await until(lambda: bool(written_pid(tmp_path / "pid")))
        await until(lambda: bool(written_pid(tmp_path / "job")))
        server.kill_connections()
        with pytest.raises(Unreachable, match="the connection was lost"):
            await call
        assert connection.lost
        await until(lambda: not is_alive(written_pid(tmp_path / "pid")))
    assert is_alive(written_pid(tmp_path / "job"))
    async with connected(server) as connection, asyncio.timeout(10):
        await connection.job_ended(launched["results_file"])


async def test_a_killed_agent_makes_the_host_unreachable(start_server, tmp_path):
    """Its commands die with it, and the reason is told."""
    async with connected(start_server()) as connection:
        call = asyncio.create_task(connection.call(shell(f"echo $$ > {tmp_path}/pid; sleep 60")))
        await until(lambda: bool(written_pid(tmp_path / "pid")))
        os.kill(await agent_pid(connection), 9)
        with pytest.raises(Unreachable):
            await call
        await until(lambda: not is_alive(written_pid(tmp_path / "pid")))


async def test_a_server_that_hangs_up_is_called_again(start_server):
    """What was lost is opened anew by a new connection."""
    server = start_server()
    async with connected(server) as connection:
        server.restart()
        with pytest.raises(Unreachable):
            await connection.call(shell("true"))
    async with connected(server) as connection:
        assert (await result_of(connection, shell("echo back")))["stdout"] == "back"


async def test_two_connections_to_one_host_do_not_disturb_each_other(ssh_server):
    """Each has an agent of its own."""
    async with connected(ssh_server) as one, connected(ssh_server) as other:
        assert await agent_pid(one) != await agent_pid(other)
        assert (await result_of(one, shell("echo 1")))["stdout"] == "1"
        assert (await result_of(other, shell("echo 2")))["stdout"] == "2"


async def test_nothing_is_left_on_the_target(start_server):
    """Neither in the home nor among the temporary files."""
    server = start_server()
    look = "ls -A ~; ls -A /tmp | grep '^understudy-[^s]' || true"
    async with connected(server) as connection:
        before = await result_of(connection, shell(look))
        await connection.put(b"some text")
        await result_of(connection, shell("echo hi"))
    async with connected(server) as connection:
        assert (await result_of(connection, shell(look)))["stdout"] == before["stdout"]


@pytest.mark.parametrize("given", ["/no/python", "/bin/false"])
async def test_a_python_that_is_none_is_named(ssh_server, given):
    """With what was said of it."""
    with pytest.raises(Unreachable, match=r"/no/python|status 1"):
        await connection_to(ssh_server, given).open()


async def test_without_any_python_a_shell_still_works(ssh_server, monkeypatch):
    """`raw` needs none; what was looked for is told to everything else."""
    monkeypatch.setattr(bootstrap, "PYTHONS", ("python3.99", "/no/python3"))
    connection = connection_to(ssh_server)
    assert (await connection.shell("echo hi; exit 3")).rc == 3
    with pytest.raises(NoPython, match=r"looked for python3\.99, /no/python3.*`raw`"):
        await connection.open()
    assert (await connection.shell("echo hi")).stdout == b"hi\n"
    await connection.close()


async def test_the_first_python_that_works_is_taken(ssh_server, monkeypatch, tmp_path):
    """A name that only looks like one, or is too old, is passed over."""
    for name, status in (("python3.98", 127), ("python3.97", 126)):
        (tmp_path / name).write_text(f"#!/bin/sh\nexit {status}\n")
        (tmp_path / name).chmod(0o755)
    tried = (f"{tmp_path}/python3.98", f"{tmp_path}/python3.97", *bootstrap.PYTHONS)
    monkeypatch.setattr(bootstrap, "PYTHONS", tried)
    async with connected(ssh_server) as connection:
        assert (await result_of(connection, shell("echo hi")))["stdout"] == "hi"


@pytest.mark.slow
async def test_a_silent_server_is_given_up_in_time(start_server):
    """It accepts and never answers: the limit and the place are told."""
    server = start_server()
    server.pause()
    started = time.monotonic()
    try:
        with pytest.raises(Unreachable, match=f"{server.hosts[0]} port .* within 1 s"):
            await connection_to(server, timeout_s=1.0).open()
    finally:
        server.resume()
    assert time.monotonic() - started < 3


@pytest.mark.slow
async def test_a_half_open_connection_is_found(start_server, monkeypatch):
    """The heartbeat goes unanswered: nobody waits for ever."""
    monkeypatch.setattr("understudy.connections.ssh.HEARTBEAT_S", 0.2)
    server = start_server()
    connection = connection_to(server)
    await connection.open()
    server.pause()
    try:
        async with asyncio.timeout(5):
            with pytest.raises(Unreachable, match="the connection was lost"):
                await connection.call(shell("sleep 30"))
    finally:
        server.resume()
        await connection.close()
