"""`async_status`: what it makes of job files, ours and Ansible's."""

import json

import pytest

from understudy.connections import jobs
from understudy.connections.base import ModuleCall


@pytest.fixture
def ask(host, tmp_path, monkeypatch):
    """Give a function that asks for a job; its result lacks only the volatile path."""
    directory = tmp_path / "jobs"
    directory.mkdir()

    def asked(jid="j1.1", mode="status", *, check=False):
        environment = {"ANSIBLE_ASYNC_DIR": str(directory)}
        monkeypatch.setenv("ANSIBLE_ASYNC_DIR", str(directory))  # for the host in this process
        call = ModuleCall(
            module="async_status",
            args={"jid": jid, "mode": mode},
            check_mode=check,
            environment=environment,
        )
        return host.ask(call)

    asked.directory = directory
    return asked


def store(ask, content, jid="j1.1"):
    text = content if isinstance(content, str) else json.dumps(content)
    (ask.directory / jid).write_text(text)


RUNNING = {"started": True, "finished": False, "stdout": "", "stderr": "", "ansible_job_id": "j1.1"}


@pytest.mark.parametrize(
    "content",
    [
        {"started": 1, "finished": 0, "ansible_job_id": "j1.1"},
        {"started": True, "finished": False, "ansible_job_id": "j1.1"},
        "",
        "no json",
        "[1]",
        '{"started": 1, "fin',
    ],
)
def test_a_job_that_runs_has_empty_output(ask, content):
    """S9, S10, S11: integers become booleans; a file that cannot be read is of a running job."""
    store(ask, content)
    result = ask()
    result.pop("invocation", None)
    assert result == {**RUNNING, "results_file": str(ask.directory / "j1.1")}


def test_a_job_that_has_ended_gives_its_own_result(ask):
    """S10, S15: the module's result, with the job's keys added and the file left alone."""
    stored = {"rc": 0, "stdout": "x", "stderr": "", "changed": True, "invocation": {"a": 1}}
    store(ask, stored)
    assert ask() == {
        **stored,
        "started": True,
        "finished": True,
        "ansible_job_id": "j1.1",
        "results_file": str(ask.directory / "j1.1"),
    }
    assert (ask.directory / "j1.1").exists()


def test_a_job_without_output_still_has_the_keys(ask):
    """S11: empty output stands in for what the module does not have, and no invocation does."""
    store(ask, {"ping": "pong", "changed": False})
    result = ask()
    assert (result["stdout"], result["stderr"], result["ping"]) == ("", "", "pong")
    assert "invocation" not in result


def test_a_job_over_its_limit_has_failed(ask):
    """S16: the watcher's record comes back with the job's keys."""
    store(ask, {"msg": "Timeout exceeded", "failed": True, "child_pid": 7})
    result = ask()
    assert (result["failed"], result["finished"], result["child_pid"]) == (True, True, 7)


@pytest.mark.parametrize("mode", ["status", "cleanup"])
def test_a_job_that_is_not_there_counts_as_finished_and_fails(ask, mode):
    """S23, S26: so that nobody waits for it; a clean-up names the path as erased."""
    result = ask("j000.1", mode)
    where = "erased" if mode == "cleanup" else "results_file"
    args = {"_async_dir": str(ask.directory), "jid": "j000.1", "mode": mode}
    assert result == {
        "ansible_job_id": "j000.1",
        "failed": True,
        "finished": True,
        "started": True,
        "msg": "could not find job",
        "stdout": "",
        "stderr": "",
        where: str(ask.directory / "j000.1"),
        "invocation": {"module_args": args},
    }


@pytest.mark.parametrize("check", [False, True])
def test_a_clean_up_removes_the_file_even_in_check_mode(ask, check):
    """S22, S26: neither started nor finished; the file of the supervisor goes too."""
    store(ask, {"rc": 0})
    jobs.sign(str(ask.directory / "j1.1"))
    result = ask(mode="cleanup", check=check)
    result.pop("invocation")
    assert result == {
        "ansible_job_id": "j1.1",
        "erased": str(ask.directory / "j1.1"),
        "started": False,
        "finished": False,
        "stdout": "",
        "stderr": "",
    }
    assert list(ask.directory.iterdir()) == []


def test_a_job_whose_supervisor_died_has_failed(ask):
    """Its file would say running for ever; a job of Ansible's has no supervisor that we know."""
    store(ask, {"started": True, "finished": False, "ansible_job_id": "j1.1"})
    gone = {"pid": 1, "start": "never", "boot": jobs.boot_id()}
    (ask.directory / "j1.1.pid").write_text(json.dumps(gone))
    result = ask()
    assert (result["failed"], result["finished"]) == (True, True)
    assert result["msg"] == "the job's supervisor died without a result"


def test_the_directory_is_below_home_unless_the_environment_says(host, tmp_path, monkeypatch):
    """Without ANSIBLE_ASYNC_DIR it is `~/.ansible_async`, with `$HOME` as at the launch."""
    monkeypatch.delenv("ANSIBLE_ASYNC_DIR", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    call = ModuleCall(
        module="async_status",
        args={"jid": "j1.1"},
        environment={"HOME": str(tmp_path), "ANSIBLE_ASYNC_DIR": ""},
    )
    assert host.ask(call)["results_file"] == f"{tmp_path}/.ansible_async/j1.1"
