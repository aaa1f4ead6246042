"""Mistakes on the command line and at run time: what is typed, the exit code, what must be told."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

COMMAND = (sys.executable, "-m", "understudy")
PLAY = "- hosts: all\n  gather_facts: false\n  tasks:\n    - {}\n"


def lay_out(folder: Path) -> Path:
    """Put the files into a folder that the mistakes are made with."""
    (folder / "play.yml").write_text(PLAY.format("ping:"), "utf-8")
    (folder / "none.yml").write_text(PLAY.format("ping:").replace("all", "nobody"), "utf-8")
    (folder / "bad.ini").write_text("[web\nhost\n", "utf-8")
    return folder


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


MISTAKES = {
    "no such playbook": (("run", "nope.yml"), 4, "there is no file `nope.yml`"),
    "no such file to check": (("check", "nope.yml"), 3, "there is no file `nope.yml`"),
    "no such inventory": (("run", "-i", "nope", "play.yml"), 0, "there is no inventory `nope`"),
    "broken inventory": (("run", "-i", "bad.ini", "play.yml"), 0, "bad.ini:1:"),
    "a limit that leaves nothing": (
        ("run", "-i", "localhost,", "-l", "zzz", "play.yml"),
        1,
        "`--limit zzz` leaves no host",
    ),
    "extra variables": (("run", "-e", "foo", "play.yml"), 4, "`-e foo` is neither"),
    "an unknown option": (("run", "--nope", "play.yml"), 2, "unrecognized arguments: --nope"),
    "an unknown command": (("rnu", "play.yml"), 1, "did you mean `understudy run`"),
    "no command": (("play.yml",), 1, "did you mean `understudy run play.yml`"),
    "a check of nothing": (("check", "nope.yml"), 3, "there is no file `nope.yml`"),
    "a vault password that is not there": (
        ("run", "--vault-password-file", "nope", "play.yml"),
        1,
        "no vault password can be read from `nope`: there is no such file",
    ),
    "an option of scp": (
        ("run", "--scp-extra-args=-l 100", "-i", "other,", "none.yml"),
        0,
        "warning: `--scp-extra-args` has no meaning",
    ),
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
        (
            *("run", "-i", "localhost,", "-c", "local"),
            *("-e", "ansible_python_interpreter=/no/python", "play.yml"),
        ),
        2,
        "The module interpreter '/no/python' was not found.",
    ),
    "a connection that is not there": (
        ("run", "-i", "web1,", "-c", "docker", "play.yml"),
        4,
        "the connection `docker` is not supported yet; there is `local`, `ssh`",
    ),
}


@cache
def answer(what: str) -> tuple[int, str]:
    """Make one of the mistakes, once; return the exit code and what is told."""
    with tempfile.TemporaryDirectory() as folder:
        return ask(lay_out(Path(folder)), *MISTAKES[what][0])
