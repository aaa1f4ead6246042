"""Jobs: detached modules, their files, their supervisors, and how their end is learned."""

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.connections.agents import (
    agent_pid,
    connected,
    is_alive,
    job,
    read,
    result_of,
    shell,
    until,
    written_pid,
)
from understudy.connections import jobs
from understudy.connections.base import JobRequest, ModuleCall, Transfer


def has_ended(path: str) -> bool:
    return jobs.has_ended(path)


def names(directory: Path) -> list[str]:
    """Return what lies in a directory."""
    return [path.name for path in directory.iterdir()]


def text(path: str) -> str:
    return Path(path).read_text()


def status(directory: Path, jid: str, mode: str = "status") -> ModuleCall:
    """Return the call that asks for a job."""
    environment = {"ANSIBLE_ASYNC_DIR": str(directory)}
    args = {"jid": jid, "mode": mode}
    return ModuleCall(module="async_status", args=args, environment=environment)


def supervisor_of(path: str) -> int:
    """Return the process id of a job's supervisor."""
    return int(read(jobs.supervisor_file(path))["pid"])


async def test_a_launch_answers_at_once_and_tells_where_to_look(python, tmp_path):
    """S8: exactly Ansible's keys, `changed` true, and a job file that says that the job runs."""
    async with connected(python) as connection:
        launch = await result_of(connection, job("sleep 0.3", tmp_path))
        jid, path = launch["ansible_job_id"], launch["results_file"]
        assert launch == {
            "ansible_job_id": jid,
            "results_file": str(tmp_path / jid),
            "started": True,
            "finished": False,
            "changed": True,
        }
        assert read(path) == {"started": True, "finished": False, "ansible_job_id": jid}
        await connection.job_ended(path)


async def test_a_job_id_is_ansibles(tmp_path):
    """S7: `j`, a random number below 999999999999, and a process that is not the job's."""
    async with connected() as connection:
        launch = await result_of(connection, job("true", tmp_path))
        number, _, pid = launch["ansible_job_id"].partition(".")
        assert number[0] == "j"
        assert int(number[1:]) < 999_999_999_999
        assert int(pid) == await agent_pid(connection)


