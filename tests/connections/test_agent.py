"""What the agent promises to whoever asks it to run a module, under every Python."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connections.agents import (
    agent_pid,
    connected,
    is_alive,
    result_of,
    shell,
    until,
    written_pid,
)
from understudy.connections.base import ModuleCall


async def test_a_command_runs_and_its_result_comes_back(python):
    """The plainest exchange: one module there, one result back, with its arguments."""
    async with connected(python) as connection:
        result = await result_of(connection, shell("echo hi"))
    assert (result["stdout"], result["rc"], result["changed"]) == ("hi", 0, True)
    assert result["invocation"]["module_args"]["_raw_params"] == "echo hi"


async def test_200_requests_in_flight_are_answered_each_with_its_own(python):
    """Requests run side by side, and no answer goes to another's question."""
    async with connected(python) as connection:
        started = time.monotonic()
        calls = (connection.call(shell(f"sleep 0.2; echo {n}")) for n in range(200))
        replies = await asyncio.gather(*calls)
    assert [reply.result["stdout"] for reply in replies] == [str(n) for n in range(200)]
    assert time.monotonic() - started < 10


async def test_more_requests_than_descriptors_wait_their_turn():
    """An agent that may open few files runs few modules at once, and forgets none."""
    few = 'sh -c \'ulimit -n 64; exec "$0" "$@"\' python3'
    async with connected(few) as connection:
        replies = await asyncio.gather(*(connection.call(shell(f"echo {n}")) for n in range(60)))
    assert [reply.result["stdout"] for reply in replies] == [str(n) for n in range(60)]


async def test_cancelling_a_call_kills_all_of_its_processes(python, tmp_path):
    """The module, its command and the command's children are one group, and die as one."""
    pid_file = tmp_path / "pid"
    async with connected(python) as connection:
        line = f"sleep 60 & echo $! > {pid_file}; wait"
        task = asyncio.create_task(connection.call(shell(line)))
        await until(lambda: bool(written_pid(pid_file)))
        task.cancel()
        await until(lambda: not is_alive(written_pid(pid_file)))
        assert (await result_of(connection, shell("echo next")))["stdout"] == "next"


async def test_a_cancelled_call_that_had_not_begun_never_begins(tmp_path):
    """A request that waits for its turn is forgotten with its caller."""
    few = 'sh -c \'ulimit -n 51; exec "$0" "$@"\' python3'
    async with connected(few) as connection:
        first = asyncio.create_task(connection.call(shell("sleep 0.2")))
        second = asyncio.create_task(connection.call(shell(f"touch {tmp_path}/made")))
        await asyncio.sleep(0.1)
        second.cancel()
        await first
        await connection.call(shell("true"))
    assert not (tmp_path / "made").exists()


@pytest.mark.slow
async def test_a_background_child_outlives_its_command(python):
    """S59: the group is never killed on a normal end, so a daemon lives, even with its output."""
    async with connected(python) as connection:
        result = await result_of(connection, shell("sleep 30 & echo $!"))
    pid = int(result["stdout"])
    assert is_alive(pid)
    os.kill(pid, signal.SIGKILL)


async def test_a_daemon_of_a_module_does_not_delay_its_result(python, modules):
    """A process that a module forked holds the pipe of the result, which is whole all the same."""
    body = (
        "import os, time\n    pid = os.fork()\n    pid or time.sleep(30)\n    return {'pid': pid}"
    )
    async with connected(python) as connection:
        started = time.monotonic()
        result = await result_of(connection, modules.call(body))
        assert time.monotonic() - started < 0.9
    os.kill(result["pid"], signal.SIGKILL)


async def test_what_a_module_prints_touches_nothing(python, modules):
    """Descriptors 1 and 2 of a module are not the agent's stream."""
    body = (
        "import os; print('junk'); os.write(1, b'\\0' * 9000); os.write(2, b'x'); return {'a': 1}"
    )
    async with connected(python) as connection:
        assert (await result_of(connection, modules.call(body)))["a"] == 1
        assert (await result_of(connection, shell("echo next")))["stdout"] == "next"


