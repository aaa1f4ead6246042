"""Targets with too little room: full and unexecutable directories, homes that cannot be written."""

import subprocess

import pytest

from tests.connections.agents import job, result_of, shell
from tests.ssh.reach import connected
from tests.ssh.test_runs import Controller


@pytest.fixture
def mounted(request, tmp_path):
    """Give a function that mounts a small file system, with options."""

    def mount(options):
        place = tmp_path / "small"
        place.mkdir()
        words = ["mount", "-t", "tmpfs", "-o", options, "none", str(place)]
        if subprocess.run(words, capture_output=True, check=False).returncode:
            pytest.skip("this machine lets nobody mount a file system")
        request.addfinalizer(lambda: subprocess.run(["umount", "-l", place], check=True))
        return place

    return mount


@pytest.mark.root
async def test_a_file_goes_where_there_is_room(start_server, mounted):
    """A full temporary directory is passed over."""
    full = mounted("size=64k")
    server = start_server(environment={"TMPDIR": str(full)})
    async with connected(server) as connection:
        path = await connection.put(b"x" * 200_000)
        assert not path.startswith(str(full))
        small = await connection.put(b"x" * 1000)
        assert small.startswith(str(full))


@pytest.mark.root
@pytest.mark.slow
def test_a_script_where_nothing_may_be_executed_says_what_to_do(start_server, mounted, tmp_path):
    """The host, the cause and the way out are told; with `executable` it works."""
    place = mounted("noexec")
    controller = Controller(tmp_path, start_server(hosts=2, environment={"TMPDIR": str(place)}))
    (tmp_path / "hello.sh").write_text("echo hello\n")
    code, printed = controller.run("    - {script: hello.sh}\n", "-l", "web1")
    assert code == 2
    assert "fatal: [web1]" in printed
    assert "mounted with `noexec`" in printed
    task = "    - {script: hello.sh, args: {executable: /bin/sh}, register: r}\n"
    code, printed = controller.run(task, "-l", "web1")
    assert code == 0, printed


async def test_a_home_that_cannot_be_written_stops_nothing_but_jobs(start_server):
    """Commands need no file; the job's failure names the directory."""
    server = start_server(environment={"HOME": "/proc"})
    async with connected(server) as connection:
        assert (await result_of(connection, shell("echo hi")))["stdout"] == "hi"
        assert await connection.put(b"text")
        failed = await result_of(connection, job("true", "/proc/self/.ansible_async"))
    assert failed["failed"]
    assert "/proc/self/.ansible_async" in failed["msg"]
