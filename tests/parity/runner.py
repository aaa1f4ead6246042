"""Runs one case with one command, in a fresh copy of its folder and a clean environment."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path

from tests.mariadb import Server
from tests.parity.case import Case
from tests.parity.console import read_console
from tests.parity.forking import ForkServer
from tests.parity.shapes import Run
from tests.sandbox import Sandbox

TIMEOUT_S = 90
OURS = (sys.executable, "-m", "understudy", "run", "--classic-output", "--strict-polling")


class RunFailedError(Exception):
    """The command gave no readable result: it timed out, crashed or printed no JSON."""


def run_case(case: Case, command: Sequence[str], forks: ForkServer | None = None) -> Run:
    """Run the case and read its console; raise RunFailedError with the output if unreadable.

    With `forks` the command is our own, and is not started anew where it needs no sandbox.
    """
    with tempfile.TemporaryDirectory(prefix="parity-", ignore_cleanup_errors=True) as folder:
        root = Path(folder).resolve()
        work = _lay_out(case, root)
        words = [*command, "-v", "-i", "inventory", *case.args, "playbook.yml"]
        sandboxed = Sandbox(root, boots=case.boots) if case.in_sandbox else nullcontext()
        served = Server(work) if "mysql" in case.needs else nullcontext()
        with sandboxed as sandbox, served:
            run = sandbox.words(words, work) if sandbox else words
            env = _environment(case, root / "home")
            if forks and not sandbox:
                exit_code, stdout, stderr = _forked(forks, words[len(OURS[:3]) :], work, env)
            else:
                exit_code, stdout, stderr = _run(run, work, env)
        text = stdout.replace(str(work), "<case>").replace(str(root / "home"), "<home>")
    try:
        return read_console(text, exit_code)
    except ValueError as error:
        raise RunFailedError(f"{case.slug}: {error}\n{stdout}\n{stderr}") from error


def run_cases(
    cases: Sequence[Case], command: Sequence[str], jobs: int, forks: ForkServer | None = None
) -> list[Run | str]:
    """Run several cases at once; a case that could not be run gives the reason as text."""

    def attempt(case: Case) -> Run | str:
        try:
            return run_case(case, command, forks)
        except (RunFailedError, OSError) as error:
            return str(error)

    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(attempt, cases))


def _lay_out(case: Case, root: Path) -> Path:
    work = root / "case"
    shutil.copytree(case.folder, work)
    if case.inventory:
        shutil.copyfile(case.inventory, work / "inventory")
    (root / "home").mkdir()
    return work


def _environment(case: Case, home: Path) -> dict[str, str]:
    """Return a clean environment; an absolute job folder, because HOME is not the passwd entry."""
    values = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_LOCALHOST_WARNING": "False",
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "json",
        "ANSIBLE_ASYNC_DIR": str(home / ".ansible_async"),
    }
    if "PYTHONPATH" in os.environ:
        values["PYTHONPATH"] = os.environ["PYTHONPATH"]  # a changed copy of the engine
    changes = dict(case.env)
    values.update({name: value for name, value in changes.items() if value is not None})
    return {name: value for name, value in values.items() if changes.get(name, "") is not None}


def _forked(
    forks: ForkServer, words: list[str], folder: Path, env: dict[str, str]
) -> tuple[int, str, str]:
    try:
        return forks.run(words, folder, env, TIMEOUT_S)
    except TimeoutError as error:
        raise RunFailedError(f"no end after {TIMEOUT_S} s: {' '.join(words)}") from error


def _run(words: list[str], folder: Path, env: dict[str, str]) -> tuple[int, str, str]:
    with subprocess.Popen(
        words,
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="backslashreplace",
        umask=0o022,
        start_new_session=True,
    ) as process:
        try:
            stdout, stderr = process.communicate(timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired as error:
            os.killpg(process.pid, signal.SIGKILL)
            raise RunFailedError(f"no end after {TIMEOUT_S} s: {' '.join(words)}") from error
    return process.returncode, stdout, stderr
