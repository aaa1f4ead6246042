"""What cannot be written fails with a word about why; what was there stays whole, and alone."""

import functools
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.modules.runner import Host, harvest, plant
from tests.sandbox import Sandbox

pytestmark = [pytest.mark.root, pytest.mark.slow]

WRITING: list[tuple[str, dict[str, Any]]] = [
    ("copy", {"src": "{w}/source", "dest": "{p}/x"}),
    ("copy", {"src": "{w}/tree/", "dest": "{p}/d"}),
    ("assemble", {"src": "{w}/tree", "dest": "{p}/x"}),
    ("lineinfile", {"path": "{p}/x", "line": "l"}),
    ("blockinfile", {"path": "{p}/x", "block": "b"}),
    ("replace", {"path": "{p}/x", "regexp": "x", "replace": "y"}),
]
"""`{p}` is the directory in which nothing more can be written."""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Give the files that are to be written, all larger than the full place has room for."""
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "1").write_bytes(b"n" * 300_000)
    (tmp_path / "source").write_bytes(b"n" * 300_000)
    return tmp_path


def _attempts(inside: Host, folder: Path, place: str) -> list[dict[str, Any]]:
    results = []
    for module, args in WRITING:
        filled = {
            key: value.replace("{w}", str(folder)).replace("{p}", place)
            for key, value in args.items()
        }
        results.append(
            inside.run(module, {"remote_src": True, **filled} if "src" in args else filled)
        )
    return results


@pytest.mark.parametrize(
    ("options", "then", "why"),
    [
        ("size=200k", "", "No space left on device"),
        ("size=1m", "ro", "Read-only file system|not writable"),
    ],
)
def test_a_place_that_takes_no_more(
    inside: Host, sandbox: Sandbox, folder: Path, options: str, then: str, why: str
) -> None:
    """On a full or a read-only file system every module fails, and the old file is as it was."""
    old = "x" * 150_000
    commands = (
        f"mkdir /place && mount -t tmpfs -o {options} tmpfs /place"
        f" && head -c 150000 /dev/zero | tr '\\0' x > /place/x"
    )
    if then:
        commands += f" && mount -o remount,{then} /place"
    sandbox.run(["sh", "-c", commands])
    for result, (module, _) in zip(_attempts(inside, folder, "/place"), WRITING, strict=True):
        assert result["failed"], (module, result)
        assert re.search(why, result["msg"]), (module, result)
    assert sandbox.run(["cat", "/place/x"]) == old
    assert sandbox.run(["find", "/place", "-type", "f"]).split() == ["/place/x"]


def test_a_file_that_nobody_may_change(inside: Host, sandbox: Sandbox) -> None:
    """A file that is itself a mount is replaced only where writing in place is allowed."""
    sandbox.run(["sh", "-c", "mkdir /p; echo x > /p/x; echo x > /p/y; mount --bind /p/y /p/x"])
    args = {"path": "/p/x", "line": "l"}
    refused = inside.run("lineinfile", args)
    assert (refused["failed"], "busy" in refused["msg"]) == (True, True)
    assert inside.run("lineinfile", {**args, "unsafe_writes": True})["changed"]
    assert sandbox.run(["cat", "/p/y"]) == "x\nl\n"
    assert sorted(sandbox.run(["ls", "-A", "/p"]).split()) == ["x", "y"]


@pytest.fixture
def nobody(tmp_path: Path) -> Iterator[Path]:
    """Run modules as a user who may look at everything here but what is closed; give the folder."""
    tree = {"open": "dir 755", "open/x": "file 644 x\n", "closed": "dir 700"}
    plant(tmp_path, tree)
    above = [path for path in (tmp_path, *tmp_path.parents) if path.stat().st_mode & 5 != 5]
    modes = [path.stat().st_mode for path in above]
    for path in above:
        path.chmod(0o755)
    os.seteuid(65534)
    yield tmp_path
    os.seteuid(0)
    for path, mode in zip(above, modes, strict=True):
        path.chmod(mode)
    assert {name: what for name, what in harvest(tmp_path).items() if name in tree} == tree


@pytest.mark.parametrize(
    ("module", "args"),
    [
        ("lineinfile", {"line": "l"}),
        ("blockinfile", {"block": "b"}),
        ("replace", {"regexp": "x", "replace": "y"}),
    ],
)
def test_a_directory_of_somebody_else(
    here: Host,
    nobody: Path,
    monkeypatch: pytest.MonkeyPatch,
    module: str,
    args: dict[str, str],
) -> None:
    """It is named: the file's own permissions are not what is wrong."""
    monkeypatch.setattr(os, "access", functools.partial(os.access, effective_ids=True))
    result = here.run(module, {"path": f"{nobody}/open/x", **args})
    msg = f"The destination directory '{nobody}/open' is not writable by the current user"
    assert (result["failed"], result["msg"]) == (True, msg)


def test_a_command_cannot_run_in_a_closed_directory(
    here: Host, nobody: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says that the directory is at fault, not the program."""
    monkeypatch.setattr(os, "access", functools.partial(os.access, effective_ids=True))
    result = here.run("command", {"cmd": "pwd", "chdir": f"{nobody}/closed"})
    assert (result["rc"], result["msg"]) == (None, "Unable to change directory before execution.")
