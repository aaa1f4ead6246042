"""Modules that write files, where they cannot: the old file stays whole, with nothing beside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.modules.runner import Host, harvest
from tests.sandbox import Sandbox
from understudy.connections import target_files
from understudy.connections.local import LocalConnection

LARGE = "x" * 100_000
WRITERS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "what was sent": ("copy", {"src": "/srv/sent", "_uploaded": True, "dest": "{}"}),
    "a file": ("copy", {"src": "/srv/large", "remote_src": True, "dest": "{}"}),
    "a directory": ("copy", {"src": "/srv/parts/", "remote_src": True, "dest": "/place/"}),
    "a line": ("lineinfile", {"path": "{}", "line": LARGE}),
    "a line and a backup": ("lineinfile", {"path": "{}", "line": LARGE, "backup": True}),
    "a block": ("blockinfile", {"path": "{}", "block": LARGE}),
    "a replacement": ("replace", {"path": "{}", "regexp": "old", "replace": LARGE}),
    "fragments": ("assemble", {"src": "/srv/parts", "dest": "{}"}),
}
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


@pytest.fixture
def place(sandbox: Sandbox) -> Path:
    """Return a small file system in the sandbox, with a file; sources lie elsewhere."""
    (sandbox.root / "srv/parts").mkdir(parents=True)
    for name in ("sent", "large", "parts/x"):
        (sandbox.root / "srv" / name).write_text(LARGE)
    (sandbox.root / "place").mkdir()
    sandbox.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", "/place"])
    (sandbox.root / "place/x").write_text("old")
    return sandbox.root / "place"


def names(directory: Path) -> list[str]:
    """Return what lies in a directory."""
    return sorted(path.name for path in directory.iterdir())


def writes(host: Host, dest: str = "/place/x", **more: Any) -> dict[str, dict[str, Any]]:
    """Return the results of every writer."""
    results = {}
    for name, (module, args) in WRITERS.items():
        filled = {k: v.format(dest) if isinstance(v, str) else v for k, v in args.items()}
        results[name] = host.run(module, {**filled, **more})
    return results


def as_nobody(sandbox: Sandbox, folder: Path) -> Host:
    """Return a host whose agent may not do much."""
    python = folder / "python-of-nobody"
    words = [*sandbox.words([*NOBODY, sys.executable]), '"$@"']
    python.write_text(f"#!/bin/sh\nexec {' '.join(words)}\n")
    python.chmod(0o755)
    return Host(LocalConnection(host="nobody", interpreter=str(python)))


@pytest.mark.root
@pytest.mark.slow
@pytest.mark.parametrize(
    ("commands", "why"),
    [
        ("head -c 99999 /dev/zero > /place/fill || :", "No space left on device"),
        ("mount -o remount,ro /place", "Read-only file system|not writable"),
    ],
    ids=["full", "read-only"],
)
def test_the_old_file_is_whole(
    sandbox: Sandbox, inside: Host, place: Path, commands: str, why: str
) -> None:
    """Every writer fails, says why, and leaves nothing beside."""
    sandbox.run(["sh", "-c", commands])
    before = names(place)
    for name, result in writes(inside).items():
        assert result.get("failed"), name
        assert any(word in result["msg"] for word in why.split("|")), (name, result)
        assert (place / "x").read_text() == "old", name
        assert names(place) == before, name


@pytest.mark.root
@pytest.mark.slow
def test_a_backup_that_cannot_be_made_ends_it(sandbox: Sandbox, inside: Host, place: Path) -> None:
    """Half a copy is none."""
    sandbox.run(["sh", "-c", "head -c 99999 /dev/zero > /place/fill || :"])
    (place / "x").write_text("old")
    result = inside.run("lineinfile", {"path": "/place/x", "line": "a", "backup": True})
    assert result["msg"].startswith("Could not make backup of /place/x to /place/x.")
    assert names(place) == ["fill", "x"]


@pytest.mark.root
@pytest.mark.slow
def test_who_may_not_write_changes_nothing(sandbox: Sandbox, tmp_path: Path, place: Path) -> None:
    """Every writer fails; with `unsafe_writes` and a writable file they write over it."""
    host = as_nobody(sandbox, tmp_path)
    place.chmod(0o755)
    (place / "x").chmod(0o666)
    try:
        for name, result in writes(host).items():
            assert result.get("failed"), name
            assert "ermission denied" in result["msg"] or "not writable" in result["msg"], result
            assert names(place) == ["x"], name
        args = {"path": "/place/x", "line": "new", "unsafe_writes": True}
        assert host.run("lineinfile", args)["changed"]
        (sandbox.root / "srv/small").write_text("small")
        args = {"src": "/srv/small", "dest": "/place/x", "remote_src": True, "unsafe_writes": True}
        assert host.run("copy", args)["changed"]
    finally:
        host.close()
    assert (place / "x").read_text() == "small"
    assert (place / "x").stat().st_uid == 0
    assert names(place) == ["x"]


@pytest.mark.root
@pytest.mark.slow
def test_a_mounted_file_is_written_over_on_request(
    sandbox: Sandbox, inside: Host, place: Path
) -> None:
    """A container's `/etc/hosts` is one: it cannot be replaced."""
    for name in ("sent", "large", "parts/x"):
        (sandbox.root / "srv" / name).write_text("small old")
    (sandbox.root / "under").write_text("old")
    sandbox.run(["mount", "--bind", "/under", "/place/x"])
    short = {"line": "a", "block": "a", "replace": "a"}
    for name, (module, args) in WRITERS.items():
        sent = {k: v.format("/place/x") for k, v in args.items() if isinstance(v, str)}
        given = {**args, **sent, **{k: v for k, v in short.items() if k in args}}
        (sandbox.root / "srv/sent").write_text("small old")
        refused = inside.run(module, given)
        assert "Device or resource busy" in refused["msg"], name
        assert (sandbox.root / "under").read_text() == "old", name
        if name != "a directory":
            assert inside.run(module, {**given, "unsafe_writes": True})["changed"], name
            assert (sandbox.root / "under").read_text() != "old", name
        (sandbox.root / "under").write_text("old")
    assert [name for name in names(place) if "~" not in name] == ["x"]