async def test_a_module_that_raises_has_failed(python, modules):
    """A bug in a module is a failed result with Ansible's words, and shows no arguments."""
    async with connected(python) as connection:
        result = await result_of(connection, modules.call("raise ValueError('boom')"))
    assert result == {"failed": True, "changed": False, "msg": "Task failed: Module failed: boom"}


async def test_a_traceback_is_told_to_who_asks_for_detail(modules):
    """At -vvv a module's exception comes with its traceback."""
    async with connected() as connection:
        result = await result_of(connection, modules.call("raise ValueError('boom')", verbosity=3))
    assert "line 2, in run" in result["exception"]


async def test_a_module_that_leaves_without_a_result_shows_what_it_printed(python, modules):
    """A module that exits is told by its status and its output, under Ansible's keys."""
    body = "import sys; print('out'); sys.stderr.write('err'); sys.exit(3)"
    async with connected(python) as connection:
        result = await result_of(connection, modules.call(body))
    assert result == {
        "failed": True,
        "changed": False,
        "msg": "the module exited with status 3 without returning a result",
        "module_stdout": "out\n",
        "module_stderr": "err",
        "rc": 3,
    }


async def test_a_module_that_is_killed_has_failed(python, modules):
    """A module that a signal ended says which, and has the shell's return code for it."""
    async with connected(python) as connection:
        body = "import os; os.kill(os.getpid(), 9)"
        result = await result_of(connection, modules.call(body))
    assert result["rc"] == 137
    assert result["msg"] == "the module was killed by signal 9 before it returned a result"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("return {'x': object()}", "its result is not JSON"),
        ("return {1: {2, 3}}", "its result is not JSON"),
        ("return [1, 2]", "it returned list, not a dict"),
        ("pass", "it returned NoneType, not a dict"),
        ("x = []; x.append(x); return {'x': x}", "recursion"),
    ],
)
async def test_what_is_no_result_has_failed(modules, body, why):
    """A result that cannot travel is a failure that says so."""
    async with connected() as connection:
        result = await result_of(connection, modules.call(body))
    assert result["failed"]
    assert why in result["msg"]


async def test_a_module_with_a_syntax_error_has_failed(modules):
    """A source that cannot be compiled fails the task and spares the agent."""
    async with connected() as connection:
        result = await result_of(connection, modules.call("return {{{"))
        assert "Task failed: Module failed: " in result["msg"]
        assert (await result_of(connection, shell("echo next")))["stdout"] == "next"


async def test_output_that_is_no_utf8_fails_the_task(python):
    """As in Ansible the whole result is refused, and the message names the byte."""
    async with connected(python) as connection:
        result = await result_of(connection, shell(r"printf 'a\377b'"))
    assert set(result) == {"failed", "changed", "msg"}
    assert result["msg"] == (
        "Task failed: Refusing to deserialize an invalid UTF8 string value: "
        "'utf-8' codec can't encode character '\\udcff' in position 1: surrogates not allowed"
    )


async def test_any_text_passes_through_arguments_and_output(python):
    """Text beyond ASCII arrives as it was written, whatever the target's locale."""
    async with connected(python) as connection:
        assert (await result_of(connection, shell("echo ü→𝄞")))["stdout"] == "ü→𝄞"


@pytest.mark.slow
async def test_a_long_result_flows_in_parts_and_the_agent_stays_small(python):
    """100 MB of output: 32 MiB come back with a warning; the agent holds no more than them."""
    async with connected(python) as connection:
        pid = await agent_pid(connection)
        line = "head -c 100000000 /dev/zero | tr '\\0' x"
        reply = await connection.call(shell(line))
        peak = _peak_kib(pid)
    assert len(reply.result["stdout"]) == 32 << 20
    assert reply.result["warnings"] == ["stdout was cut after 33554432 of 100000000 bytes"]
    assert peak < 80_000


