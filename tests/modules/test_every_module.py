"""What holds for every module of a target: jobs, check mode, second runs, and all that may lack."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.modules.every import CALLS, PREPARE, WRITING, Told, play
from tests.sandbox import Sandbox
from understudy.playbook.arguments import load_schema
from understudy.resources import MODULES

pytestmark = [pytest.mark.root, pytest.mark.slow]
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", "HOME=/tmp")
BROKEN = re.compile(r"Module failed|Traceback|without returning a result|\[Errno 2\]")
PLACES = ("/srv/of", "/etc/cron.d", "/etc/apt/sources.list.d", "/etc/yum.repos.d")
OLD = "old\n" * 2000
OF_PROGRAMS = ("root/.cache", "root/.rpmdb", "var/cache", "var/lib/rpm", "var/log")
"""Where programs, not modules, keep what they have read."""
AGAIN = frozenset({"tempfile", "script"})
"""They change something each time."""


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Sandbox]:
    """Give a copy of this machine with what the calls need."""
    tmp_path.chmod(0o755)
    with Sandbox(tmp_path) as one:
        one.run(PREPARE)
        yield one


@pytest.fixture
def python(machine: Sandbox, tmp_path: Path) -> Path:
    """Give the Python that an agent in the copy is started with."""
    return machine.interpreter(Path(sys.executable), tmp_path)


def _as(machine: Sandbox, folder: Path, *words: str) -> Path:
    """Return a program that starts an agent in the copy in another way."""
    program = folder / "other-python"
    program.write_text(f'#!/bin/sh\nexec {shlex.join(machine.words(words))} "$@"\n')
    program.chmod(0o755)
    return program


def _broken(told: dict[str, Told]) -> dict[str, str]:
    said = {name: str(one.result.get("msg", "")) for name, one in told.items()}
    nameless = {n: "no msg" for n, one in told.items() if one.status == "failed" and not said[n]}
    return nameless | {name: msg for name, msg in said.items() if BROKEN.search(msg)}


def _supports(what: str, value: Any) -> set[str]:
    schemas = {name: load_schema(name) for name in CALLS}
    return {name for name, one in schemas.items() if one and getattr(one.supports, what) == value}


def test_every_module_is_called() -> None:
    """A new module has a line in the table."""
    modules = {path.stem for path in MODULES.glob("*.py")} - {"async_status", "user_module"}
    assert modules <= CALLS.keys()


@pytest.mark.parametrize("poll", [0, 1])
def test_every_module_runs_as_a_job(
    machine: Sandbox, tmp_path: Path, python: Path, poll: int
) -> None:
    """Its result, or its failure, is what comes of it; one that is not waited for can be asked."""
    told = play(tmp_path, python, **{"async": 120, "poll": poll})
    assert machine.root.exists()
    assert {name for name, one in told.items() if one.is_job} == _supports("detached", True)
    assert all("ansible_job_id" in one.result for one in told.values())
    assert all(one.result["finished"] for one in told.values())
    assert _broken(told) == {}


def _tree(machine: Sandbox) -> set[str]:
    """Return what was changed in the copy; of directories only those of the calls."""
    found = machine.changes("!", "-type", "d", "-printf", "%P %y %m %U %G %s %T@ %l\\n")
    found += machine.changes("-type", "d", "-path", "*/srv/*", "-printf", "%P %m %U %G\\n")
    kept = re.compile("|".join(("__pycache__", *map("^{}".format, OF_PROGRAMS))))
    return {line for line in found.splitlines() if not kept.search(line)}


def test_check_mode_changes_nothing(machine: Sandbox, tmp_path: Path, python: Path) -> None:
    """Not one file is another one; what cannot tell is skipped."""
    before = _tree(machine)
    told = play(tmp_path, python, "--check", "--diff")
    assert _tree(machine) == before
    skipped = {name for name, one in told.items() if one.status == "skipped"}
    assert skipped == _supports("check_mode", "none") | {"script"}
    assert _broken(told) == {}


def test_a_second_run_changes_nothing(machine: Sandbox, tmp_path: Path, python: Path) -> None:
    """What check mode foretells happens, and then it is done."""
    foretold = play(tmp_path, python, "--check")
    done = play(tmp_path, python)
    again = play(tmp_path, python)
    assert machine.root.exists()
    changed = {name for name, one in done.items() if one.status == "changed"}
    assert changed > {"copy", "cron", "git", "user", "unarchive"}
    silent = {name for name, one in foretold.items() if one.status == "skipped"}
    wrong = {name for name in changed - silent if foretold[name].status != "changed"}
    assert wrong == set()
    assert {name for name, one in again.items() if one.status == "changed"} <= AGAIN
    assert _broken(done) == _broken(again) == {}


def test_a_program_that_is_not_there_is_named(
    machine: Sandbox, tmp_path: Path, python: Path
) -> None:
    """Without a PATH, a module that needs a program tells which."""
    machine.run(["mount", "-t", "tmpfs", "tmpfs", "/usr/sbin"])
    told = play(tmp_path, python, environment={"PATH": "/nowhere"})
    assert _broken(told) == {}
    lacks = re.compile(r'Failed to find required executable "(\S+)"')
    found = {n: lacks.match(str(one.result.get("msg", ""))) for n, one in told.items()}
    named = {name: match.group(1) for name, match in found.items() if match}
    assert named.keys() >= PROGRAMS, named


PROGRAMS = frozenset(
    "apt apt_key cron debconf dnf dpkg_selections getent git iptables known_hosts package pip"
    " rpm_key subversion systemd systemd_service yum".split()
)


def test_who_has_no_rights_is_told(machine: Sandbox, tmp_path: Path) -> None:
    """What an ordinary user may not do fails with a word about it."""
    python = _as(machine, tmp_path, *NOBODY, "/usr/bin/python3")
    told = play(tmp_path, python)
    assert _broken(told) == {}
    changed = {name for name, one in told.items() if one.status == "changed"}
    assert changed <= {"cron"}
    assert machine.run(["sh", "-c", "cat /srv/of/* | sort -u"]) == "old\n"


@pytest.mark.parametrize("trouble", ["full", "read-only", "killed"])
def test_the_old_file_stays_whole(machine: Sandbox, tmp_path: Path, trouble: str) -> None:
    """Where nothing can be written, and if a module is killed when it puts its file in place."""
    for place in PLACES:
        _prepare_place(machine, place, trouble)
    python = machine.interpreter(Path(sys.executable), tmp_path)
    if trouble == "killed":
        (tmp_path / "killed.py").write_text(_KILLED)
        python = _as(machine, tmp_path, sys.executable, f"{tmp_path}/killed.py")
    before = {place: _files(machine.root / place.lstrip("/")) for place in PLACES}
    told = play(tmp_path, python)
    after = {place: _files(machine.root / place.lstrip("/")) for place in PLACES}
    for place in PLACES:
        beside = after[place].keys() - before[place].keys()
        if trouble != "killed":
            assert beside == set()
        assert {name: after[place][name] for name in before[place]} == before[place]
    writers = {*WRITING, "apt_repository", "deb822_repository", "yum_repository"} - _READ
    assert {name for name in writers if told[name].status != "failed"} == set()
    if trouble == "killed":
        killed = {
            n for n, one in told.items() if "killed by signal 9" in str(one.result.get("msg"))
        }
        assert killed >= writers - {"mysql_db", "uri"}
    else:
        assert _broken(told) == {}


_READ = {"slurp", "stat", "wait_for"}
_KILLED = """\
import os, sys
rename = os.rename
def killed(source, dest):
    if os.fsdecode(dest).startswith(("/srv/", "/etc/")):
        os.kill(os.getpid(), 9)
    rename(source, dest)
os.rename = os.replace = killed
sys.argv[:] = sys.argv[sys.argv.index("-c"):]
exec(sys.argv.pop(1))
"""


def _prepare_place(machine: Sandbox, place: str, trouble: str) -> None:
    """Let a directory have old files, and no room for another."""
    if trouble != "killed":
        machine.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", place])
    folder = machine.root / place.lstrip("/")
    for name in WRITING if place == "/srv/of" else ("a.list", "a", "f"):
        (folder / name).write_text(OLD)
    if trouble == "full":
        machine.run(["sh", "-c", f"head -c 400000 /dev/zero > {place}/fill 2> /dev/null || :"])
    if trouble == "read-only":
        machine.run(["mount", "-o", "remount,ro", place])


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