@pytest.mark.root
@pytest.mark.slow
def test_an_immutable_file_is_told(sandbox: Sandbox, inside: Host) -> None:
    """What was to take its place does not stay beside it."""
    (sandbox.root / "place").mkdir()
    (sandbox.root / "srv/parts").mkdir(parents=True)
    sandbox.run(["mount", "-t", "tmpfs", "tmpfs", "/place"])
    for name in ("srv/sent", "srv/large", "srv/parts/x"):
        (sandbox.root / name).write_text(LARGE)
    (sandbox.root / "place/x").write_text("old")
    if subprocess.call(sandbox.words(["chattr", "+i", "/place/x"]), stderr=subprocess.DEVNULL):
        pytest.skip("this kernel's tmpfs has no attributes")
    for name, result in writes(inside).items():
        assert "Operation not permitted" in result["msg"], name
    assert (sandbox.root / "place/x").read_text() == "old"
    assert [n for n in names(sandbox.root / "place") if "~" not in n] == ["x"]


@pytest.mark.parametrize("module", ["lineinfile", "blockinfile", "replace"])
def test_a_fifo_is_no_text(host: Host, tmp_path: Path, module: str) -> None:
    """Nobody waits for what may be written into it one day."""
    os.mkfifo(tmp_path / "x")
    args = {"replace": {"regexp": "a"}, "lineinfile": {"line": "a"}, "blockinfile": {"block": "a"}}
    result = host.run(module, {"path": f"{tmp_path}/x", **args[module]})
    assert (result["rc"], result["msg"]) == (256, f"Path {tmp_path}/x is not a regular file !")


@pytest.mark.parametrize("module", ["copy", "assemble"])
def test_a_fifo_makes_room_for_a_file(host: Host, tmp_path: Path, module: str) -> None:
    """It is not read."""
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts/a").write_text("a")
    os.mkfifo(tmp_path / "x")
    source = {"copy": "parts/a", "assemble": "parts"}[module]
    args = {"src": f"{tmp_path}/{source}", "dest": f"{tmp_path}/x", "remote_src": True}
    assert host.run(module, args)["changed"]
    assert (tmp_path / "x").read_text() == "a"


@pytest.mark.root
def test_no_file_takes_the_place_of_a_device(host: Host, tmp_path: Path) -> None:
    """Everything on the machine that writes to `/dev/null` would fill a disk."""
    os.mknod(tmp_path / "null", 0o20666, os.makedev(1, 3))
    (tmp_path / "a").write_text("a")
    dest = f"{tmp_path}/null"
    (tmp_path / "parts").mkdir()
    for module, args in (
        ("copy", {"src": f"{tmp_path}/a", "dest": dest, "remote_src": True}),
        ("assemble", {"src": f"{tmp_path}/parts", "dest": dest}),
        ("lineinfile", {"path": dest, "line": "a"}),
    ):
        assert host.run(module, args)["failed"], module
    assert Path(dest).is_char_device()


def test_a_link_that_leads_nowhere_is_not_followed(host: Host, tmp_path: Path) -> None:
    """A text editor makes no file behind it unless that is asked for; a copy replaces the link."""
    (tmp_path / "x").symlink_to("none")
    (tmp_path / "a").write_text("a")
    result = host.run("replace", {"path": f"{tmp_path}/x", "regexp": "a"})
    assert result["rc"] == 257
    host.run("copy", {"src": f"{tmp_path}/a", "dest": f"{tmp_path}/x", "remote_src": True})
    assert harvest(tmp_path) == {"a": "file 644 a", "x": "file 644 a"}


