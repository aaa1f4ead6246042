"""How a check ends, by what it finds and what it is asked for; and that it ends well."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from understudy.cli.main import main

TASK = "- hosts: all\n  tasks:\n    - ansible.builtin.command: x\n"
PROJECT = {
    "clean.yml": TASK,
    "info.yml": TASK + "      register: never_read\n",
    "warning.yml": "- hosts: all\n  tasks:\n    - ping:\n      when: a\n      when: a\n",
    "error.yml": "- hosts: all\n  tasks:\n    - nomodule:\n",
    "broken.yml": "- hosts: all\n  tasks: [\n",
    "empty/README.md": "Read me: not\n",
}
UNREADABLE = ("nowhere.yml", "latin.yml")
NOTHING = ("empty", "empty/README.md")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a file for each way in which a check may end; it is the working one."""
    (tmp_path / "empty").mkdir()
    for name, text in PROJECT.items():
        (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "latin.yml").write_bytes(b"- hosts: caf\xe9\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def code(*words: str) -> int:
    """Return the exit code of a check."""
    try:
        return main(["check", "--no-cache", *words])
    except SystemExit as end:
        return int(end.code or 0)


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("clean.yml", (0, 0, 0, 0)),
        ("info.yml", (0, 0, 2, 0)),
        ("warning.yml", (0, 2, 2, 0)),
        ("error.yml", (2, 2, 2, 0)),
        ("broken.yml", (2, 2, 2, 0)),
        *((name, (3, 3, 3, 3)) for name in (*UNREADABLE, *NOTHING)),
    ],
)
def test_the_exit_code_follows_the_worst(name: str, codes: tuple[int, ...]) -> None:
    """What could not be checked wins over findings, and findings count from `--fail-on` on."""
    levels = ("error", "warning", "info", "never")
    assert tuple(code(name, "--fail-on", level) for level in levels) == codes
    beside = tuple(code(name, "error.yml", "--fail-on", level) for level in levels)
    assert beside == ((3, 3, 3, 3) if name in UNREADABLE else (2, 2, 2, 0))


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("form", ["human", "line", "json", "jsonl", "sarif", "junit", "gitlab"])
@pytest.mark.parametrize(
    ("name", "expected"), [("clean.yml", 0), ("error.yml", 2), ("nowhere.yml", 3)]
)
def test_no_form_changes_the_exit_code(form: str, name: str, expected: int) -> None:
    """On standard output, into a file, or both."""
    assert code(name, "--format", form) == expected
    assert code(name, "--format", f"{form}=out", "--format", "line") == expected


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["warning.yml", "--diff"], 2),
        (["warning.yml", "--fix"], 0),
        (["warning.yml", "--fix", "--exit-on-fix"], 2),
        (["clean.yml", "--fix", "--exit-on-fix"], 0),
        (["warning.yml", "nowhere.yml", "--fix", "--exit-on-fix"], 3),
        (["warning.yml", "--fix", "--fail-on", "never"], 0),
        (["warning.yml", "--write-baseline", "known"], 0),
        (["warning.yml", "nowhere.yml", "--write-baseline", "known"], 3),
        (["error.yml", "--ignore", "unknown-module"], 0),
        (["error.yml", "--severity", "unknown-module=info"], 0),
        (["nowhere.yml", "--ignore", "missing-file"], 3),
        (["."], 3),
        ([], 3),
    ],
)
def test_options_decide_the_exit_code(words: list[str], expected: int) -> None:
    """Without a path the project in the working directory is checked."""
    assert code(*words) == expected


@pytest.mark.slow
def test_an_interrupt_ends_in_silence(project: Path) -> None:
    """Ctrl-C has the exit code that shells give it, whenever it comes."""
    command = [sys.executable, "-m", "understudy", "check", "--no-cache", "-"]
    pipe = subprocess.PIPE
    # it waits for its input, which does not come
    check = subprocess.Popen(
        command,
        cwd=project,
        stdin=pipe,
        stdout=pipe,
        stderr=pipe,
        # who runs the tests in the background has it ignored, and what it starts, too
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 (no thread)
    )
    time.sleep(1)
    check.send_signal(signal.SIGINT)
    assert check.stderr is not None
    check.wait(60)
    assert check.stderr.read() == b""
    assert check.returncode == 130


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "status", "told"),
    [
        ("$CHECK error.yml > /dev/full", 1, "cannot write the standard output: no space left"),
        ("$CHECK error.yml >&-", 2, ""),
        ("$CHECK error.yml 2>&-", 2, ""),
        ("PYTHONIOENCODING=ascii $CHECK odd | cat", 2, ""),
        ("PYTHONIOENCODING=utf-8 $CHECK odd --format json | cat", 2, ""),
        ("PYTHONIOENCODING=utf-8 $CHECK odd --fix --format sarif=x", 0, ""),
    ],
)
def test_no_output_breaks_a_check(project: Path, script: str, status: int, told: str) -> None:
    """Whatever stands at its other end, and whatever names and texts there are."""
    (project / "odd").mkdir()
    text = PROJECT["warning.yml"].replace("ping:\n", "ping:  # \u2026\n")
    (project / "odd" / "b\udcff.yml").write_text(text, "utf-8")
    environ = {**os.environ, "CHECK": f"{sys.executable} -m understudy check --no-cache"}
    ran = subprocess.run(
        ["bash", "-o", "pipefail", "-c", script],
        cwd=project,
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ran.returncode, "Traceback" in ran.stderr) == (status, False)
    assert told in ran.stderr
