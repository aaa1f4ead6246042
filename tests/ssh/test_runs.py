"""Whole runs of the program against servers, as a user starts them."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.ssh.server import Sshd

COMMAND = [sys.executable, "-m", "understudy", "run"]
PLAY = "- hosts: all\n  gather_facts: false\n  tasks:\n"


class Controller:
    """A home of its own, a playbook and an inventory; starts runs."""

    def __init__(self, folder: Path, server: Sshd) -> None:
        self.folder = folder
        self.server = server
        (folder / "hosts").write_text(server.inventory(["web1", "web2"]))

    def start(self, tasks: str, *more: str, **environment: str) -> subprocess.Popen[str]:
        """Start a run of these tasks."""
        name = f"play{len(list(self.folder.glob('play*')))}.yml"
        (self.folder / name).write_text(PLAY + tasks)
        kept = {key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ}
        return subprocess.Popen(
            [*COMMAND, "-i", "hosts", name, *more],
            cwd=self.folder,
            env={**kept, "HOME": str(self.folder), "NO_COLOR": "1", **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, tasks: str, *more: str, **environment: str) -> tuple[int, str]:
        """Run these tasks to the end; return the exit code and what was printed."""
        running = self.start(tasks, *more, **environment)
        printed, _ = running.communicate(timeout=60)
        return running.returncode, printed


@pytest.fixture
def controller(ssh_server, tmp_path):
    """Give a controller whose hosts nobody harms."""
    return Controller(tmp_path, ssh_server)


@pytest.fixture
def harmful(start_server, tmp_path):
    """Give a controller with a server of its own."""
    return Controller(tmp_path, start_server(hosts=2))


def read_until(running, pattern):
    """Read lines until one has a pattern; return the match."""
    for line in running.stdout:
        found = re.search(pattern, line)
        if found:
            return found
    raise AssertionError(pattern)


def wait_for(path):
    """Return when a file is there: what makes it has begun."""
    end = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.slow
def test_a_run_reaches_all_hosts(controller):
    """Commands, files there and back, facts of another host, a job."""
    code, printed = controller.run(
        "    - {name: out, command: echo hi, register: r}\n"
        "    - {copy: {content: text, dest: '{{ there }}'}, vars: &v {there: ~/a}}\n"
        "    - {fetch: {src: ~/a, dest: got/}, vars: *v}\n"
        "    - {name: job, command: sleep 0.2, async: 10, poll: 5}\n"
        "    - {raw: echo raw}\n"
        "    - {assert: {that: [r.stdout == 'hi', hostvars.web2.r.rc == 0]}}\n"
    )
    assert code == 0, printed
    assert printed.count("ok=6 ") == 2
    assert len(list((controller.folder / "got").rglob("a"))) == 2


@pytest.mark.slow
def test_a_host_that_refuses_is_named_with_the_cause_and_spares_the_others(harmful):
    """The exit code is 4; the rest of the play goes on."""
    text = (harmful.folder / "hosts").read_text().splitlines()
    text[0] = text[0].replace(f'ansible_port="{harmful.server.port}"', 'ansible_port="1"')
    (harmful.folder / "hosts").write_text("\n".join(text) + "\n")
    code, printed = harmful.run("    - {command: echo hi}\n    - {command: echo on}\n")
    assert code == 4
    assert f"cannot connect to {harmful.server.hosts[0]} port 1: " in printed
    assert re.search(r"^fatal: \[web1\]: UNREACHABLE!", printed, re.MULTILINE)
    assert re.search(r"^web2 .*ok=2 ", printed, re.MULTILINE)


@pytest.mark.slow
def test_a_job_outlives_its_server_and_its_connection(harmful):
    """Sshd is killed and started again; the console says what happens, the result comes."""
    started = harmful.folder / "started"
    running = harmful.start(
        f"    - {{name: long, shell: touch {started}; sleep 3; echo done, async: 60, poll: 30,"
        " register: r}\n"
        "    - {debug: {var: r.stdout}}\n",
        *("-l", "web1", "--events", "run.jsonl"),
    )
    wait_for(started)
    harmful.server.restart()
    printed, _ = running.communicate(timeout=40)
    assert running.returncode == 0, printed
    assert "connection lost, job" in printed
    assert "continues, re-attaching" in printed
    assert "re-attached to job" in printed
    assert '"r.stdout": "done"' in printed
    lines = (harmful.folder / "run.jsonl").read_text().splitlines()
    kinds = [json.loads(line)["event"] for line in lines]
    assert kinds.index("connection_lost") < kinds.index("connection_restored")


@pytest.mark.slow
def test_the_job_of_a_killed_controller_is_found_by_the_next_run(harmful):
    """SIGKILL leaves it no time for anything; the job does not care."""
    running = harmful.start(
        "    - {shell: sleep 3; echo done, async: 60, poll: 0, register: job}\n"
        "    - {debug: {msg: 'jid={{ job.ansible_job_id }}'}}\n"
        "    - {command: sleep 30}\n",
        "-l",
        "web1",
    )
    jid = read_until(running, r"jid=(j[\d.]+)")[1]
    running.send_signal(signal.SIGKILL)
    running.communicate()
    code, printed = harmful.run(
        f"    - {{async_status: {{jid: {jid}}}, register: r, until: r is finished,"
        " retries: 10, delay: 2}\n"
        "    - {debug: {var: r.stdout}}\n",
        "-l",
        "web1",
    )
    assert code == 0, printed
    assert '"r.stdout": "done"' in printed


@pytest.mark.slow
def test_a_cut_in_the_middle_of_a_task_is_told(harmful):
    """The host is unreachable, and the reason is the connection."""
    started = harmful.folder / "started"
    running = harmful.start(f"    - {{shell: touch {started}; sleep 30}}\n", "-l", "web1")
    wait_for(started)
    harmful.server.kill_connections()
    printed, _ = running.communicate(timeout=20)
    assert running.returncode == 4, printed
    assert "[web1]: UNREACHABLE!" in printed
    assert "the connection was lost" in printed


@pytest.mark.slow
@pytest.mark.parametrize("way", ["environment", "file", "variable"])
def test_keys_need_not_be_known_where_it_is_said(controller, way):
    """By ANSIBLE_HOST_KEY_CHECKING, ansible.cfg or a variable; without, the run says what to do."""
    hosts = (controller.folder / "hosts").read_text()
    hosts = re.sub(r'ansible_ssh_common_args="[^"]*"', "", hosts)
    (controller.folder / "hosts").write_text(hosts)
    tasks = "    - {command: echo hi}\n"
    code, printed = controller.run(tasks)
    assert code == 4
    assert ">> " in printed
    more, environment = [], {}
    if way == "environment":
        environment = {"ANSIBLE_HOST_KEY_CHECKING": "False"}
    elif way == "file":
        (controller.folder / "ansible.cfg").write_text("[defaults]\nhost_key_checking = False\n")
    else:
        more = ["-e", "ansible_host_key_checking=false"]
    code, printed = controller.run(tasks, *more, **environment)
    assert code == 0, printed


@pytest.mark.slow
def test_a_password_is_shown_nowhere(start_server, tmp_path):
    """Neither at the highest verbosity nor in the events; a file gives it."""
    server = start_server(password="a test's password")
    controller = Controller(tmp_path, server)
    hosts = re.sub(r'ansible_ssh_private_key_file="[^"]*"', "", (tmp_path / "hosts").read_text())
    (tmp_path / "hosts").write_text(hosts)
    (tmp_path / "password").write_text(f"{server.setup.password}\n")
    code, printed = controller.run(
        f'    - {{command: echo "{server.setup.password}"}}\n',
        *("-l", "web1", "-vvvv", "--events", "run.jsonl"),
        *("--connection-password-file", "password"),
    )
    assert code == 0, printed
    shown = printed.replace(f'echo "{server.setup.password}"', "")
    assert server.setup.password not in shown
    assert server.setup.password not in (tmp_path / "run.jsonl").read_text()


@pytest.mark.slow
def test_two_runs_at_once_do_not_disturb_each_other(controller):
    """Each has its own connections."""
    tasks = "    - {command: sleep 0.3}\n    - {command: echo hi}\n"
    running = [controller.start(tasks), controller.start(tasks)]
    for one in running:
        printed, _ = one.communicate(timeout=30)
        assert one.returncode == 0, printed
