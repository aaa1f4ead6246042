"""What only its owner may read is never for others: not while it is written, not as a copy."""

import errno
import os
import shutil
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.modules.runner import Host

OTHERS = stat.S_IRWXG | stat.S_IRWXO
SECRET = "only for its owner\n"


@pytest.fixture
def readable(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Give the files with the secret that others could read, at any step that makes them so."""
    found: list[Path] = []

    def watched(function: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **more: Any) -> Any:
            done = function(*args, **more)
            for path in (one for one in args[:2] if isinstance(one, (str, bytes, Path))):
                _look(Path(os.fsdecode(path)), found)
            return done

        return step

    for name in ("chmod", "chown", "rename", "utime"):
        monkeypatch.setattr(os, name, watched(getattr(os, name)))
    return found


def _look(path: Path, found: list[Path]) -> None:
    if path.is_file() and path.stat().st_mode & OTHERS and SECRET in path.read_text():
        found.append(path)


WRITERS: Mapping[str, Mapping[str, Any]] = {
    "copy": {"src": "{w}/secret", "dest": "{w}/new", "remote_src": True},
    "assemble": {"src": "{w}/parts", "dest": "{w}/new"},
    "get_url": {"url": "file://{w}/secret", "dest": "{w}/new"},
    "lineinfile": {"path": "{w}/new", "line": SECRET.rstrip(), "create": True},
    "blockinfile": {"path": "{w}/new", "block": SECRET, "create": True},
}


@pytest.mark.parametrize("old", [None, "before\n"], ids=["new", "old"])
@pytest.mark.parametrize("mode", ["0600", "u=rw,go="])
@pytest.mark.parametrize("module", WRITERS)
def test_a_file_for_its_owner_is_never_for_others(
    here: Host, tmp_path: Path, readable: list[Path], module: str, mode: str, old: str | None
) -> None:
    """With `mode`, what a module writes has no wider permissions at any moment."""
    (tmp_path / "parts").mkdir()
    for name in ("secret", "parts/one"):
        (tmp_path / name).write_text(SECRET)
        (tmp_path / name).chmod(0o600)
    if old is not None:
        (tmp_path / "new").write_text(old)
        (tmp_path / "new").chmod(0o644)
    args = {key: _filled(value, tmp_path) for key, value in WRITERS[module].items()}
    result = here.run(module, {**args, "mode": mode}, diff=True)
    assert result["changed"], result
    assert SECRET in (tmp_path / "new").read_text()
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o600
    assert not readable


def _filled(value: Any, root: Path) -> Any:
    return value.replace("{w}", str(root)) if isinstance(value, str) else value


def test_a_copy_of_what_lies_in_a_private_place(
    here: Host, tmp_path: Path, readable: list[Path]
) -> None:
    """The file there may be for everybody, as nobody comes to it; its copy is not, with `mode`."""
    source = tmp_path / "private" / "x"
    source.parent.mkdir(mode=0o700)
    source.write_text(SECRET)
    source.chmod(0o644)
    for old in (False, True):
        (tmp_path / "new").write_text("before\n") if old else None
        args = {"src": str(source), "dest": str(tmp_path / "new"), "remote_src": True}
        assert here.run("copy", {**args, "mode": "0600"})["changed"]
        assert [path for path in readable if path != source] == []


@pytest.mark.parametrize("old", [True, False])
def test_what_is_written_in_place_is_narrowed_first(
    here: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, old: bool
) -> None:
    """Where a file cannot be replaced, it loses the permissions before it gets the content."""
    dest = tmp_path / "new"
    if old:
        dest.write_text("before\n")
        dest.chmod(0o644)
    found = []
    copy = shutil.copyfileobj

    def refused(*_: Any) -> None:
        raise OSError(errno.EBUSY, "it is mounted")

    def watched(source: Any, sink: Any, size: int) -> None:
        if dest.exists() and os.path.samestat(os.fstat(sink.fileno()), dest.stat()):
            found.append(stat.S_IMODE(dest.stat().st_mode))
        copy(source, sink, size)

    monkeypatch.setattr(os, "rename", refused)
    monkeypatch.setattr(shutil, "copyfileobj", watched)
    args = {"path": str(dest), "line": SECRET.rstrip(), "create": True, "mode": "0600"}
    assert here.run("lineinfile", args | {"unsafe_writes": True})["changed"]
    assert found == [0o600]


def test_the_difference_tells_the_permissions_that_were_taken_away(
    here: Host, tmp_path: Path
) -> None:
    """A line that is added with a narrower mode is told with both, as by Ansible."""
    path = tmp_path / "x"
    path.write_text("one\n")
    path.chmod(0o644)
    args = {"path": str(path), "line": "two", "mode": "0600"}
    result = here.run("lineinfile", args, diff=True)
    assert result["msg"] == "line added and ownership, perms or SE linux context changed"
    assert result["diff"][1]["before"] == {"mode": "0644"}
    assert result["diff"][1]["after"] == {"mode": "0600"}


def test_files_of_a_directory_keep_their_secrets(
    here: Host, tmp_path: Path, readable: list[Path]
) -> None:
    """A directory of the target is copied with the permissions of its files, from the start."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "secret").write_text(SECRET)
    (source / "secret").chmod(0o600)
    args = {"src": f"{source}/", "dest": str(tmp_path / "dest"), "remote_src": True}
    assert here.run("copy", args)["changed"]
    assert stat.S_IMODE((tmp_path / "dest/secret").stat().st_mode) == 0o600
    assert not readable


def test_a_backup_is_written_through_no_link(
    here: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who may write into the directory may guess the backup's name, and put a link there."""
    victim = tmp_path / "victim"
    victim.write_text("untouched\n")
    path = tmp_path / "x"
    path.write_text(SECRET)
    path.chmod(0o600)
    monkeypatch.setattr("time.strftime", lambda *_: "now")
    copy = Path(f"{path}.{os.getpid()}.now~")
    copy.symlink_to(victim)
    args = {"path": str(path), "line": "two", "backup": True}
    assert here.run("lineinfile", args)["backup"] == str(copy)
    assert victim.read_text() == "untouched\n"
    assert copy.read_text() == SECRET
    assert stat.S_IMODE(copy.lstat().st_mode) == 0o600


def test_the_password_of_a_repository_is_in_no_difference(here: Host, tmp_path: Path) -> None:
    """Not that of its address either."""
    repository = {"name": "x", "description": "x", "reposdir": str(tmp_path)}
    for password in ("secret", "secret2"):
        args = {**repository, "baseurl": f"http://user:{password}@host/x"}
        told = here.run("yum_repository", args, diff=True)
        assert told["changed"]
        assert "secret" not in str(told["diff"])
        assert password in (tmp_path / "x.repo").read_text()


def test_permissions_are_set_through_no_link(
    here: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who owns the directory may swap a file that was just copied for a link."""
    victim = tmp_path / "victim"
    victim.write_text(SECRET)
    victim.chmod(0o600)
    source, dest = tmp_path / "source", tmp_path / "dest"
    source.mkdir()
    (source / "x").write_text("x")
    (source / "x").chmod(0o644)
    rename = os.rename

    def swapped(old: str, new: str) -> None:
        rename(old, new)
        if Path(new) == dest / "x":
            Path(new).unlink()
            Path(new).symlink_to(victim)

    monkeypatch.setattr(os, "rename", swapped)
    here.run("copy", {"src": f"{source}/", "dest": str(dest), "remote_src": True})
    assert stat.S_IMODE(victim.stat().st_mode) == 0o600