def _peak_kib(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


async def test_a_module_that_dies_in_the_middle_of_a_long_result_has_failed(modules):
    """Parts that have come are dropped when the whole does not come."""
    body = (
        "import os; write = os.write\n"
        "    os.write = lambda fd, data: (write(fd, data[:600000]), os._exit(4))\n"
        "    return {'long': 'x' * 1000000}"
    )
    async with connected() as connection:
        result = await result_of(connection, modules.call(body))
    assert result["msg"] == "the module exited with status 4 without returning a result"


async def test_commands_run_in_the_given_directory(tmp_path):
    """S58: the playbook's directory, wherever the controller was started."""
    async with connected(cwd=tmp_path) as connection:
        assert (await result_of(connection, shell("pwd")))["stdout"] == str(tmp_path)
        assert (await result_of(connection, shell("pwd", cwd="/")))["stdout"] == "/"


async def test_each_task_has_its_own_environment(python):
    """What one task sets, the next does not see."""
    async with connected(python) as connection:
        told = await result_of(connection, shell("echo $WHO", environment={"WHO": "ü"}))
        after = await result_of(connection, shell("echo $WHO"))
    assert (told["stdout"], after["stdout"]) == ("ü", "")


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let this process be interrupted, also where the tests run in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
async def test_a_command_has_the_ordinary_signals_and_nothing_open():
    """The agent's own arrangements (ignored signals, its descriptors) are not inherited."""
    async with connected() as connection:
        line = "ls /proc/self/fd | tr '\\n' ' '; grep SigIgn /proc/self/status | tr -d '\\n'"
        result = await result_of(connection, shell(line))
    assert result["stdout"].startswith("0 1 2 3 ")
    ignored = int(result["stdout"].rpartition("\t")[2], 16)
    assert not ignored & (1 << (signal.SIGPIPE - 1) | 1 << (signal.SIGINT - 1))


async def test_a_secret_argument_is_not_repeated(modules):
    """`no_log` arguments stand in the result as Ansible's placeholder."""
    call = modules.call("return {}", args={"user": "u", "key": "hush"}, secret_args=("key",))
    async with connected() as connection:
        result = await result_of(connection, call)
    shown = {"user": "u", "key": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"}
    assert result["invocation"] == {"module_args": shown}


async def test_a_module_is_told_how_to_run(python, modules):
    """Check mode, diff, verbosity and no_log reach the module."""
    body = "t = target; return {'told': [t.check_mode, t.diff, t.verbosity, t.no_log, t.cwd]}"
    call = modules.call(body, check_mode=True, diff=True, verbosity=2, no_log=True, cwd="/")
    async with connected(python) as connection:
        assert (await result_of(connection, call))["told"] == [True, True, 2, True, "/"]


async def test_warnings_come_with_the_reply(modules):
    """What a module warns of stands in the result."""
    async with connected() as connection:
        reply = await connection.call(modules.call("target.warn('careful'); return {}"))
    assert reply.result["warnings"] == ["careful"]


@pytest.mark.parametrize("own", [5, "odd"])
async def test_warnings_stand_beside_what_is_no_list_of_them(modules, own):
    """A module of the project's own may print anything under that name."""
    body = f"target.warn('careful'); return {{'warnings': {own!r}}}"
    async with connected() as connection:
        result = await result_of(connection, modules.call(body))
    assert result["warnings"] == [own, "careful"]


async def test_temporary_files_of_a_module_are_removed(modules):
    """Also when the module fails."""
    body = "target.fail('no', path=target.temporary())"
    async with connected() as connection:
        result = await result_of(connection, modules.call(body))
    assert result["msg"] == "no"
    assert not Path(result["path"]).exists()


async def test_the_seconds_in_the_module_are_its_own(modules):
    """The target's clock measures the module, without the way there."""
    async with connected() as connection:
        call = modules.call("import time; time.sleep(0.1); return {}")
        assert 0.1 <= (await connection.call(call)).module_s < 0.2


async def test_a_module_is_sent_and_compiled_once(modules):
    """The second call of a module finds it there, also its module-level state as it was loaded."""
    name = modules.add("global loads\n    return {'pid': loaded_by}")
    with (modules.directory / f"{name}.py").open("a") as file:
        file.write("import os\nloaded_by = os.getpid()\n")
    async with connected() as connection:
        pid = await agent_pid(connection)
        for _ in range(2):
            result = await result_of(connection, ModuleCall(module=name, args={}))
            assert result["pid"] == pid


async def test_the_agent_starts_quickly(python):
    """Starting an agent costs tens of milliseconds."""
    started = time.monotonic()
    async with connected(python):
        assert time.monotonic() - started < 1
