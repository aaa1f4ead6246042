"""A user's mistake gives one clear message and its exit code, never a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = (sys.executable, "-m", "understudy")
PLAY = "- hosts: all\n  gather_facts: false\n  tasks:\n    - {}\n"


def ask(folder: Path, *words: str, **environment: str) -> tuple[int, str]:
    """Return the exit code of understudy and what it prints, in both streams."""
    done = subprocess.run(
        [*COMMAND, *words],
        cwd=folder,
        env={**os.environ, "HOME": str(folder), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=60,
    )
    assert "Traceback" not in done.stdout
    return done.returncode, done.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a playbook."""
    (tmp_path / "play.yml").write_text(PLAY.format("ping:"), "utf-8")
    (tmp_path / "bad.ini").write_text("[web\nhost\n", "utf-8")
    return tmp_path


MISTAKES = {
    "no such playbook": (("run", "nope.yml"), 4, "there is no file `nope.yml`"),
    "no such file to check": (("check", "nope.yml"), 3, "there is no file `nope.yml`"),
    "no such inventory": (("run", "-i", "nope", "play.yml"), 4, "there is no inventory `nope`"),
    "broken inventory": (("run", "-i", "bad.ini", "play.yml"), 4, "bad.ini:1:"),
    "a limit that leaves nothing": (
        ("run", "-i", "localhost,", "-l", "zzz", "play.yml"),
        1,
        "`--limit zzz` leaves no host",
    ),
    "extra variables": (("run", "-e", "foo", "play.yml"), 4, "`-e foo` is neither"),
    "an unknown option": (("run", "--nope", "play.yml"), 2, "unrecognized arguments: --nope"),
    "an unknown command": (("rnu", "play.yml"), 1, "did you mean `understudy run`"),
    "no command": (("play.yml",), 1, "did you mean `understudy run play.yml`"),
    "no playbook": (("check",), 1, "required: PLAYBOOK"),
    "a part that is not there": (("run", "-b", "play.yml"), 5, "not supported yet"),
    "events that cannot be written": (
        ("run", "-i", "localhost,", "--events", "no/where", "play.yml"),
        1,
        "cannot write events to `no/where`",
    ),
    "a pattern that matches nothing": (
        ("run", "-i", "other,", "none.yml"),
        0,
        "Could not match supplied host pattern, ignoring: nobody",
    ),
    "no Python on the host": (
        ("run", "-i", "localhost,", "-e", "ansible_python_interpreter=/no/python", "play.yml"),
        4,
        "cannot start its Python `/no/python`",
    ),
    "a connection that is not there": (("run", "-i", "web1,", "play.yml"), 4, "`ssh` is not"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("words", "code", "text"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told(folder: Path, words: tuple[str, ...], code: int, text: str) -> None:
    """The message says what is wrong, the exit code what kind of end it is."""
    (folder / "none.yml").write_text(PLAY.format("ping:").replace("all", "nobody"), "utf-8")
    given, printed = ask(folder, *words)
    assert text in printed
    assert given == code


@pytest.mark.slow
def test_a_job_file_that_cannot_be_written_fails_the_launch(folder: Path) -> None:
    """The job is not started, and the reason is told."""
    (folder / "job.yml").write_text(PLAY.format("{command: 'true', async: 9, poll: 0}"), "utf-8")
    place = str(folder / "play.yml" / "jobs")
    code, printed = ask(folder, "run", "-i", "localhost,", "job.yml", ANSIBLE_ASYNC_DIR=place)
    assert code == 2
    assert "could not create directory" in printed


def started(folder: Path, task: str) -> subprocess.Popen[str]:
    """Start a playbook of one task, and return when the task runs."""
    (folder / "long.yml").write_text(PLAY.format(task), "utf-8")
    words = [*COMMAND, "run", "-i", "localhost,", "long.yml"]
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