async def test_the_end_replaces_the_file_by_the_modules_own_result(python, tmp_path):
    """S10: without started, finished and the id, with the invocation, for its owner only."""
    async with connected(python) as connection:
        launch = await result_of(connection, job("echo hi; exit 3", tmp_path / "new"))
        await connection.job_ended(launch["results_file"])
    content = read(launch["results_file"])
    assert (content["stdout"], content["rc"], content["failed"]) == ("hi", 3, True)
    assert content["invocation"]["module_args"]["_raw_params"] == "echo hi; exit 3"
    assert not {"started", "finished", "ansible_job_id"} & set(content)
    assert stat.S_IMODE(Path(launch["results_file"]).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    assert names(tmp_path / "new") == [launch["ansible_job_id"]]


async def test_the_end_of_a_job_is_pushed(python, tmp_path):
    """Who waits for a job is told within milliseconds of its end, and does not ask."""
    async with connected(python) as connection:
        launch = await result_of(connection, job("sleep 0.2", tmp_path))
        started = time.monotonic()
        await connection.job_ended(launch["results_file"])
        assert 0.1 < time.monotonic() - started < 0.5
        assert "started" not in read(launch["results_file"])


async def test_waiting_for_a_job_that_has_ended_returns_at_once(tmp_path):
    """A push that came before anyone waited is not lost."""
    async with connected() as connection:
        launch = await result_of(connection, job("true", tmp_path))
        await until(lambda: has_ended(launch["results_file"]))
        async with asyncio.timeout(1):
            await connection.job_ended(launch["results_file"])
            await connection.job_ended(str(tmp_path / "never was"))


async def test_several_may_wait_for_one_job_and_one_may_give_up(tmp_path):
    """A waiter that is cancelled takes the news from no other."""
    async with connected() as connection:
        launch = await result_of(connection, job("sleep 0.2", tmp_path))
        waits = [
            asyncio.create_task(connection.job_ended(launch["results_file"])) for _ in range(3)
        ]
        await asyncio.sleep(0.05)
        waits[0].cancel()
        await asyncio.gather(*waits[1:])
        assert waits[0].cancelled()


async def test_waiting_again_after_giving_up_works(tmp_path):
    """A poll that ran into its time leaves the next one as good as the first."""
    async with connected() as connection:
        launch = await result_of(connection, job("sleep 0.3", tmp_path))
        for _ in range(3):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await connection.job_ended(launch["results_file"])
        async with asyncio.timeout(2):
            await connection.job_ended(launch["results_file"])


@pytest.mark.slow
async def test_a_job_of_ansible_is_waited_for_by_looking_at_its_file(python, tmp_path):
    """A job that the agent did not start is seen to end within a fifth of a second."""
    path = tmp_path / "j1.1"
    path.write_text('{"started": 1, "finished": 0, "ansible_job_id": "j1.1"}')
    async with connected(python) as connection:
        waiting = asyncio.create_task(connection.job_ended(str(path)))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        path.write_text('{"rc": 0, "changed": true}')
        async with asyncio.timeout(1):
            await waiting


@pytest.mark.slow
async def test_at_its_limit_a_job_is_killed_and_the_file_tells(python, tmp_path):
    """S16: exactly the record that Ansible's watcher writes."""
    async with connected(python) as connection:
        started = time.monotonic()
        launch = await result_of(connection, job("sleep 60", tmp_path, limit_s=1))
        await connection.job_ended(launch["results_file"])
        assert 0.9 < time.monotonic() - started < 1.6
    content = read(launch["results_file"])
    assert content == {"msg": "Timeout exceeded", "failed": True, "child_pid": content["child_pid"]}
    assert not is_alive(content["child_pid"])


@pytest.mark.slow
async def test_the_record_may_follow_the_kill_later(tmp_path):
    """S16: for parity the file says running until the delay that was asked for has passed."""
    call = job(f"echo $PPID > {tmp_path}/pid; sleep 60", tmp_path, limit_s=1, record_delay_s=0.5)
    async with connected() as connection:
        path = (await result_of(connection, call))["results_file"]
        await until(lambda: bool(written_pid(tmp_path / "pid")))
        await until(lambda: not is_alive(written_pid(tmp_path / "pid")))
        assert "started" in read(path)
        await asyncio.sleep(0.3)
        assert "started" in read(path)
        await connection.job_ended(path)
        assert read(path)["msg"] == "Timeout exceeded"


@pytest.mark.slow
async def test_the_kill_takes_the_group_and_spares_other_sessions(python, tmp_path):
    """S17: no grace for the group; a child that called setsid lives on."""
    member, free = tmp_path / "member", tmp_path / "free"
    line = f"sleep 60 & echo $! > {member}; setsid sh -c 'echo $$ > {free}; exec sleep 60' & wait"
    async with connected(python) as connection:
        launch = await result_of(connection, job(line, tmp_path / "jobs", limit_s=1))
        await connection.job_ended(launch["results_file"])
    await until(lambda: not is_alive(written_pid(member)))
    assert is_alive(written_pid(free))
    os.kill(written_pid(free), signal.SIGKILL)


@pytest.mark.slow
async def test_a_job_with_a_background_child_ends_with_its_command(tmp_path):
    """S59: also in a job the child costs about a second, and lives on."""
    async with connected() as connection:
        started = time.monotonic()
        launch = await result_of(connection, job("sleep 30 & echo $!", tmp_path))
        await connection.job_ended(launch["results_file"])
        assert 0.8 < time.monotonic() - started < 2
    pid = int(read(launch["results_file"])["stdout"])
    assert is_alive(pid)
    os.kill(pid, signal.SIGKILL)


async def test_a_daemon_of_a_module_does_not_delay_the_end_of_its_job(modules, tmp_path):
    """The end is that of the process, not of the pipes that something may still hold."""
    body = (
        "import os, time\n    pid = os.fork()\n    pid or time.sleep(30)\n    return {'pid': pid}"
    )
    call = modules.call(body, job=job("", tmp_path / "jobs").job)
    async with connected() as connection:
        launch = await result_of(connection, call)
        async with asyncio.timeout(0.9):
            await connection.job_ended(launch["results_file"])
    os.kill(read(launch["results_file"])["pid"], signal.SIGKILL)


async def test_jobs_outlive_their_agent_and_attached_tasks_do_not(python, tmp_path):
    """S43: when the controller is gone, what is attached dies and what is detached goes on."""
    attached = tmp_path / "attached"
    async with connected(python) as connection:
        launch = await result_of(connection, job("sleep 0.4; echo done", tmp_path / "jobs"))
        task = asyncio.create_task(connection.call(shell(f"echo $$ > {attached}; sleep 60")))
        await until(lambda: bool(written_pid(attached)))
    await until(lambda: not is_alive(written_pid(attached)))
    assert "started" in read(launch["results_file"])
    await until(lambda: has_ended(launch["results_file"]))
    assert read(launch["results_file"])["stdout"] == "done"
    with pytest.raises(Exception, match="closed"):
        await task


async def test_a_job_outlives_a_killed_agent_and_the_next_one_finds_it(tmp_path):
    """A dead controller loses nothing: another agent waits for the job by its file."""
    async with connected() as connection:
        launch = await result_of(connection, job("sleep 0.4; echo done", tmp_path))
        os.kill(await agent_pid(connection), signal.SIGKILL)
    async with connected() as connection:
        await connection.job_ended(launch["results_file"])
        result = await result_of(connection, status(tmp_path, launch["ansible_job_id"]))
    assert (result["stdout"], result["finished"]) == ("done", True)


async def test_a_supervisor_has_a_session_of_its_own_and_the_job_a_group(tmp_path):
    """S12: nothing that ends the agent's session or group reaches the job; the umask is 022."""
    old = os.umask(0o077)
    try:
        async with connected() as connection:
            line = "ps -o pgid=,sid= -p $$; echo $PPID; umask; readlink /proc/$PPID/fd/0; sleep 0.1"
            launch = await result_of(connection, job(line, tmp_path))
            supervisor = supervisor_of(launch["results_file"])
            await connection.job_ended(launch["results_file"])
    finally:
        os.umask(old)
    group, session, module, umask, stdin = read(launch["results_file"])["stdout"].split()
    assert (int(group), int(session), umask, stdin) == (
        int(module),
        supervisor,
        "0022",
        "/dev/null",
    )


async def test_a_supervisor_that_died_is_found_out(python, tmp_path):
    """The file would say running for ever; the status says failed, at once, and the wait ends."""
    async with connected(python) as connection:
        line = f"echo $PPID > {tmp_path}/pid; sleep 60"
        launch = await result_of(connection, job(line, tmp_path / "jobs"))
        await until(lambda: bool(written_pid(tmp_path / "pid")))
        os.kill(supervisor_of(launch["results_file"]), signal.SIGKILL)
        await connection.job_ended(launch["results_file"])
        result = await result_of(connection, status(tmp_path / "jobs", launch["ansible_job_id"]))
        os.killpg(written_pid(tmp_path / "pid"), signal.SIGKILL)
    assert (result["finished"], result["failed"]) == (True, True)
    assert result["msg"] == "the job's supervisor died without a result"


@pytest.mark.parametrize(
    ("change", "dead"),
    [({}, False), ({"boot": "another"}, True), ({"start": "1"}, True), ({"pid": 2**22 + 1}, True)],
)
def test_a_supervisor_is_known_by_its_process_and_its_boot(tmp_path, change, dead):
    """Another process with the same number, or one of an earlier boot, is not the supervisor."""
    path = tmp_path / "j1.1"
    path.write_text('{"started": true, "finished": false, "ansible_job_id": "j1.1"}')
    jobs.sign(str(path))
    record = {**read(jobs.supervisor_file(str(path))), **change}
    Path(jobs.supervisor_file(str(path))).write_text(json.dumps(record))
    assert jobs.supervisor_died(str(path)) == dead
    assert jobs.has_ended(str(path)) == dead


async def test_a_module_that_dies_in_a_job_leaves_ansibles_keys(python, modules, tmp_path):
    """S10: what the module printed stands under `data` and `stderr`, the reason under `msg`."""
    body = "import os; os.write(1, b'out'); os.write(2, b'err'); os.kill(os.getpid(), 9)"
    call = modules.call(body, job=job("", tmp_path / "jobs").job)
    async with connected(python) as connection:
        launch = await result_of(connection, call)
        await connection.job_ended(launch["results_file"])
    assert read(launch["results_file"]) == {
        "failed": True,
        "cmd": call.module,
        "data": "out",
        "stderr": "err",
        "msg": "the module was killed by signal 9 before it returned a result",
    }


async def test_output_of_a_job_that_is_no_utf8_stays_in_its_file(tmp_path):
    """The file keeps the byte as Ansible's does; it is the status that Ansible refuses."""
    async with connected() as connection:
        launch = await result_of(connection, job(r"printf 'a\377b'", tmp_path))
        await connection.job_ended(launch["results_file"])
        result = await result_of(connection, status(tmp_path, launch["ansible_job_id"]))
    assert read(launch["results_file"])["stdout"] == "a\udcffb"
    assert "Refusing to deserialize" in result["msg"]


async def test_arguments_of_a_no_log_job_never_touch_the_disk(tmp_path):
    """The stored result of a `no_log` task holds no invocation."""
    async with connected() as connection:
        launch = await result_of(connection, job("true # hush", tmp_path, no_log=True))
        await connection.job_ended(launch["results_file"])
    assert "invocation" not in read(launch["results_file"])


async def test_secret_arguments_of_a_job_never_touch_the_disk(modules, tmp_path):
    """A `no_log` argument stands in the job file as the placeholder."""
    call = modules.call(
        "return {}", args={"key": "hush"}, secret_args=("key",), job=job("", tmp_path / "jobs").job
    )
    async with connected() as connection:
        launch = await result_of(connection, call)
        await connection.job_ended(launch["results_file"])
    assert "hush" not in text(launch["results_file"])


async def test_home_is_that_of_the_task(tmp_path):
    """S7: `~` in the directory is `$HOME`, also when the task's environment sets it."""
    async with connected() as connection:
        call = job("true", Path("~/jobs"), environment={"HOME": str(tmp_path)})
        launch = await result_of(connection, call)
    assert Path(launch["results_file"]).parent == tmp_path / "jobs"


async def test_a_directory_that_cannot_be_made_fails_the_launch(python, tmp_path):
    """The launch fails in Ansible's words, and nothing is started."""
    (tmp_path / "file").write_text("")
    async with connected(python) as connection:
        result = await result_of(connection, job("true", tmp_path / "file"))
    path = str(tmp_path / "file")
    assert result == {
        "failed": True,
        "changed": True,
        "msg": f"could not create directory: {path} - [Errno 17] File exists: '{path}'",
    }


def limited(bytes_: int) -> str:
    """Return a Python under which no file can be longer."""
    limit = f"import resource, os, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({bytes_},) * 2)"
    return (
        f"{sys.executable} -c '{limit}; os.execv(sys.executable, [sys.executable] + sys.argv[1:])'"
    )


async def test_no_room_for_the_job_file_fails_the_launch(tmp_path):
    """A full disk at the launch: a failed result that says so, no job, and no half-written file."""
    async with connected(limited(10)) as connection:
        result = await result_of(connection, job(f"touch {tmp_path}/made", tmp_path / "jobs"))
    assert result["failed"]
    assert result["msg"].startswith(f"could not write the job file {tmp_path}/jobs/j")
    assert result["msg"].endswith("File too large")
    assert names(tmp_path / "jobs") == []
    assert not (tmp_path / "made").exists()


async def test_no_room_for_the_result_is_told_in_the_job_file(tmp_path):
    """A disk that fills up while the job runs: the file's own block takes a short record."""
    async with connected(limited(1000)) as connection:
        launch = await result_of(connection, job("seq 1000", tmp_path))
        await connection.job_ended(launch["results_file"])
        result = await result_of(connection, status(tmp_path, launch["ansible_job_id"]))
    assert (result["failed"], result["finished"]) == (True, True)
    assert result["msg"].startswith("the job's result could not be written to ")
    assert names(tmp_path) == [launch["ansible_job_id"]]


async def test_an_unwritable_directory_fails_the_launch():
    """A directory that takes no files (here: of the kernel) fails the launch."""
    async with connected() as connection:
        result = await result_of(connection, job("true", Path("/proc")))
    assert result["failed"]
    assert "could not write the job file /proc/j" in result["msg"]


async def test_cleaning_a_running_job_neither_waits_nor_kills(tmp_path):
    """S26: the job lives on, and its file comes back when it ends."""
    async with connected() as connection:
        launch = await result_of(connection, job("sleep 0.3; echo done", tmp_path))
        jid, path = launch["ansible_job_id"], Path(launch["results_file"])
        cleaned = await result_of(connection, status(tmp_path, jid, "cleanup"))
        assert (cleaned["erased"], cleaned["finished"]) == (str(path), False)
        assert names(tmp_path) == []
        await connection.job_ended(str(path))
        assert read(path)["stdout"] == "done"
        assert names(tmp_path) == [jid]


def ansible(directory: Path, tasks: str) -> str:
    """Run tasks with the real Ansible in a directory; return what it prints."""
    from tests.parity.oracle import oracle

    playbook = directory / "play.yml"
    playbook.write_text(f"- hosts: localhost\n  gather_facts: false\n  tasks:\n{tasks}")
    variables = ["-e", f"ansible_async_dir={directory}/jobs"]
    words = [str(oracle()), str(playbook), *variables]
    done = subprocess.run(words, cwd=directory, check=False, capture_output=True, text=True)
    return done.stdout


@pytest.mark.oracle
@pytest.mark.slow
async def test_ansible_reads_our_job_files(tmp_path):
    """The real async_status tells of our jobs: running, ended, over their limit."""
    async with connected() as connection:
        lines = (("sleep 30", 60), ("echo done", 60), ("sleep 30", 1))
        calls = [job(line, tmp_path / "jobs", limit_s=limit) for line, limit in lines]
        launched = [await result_of(connection, call) for call in calls]
        for launch in launched[1:]:
            await connection.job_ended(launch["results_file"])
    jids = [launch["ansible_job_id"] for launch in launched]
    shown = "{{ r.results | map('dict2items') | map('items2dict') | to_json }}"
    printed = ansible(
        tmp_path,
        f"    - async_status: jid={{{{ item }}}}\n      loop: {json.dumps(jids)}\n"
        "      register: r\n      ignore_errors: true\n"
        f'    - copy: {{content: "{shown}", dest: {tmp_path}/out.json}}\n',
    )
    running, ended, late = json.loads((tmp_path / "out.json").read_text() or printed)
    assert (running["started"], running["finished"]) == (True, False)
    assert (ended["finished"], ended["stdout"], ended["rc"]) == (True, "done", 0)
    assert (late["finished"], late["failed"], late["msg"]) == (True, True, "Timeout exceeded")
    os.killpg(_group_of(launched[0]["results_file"]), signal.SIGKILL)


def _group_of(path: str) -> int:
    """Return the process group of a job: that of its supervisor's child."""
    words = ["ps", "-o", "pid=", "--ppid", str(supervisor_of(path))]
    return int(subprocess.run(words, check=True, capture_output=True, text=True).stdout)


@pytest.mark.oracle
@pytest.mark.slow
async def test_we_read_ansibles_job_files(tmp_path):
    """Our async_status tells of the real Ansible's jobs, and their end is waited for."""
    ansible(
        tmp_path,
        f"    - shell: sleep 2; echo done\n      async: 30\n      poll: 0\n      register: r\n"
        f'    - copy: {{content: "{{{{ r | to_json }}}}", dest: {tmp_path}/out.json}}\n',
    )
    launch = read(tmp_path / "out.json")
    async with connected() as connection:
        ask = status(tmp_path / "jobs", launch["ansible_job_id"])
        assert (await result_of(connection, ask))["finished"] is False
        await connection.job_ended(launch["results_file"])
        result = await result_of(connection, ask)
    assert (result["finished"], result["stdout"], result["rc"]) == (True, "done", 0)


def job_with(file: str, line: str, directory: Path, limit_s: int = 30) -> ModuleCall:
    """Return the call that starts a job which a file was put for."""
    request = JobRequest(limit_s=limit_s, async_dir=str(directory), files=(file,))
    return shell(line.format(file), job=request)


async def test_what_was_put_for_a_job_is_there_until_the_job_ends(tmp_path):
    """The agent that took it has gone meanwhile; the job removes it, with its directory."""
    async with connected() as connection:
        file = await connection.put(b"hello", Transfer(for_job=True))
        call = job_with(
            file, f"until test -e {tmp_path}/go; do sleep 0.01; done; cat {{}}", tmp_path
        )
        path = (await result_of(connection, call))["results_file"]
    assert text(file) == "hello"
    (tmp_path / "go").touch()
    await until(lambda: has_ended(path))
    assert read(path)["stdout"] == "hello"
    assert not Path(file).parent.exists()


async def test_what_was_put_for_a_job_goes_when_the_job_is_killed(tmp_path):
    """Its limit is an end like any other."""
    async with connected() as connection:
        file = await connection.put(b"hello", Transfer(for_job=True))
        path = (await result_of(connection, job_with(file, "sleep 9", tmp_path, 0)))["results_file"]
        await until(lambda: has_ended(path))
    assert not Path(file).parent.exists()


async def test_what_was_put_for_a_job_that_is_not_started_goes_with_the_agent(tmp_path):
    """Nobody else knows of it."""
    (tmp_path / "jobs").touch()
    async with connected() as connection:
        file = await connection.put(b"hello", Transfer(for_job=True))
        assert (await result_of(connection, job_with(file, "true", tmp_path / "jobs")))["failed"]
        assert text(file) == "hello"
    await until(lambda: not Path(file).parent.exists())
