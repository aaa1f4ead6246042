"""A user's mistake gives one clear message and its exit code, never a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.mistakes import COMMAND, MISTAKES, PLAY, answer, ask, lay_out


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a playbook."""
    return lay_out(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("what", MISTAKES)
def test_a_mistake_is_told(what: str) -> None:
    """The message says what is wrong, the exit code what kind of end it is."""
    _, code, text = MISTAKES[what]
    given, printed = answer(what)
    assert text in printed
    assert given == code


@pytest.mark.slow
def test_a_job_file_that_cannot_be_written_fails_the_launch(folder: Path) -> None:
    """The job is not started, and the reason is told."""
    (folder / "job.yml").write_text(PLAY.format("{command: 'true', async: 9, poll: 0}"), "utf-8")
    place = str(folder / "play.yml" / "jobs")
    code, printed = ask(
        folder, "run", "-i", "localhost,", "-c", "local", "job.yml", ANSIBLE_ASYNC_DIR=place
    )
    assert code == 2
    assert "could not create directory" in printed


def started(folder: Path, task: str) -> subprocess.Popen[str]:
    """Start a playbook of one task, and return when the task runs."""
    (folder / "long.yml").write_text(PLAY.format(task), "utf-8")
    words = [*COMMAND, "run", "-i", "localhost,", "-c", "local", "long.yml"]
    running = subprocess.Popen(
        words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    until(lambda: (folder / "pid").exists() and (folder / "pid").read_text().strip() != "")
    return running


def until(holds: object, seconds: float = 10.0) -> None:
    """Wait until something holds; fail if it never does."""
    end = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """Tell whether a process runs."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.mark.slow
def test_an_interrupt_kills_what_runs_and_says_so(folder: Path) -> None:
    """Ctrl-C ends with 99, the recap and the reason; the command is gone."""
    running = started(folder, "shell: echo $$ > pid; sleep 60")
    running.send_signal(signal.SIGINT)
    printed, _ = running.communicate(timeout=20)
    assert running.returncode == 99
    assert "interrupted" in printed
    assert "Traceback" not in printed
    until(lambda: not alive(int((folder / "pid").read_text())))


@pytest.mark.slow
def test_an_agent_that_is_killed_makes_its_host_unreachable(folder: Path) -> None:
    """The host is lost with a reason, and the command dies with its agent."""
    running = started(folder, "shell: echo $$ > pid; sleep 60")
    (agent,) = (
        pid
        for pid in (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())
        if _parent(pid) == running.pid
    )
    os.kill(agent, signal.SIGKILL)
    printed, _ = running.communicate(timeout=20)
    assert running.returncode == 4
    assert "UNREACHABLE" in printed
    assert "Traceback" not in printed
    until(lambda: not alive(int((folder / "pid").read_text())))


def _parent(pid: int) -> int | None:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return None
