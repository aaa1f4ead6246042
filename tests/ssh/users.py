"""Users of this machine that live as long as a run of the tests; only root can make them.

Their names end in the id of the run's process, so that two runs do not meet, and the next run
removes what a killed one has left behind.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import pytest

PASSWORD = "a test's password"
# The same on every machine: `openssl passwd -5` of the password.
_HASH = "$5$understudy$eHRanSfLPy6jqUVBJ.2LPIHrhEyIaGSmunGQYNAhHs."
_SUDOERS = Path("/etc/sudoers.d")
_DOAS = Path("/etc/doas.conf")
_OURS = re.compile(r"usd-[a-z]+-(\d+)$|understudy-(\d+)$")


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of user: the login shell, a file in the home, and the rights to become others."""

    shell: str = "sh"
    start_file: str | None = None
    start_text: str = ""
    sudo: str | None = None
    doas: str | None = None


KINDS = {
    "plain": Kind(),
    "fish": Kind("fish"),
    "csh": Kind("tcsh"),
    "noisy": Kind("bash", ".bashrc", "echo 'Welcome, stranger!'\necho 'Behave.' >&2\n"),
    "nopass": Kind(sudo="NOPASSWD: ALL", doas="permit nopass"),
    "sudo": Kind(sudo="ALL", doas="permit"),
}


@dataclass(frozen=True, slots=True)
class User:
    """A user who was made, as whom one can log in."""

    name: str
    password: str
    home: Path


def missing() -> str | None:
    """Return why no users can be made here, or None."""
    if os.geteuid() != 0:
        return "needs root to make users"
    return None if shutil.which("useradd") else "needs useradd"


@dataclass(slots=True)
class Users:
    """The users that one run of the tests has made. At its end they are removed."""

    made: dict[str, User] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self.clear_left_behind()
        return self

    def __exit__(self, *_: object) -> None:
        with _alone():
            _remove(os.getpid())

    def clear_left_behind(self) -> None:
        """Remove what runs that were killed have left."""
        with _alone():
            for owner in _left_behind():
                _remove(owner)

    def make(self, kind: str) -> User:
        """Return the user of this kind, who is made at the first call."""
        if kind not in self.made:
            with _alone():
                self.made[kind] = _make(f"usd-{kind}-{os.getpid()}", KINDS[kind])
        return self.made[kind]


@contextmanager
def _alone() -> Iterator[None]:
    """Keep other runs from changing users at the same time."""
    with Path(tempfile.gettempdir(), "understudy-users.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(name: str, kind: Kind) -> User:
    shell = shutil.which(kind.shell, path="/usr/bin:/bin")
    if shell is None:
        pytest.skip(f"needs {kind.shell}")
    subprocess.run(["useradd", "-m", "-l", "-s", shell, "-p", _HASH, name], check=True)
    home = Path(pwd.getpwnam(name).pw_dir)
    if kind.start_file is not None:
        (home / kind.start_file).write_text(kind.start_text)
    if kind.sudo is not None:
        _allow_sudo(f"{name} ALL=(ALL:ALL) {kind.sudo}\n")
    if kind.doas is not None:
        _allow_doas(f"{kind.doas} {name} # understudy-{os.getpid()}\n")
    return User(name, PASSWORD, home)


def _allow_sudo(line: str) -> None:
    path = _SUDOERS / f"understudy-{os.getpid()}"
    text = path.read_text() if path.exists() else ""
    with _replaced(path) as new:
        new.write_text(text + line)


def _allow_doas(line: str) -> None:
    text = _DOAS.read_text() if _DOAS.exists() else ""
    with _replaced(_DOAS) as new:
        new.write_text(text + line)


@contextmanager
def _replaced(path: Path) -> Iterator[Path]:
    """Give a file to be written that takes the place of another in one step, with its mode."""
    new = path.with_name(f"{path.name}.new")
    yield new
    new.chmod(path.stat().st_mode if path.exists() else 0o440)
    new.rename(path)


def _left_behind() -> set[int]:
    """Return the runs that are gone and have users, sudoers or lines in doas.conf left."""
    names = [user.pw_name for user in pwd.getpwall()]
    names += [path.name for path in _SUDOERS.glob("understudy-*")]
    names += _DOAS.read_text().splitlines() if _DOAS.exists() else []
    found = [match for name in names if (match := _OURS.search(name))]
    owners = {int(match[1] or match[2]) for match in found}
    return {owner for owner in owners if not Path(f"/proc/{owner}").exists()}


def _remove(owner: int) -> None:
    """Remove everything that one run has made."""
    (_SUDOERS / f"understudy-{owner}").unlink(missing_ok=True)
    _remove_doas(owner)
    for user in pwd.getpwall():
        if re.fullmatch(rf"usd-[a-z]+-{owner}", user.pw_name):
            _end_processes(user.pw_uid)
            subprocess.run(["userdel", "-r", "-f", user.pw_name], capture_output=True, check=False)


def _remove_doas(owner: int) -> None:
    if not _DOAS.exists():
        return
    lines = _DOAS.read_text().splitlines(keepends=True)
    kept = [line for line in lines if not line.endswith(f" # understudy-{owner}\n")]
    if not kept:
        _DOAS.unlink()
    elif kept != lines:
        with _replaced(_DOAS) as new:
            new.write_text("".join(kept))


def _end_processes(uid: int) -> None:
    """Kill what still runs as a user who is about to go."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if entry.stat().st_uid == uid:
                os.kill(int(entry.name), 9)
        except (FileNotFoundError, ProcessLookupError):
            continue