def test_permissions_are_not_set_through_a_link_that_came_meanwhile(
    here: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who owns the directory may swap the file for a link to another's."""
    (tmp_path / "x").write_text("a")
    (tmp_path / "secret").write_text("b")
    (tmp_path / "secret").chmod(0o600)
    real = target_files.numeric_mode

    def swapping(*args: Any) -> int:
        (tmp_path / "x").unlink()
        (tmp_path / "x").symlink_to("secret")
        return real(*args)

    monkeypatch.setattr(target_files, "numeric_mode", swapping)
    result = here.run("file", {"path": f"{tmp_path}/x", "mode": "0666"})
    assert result["msg"] == "chmod failed"
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


@pytest.mark.root
def test_a_recursion_does_not_follow_a_link_that_came_meanwhile(
    here: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A directory below is swapped for a link while its files are being owned."""
    for name in ("top/sub/a", "other/a"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    real = target_files.apply_attributes

    def swapping(target: Any, path: str, *args: Any) -> bool:
        if path.endswith("/a"):
            (tmp_path / "top/sub").rename(tmp_path / "top/moved")
            (tmp_path / "top/sub").symlink_to(tmp_path / "other")
        return real(target, path, *args)

    monkeypatch.setattr(target_files, "apply_attributes", swapping)
    args = {"path": f"{tmp_path}/top", "state": "directory", "recurse": True, "owner": "65534"}
    assert here.run("file", args)["changed"]
    assert (tmp_path / "other/a").stat().st_uid == 0
    assert (tmp_path / "top/moved/a").stat().st_uid == 65534


@pytest.mark.root
@pytest.mark.parametrize("module", ["file", "copy"])
def test_directories_are_made_in_those_that_were_made(
    here: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    """Their new owner may swap one for a link as soon as it is his."""
    (tmp_path / "other").mkdir()
    (tmp_path / "src").write_text("a")
    real = target_files.apply_attributes

    def swapping(target: Any, path: str, *args: Any) -> bool:
        changed = real(target, path, *args)
        if path.endswith("/mine"):
            (tmp_path / "mine").rename(tmp_path / "moved")
            (tmp_path / "mine").symlink_to("other")
        return changed

    monkeypatch.setattr(target_files, "apply_attributes", swapping)
    path = f"{tmp_path}/mine/below"
    args = {
        "file": {"path": path, "state": "directory"},
        "copy": {"src": f"{tmp_path}/src", "dest": f"{path}/", "remote_src": True},
    }
    result = here.run(module, {**args[module], "owner": "65534"})
    assert result["failed"]
    assert f"issue creating {path} as requested" in result["msg"]
    assert names(tmp_path / "other") == []


@pytest.mark.slow
def test_a_writer_that_is_killed_leaves_the_old_file(tmp_path: Path) -> None:
    """What lies beside then is known by its name."""
    (tmp_path / "x").write_text("old")
    program = (
        "import os, sys, shutil; from understudy.connections import target_files as files\n"
        "shutil.copyfileobj = lambda *_: (print('here', flush=True), os.kill(os.getpid(), 19))\n"
        "files.stage('/proc/self/cmdline', sys.argv[1])\n"
    )
    words = [sys.executable, "-c", program, f"{tmp_path}/x"]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as writer:
        assert writer.stdout
        writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
    assert (tmp_path / "x").read_text() == "old"
    (beside,) = [name for name in names(tmp_path) if name != "x"]
    assert beside.startswith(".ansible_tmp")
    assert time.time() - (tmp_path / beside).stat().st_mtime < 60


@pytest.mark.parametrize(
    ("module", "more"),
    [
        ("lineinfile", {"path": "{}/x", "line": "new"}),
        ("copy", {"src": "{}/a", "dest": "{}/x", "remote_src": True}),
        ("assemble", {"src": "{}/parts", "dest": "{}/x"}),
    ],
)
def test_a_module_that_is_killed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, more: Mapping[str, Any]
) -> None:
    """The check of the new file kills the module that waits for it: nothing has changed.

    What it had written lies among the temporary files.
    """
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    (tmp_path / "x").write_text("old")
    (tmp_path / "a").write_text("new")
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts/a").write_text("new")
    args = {k: v.format(tmp_path) if isinstance(v, str) else v for k, v in more.items()}
    host = Host(LocalConnection(host="here"))
    try:
        result = host.run(module, {**args, "validate": "sh -c 'kill -9 $PPID' %s"})
    finally:
        host.close()
    assert result["msg"] == "the module was killed by signal 9 before it returned a result"
    assert (tmp_path / "x").read_text() == "old"
    assert names(tmp_path) == ["a", "parts", "tmp", "x"]
    assert all(name.startswith(".understudy-") for name in names(tmp_path / "tmp"))
