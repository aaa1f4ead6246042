from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from understudy.check.cache import cache_folder
from understudy.check.cache.cache_folder import CacheFolder, usual_folder


def modes(folder: CacheFolder) -> dict[str, int]:
    """Return the permissions of what lies in a cache."""
    found = [folder.place, *folder.place.glob("*.check")]
    return {path.name: path.stat().st_mode & 0o777 for path in found}


def test_an_entry_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Only its user may read it, and backups and git are told to leave it."""
    folder = CacheFolder(tmp_path / "new" / "cache")
    assert folder.read("a") is None
    folder.write("a", b"one\ntwo")
    assert folder.read("a") == b"one\ntwo"
    assert modes(folder) == {"check": 0o700, "a.check": 0o600}
    assert {path.name for path in folder.place.iterdir()} >= {"CACHEDIR.TAG", ".gitignore"}


@pytest.mark.parametrize(
    "broken", [b"", b"one", b"0" * 64 + b"\none", b"\n", b"\xff" * 100, b"a\nb\nc"]
)
def test_a_broken_entry_is_none(tmp_path: Path, broken: bytes) -> None:
    """Whatever is wrong with it; it is written over then."""
    folder = CacheFolder(tmp_path)
    folder.write("a", b"one")
    (folder.place / "a.check").write_bytes(broken)
    assert folder.read("a") is None
    folder.write("a", b"two")
    assert folder.read("a") == b"two"


def test_what_others_may_have_written_or_seen_is_none(tmp_path: Path) -> None:
    """An entry or a directory that is open to others does not count; it is closed when written."""
    folder = CacheFolder(tmp_path)
    folder.write("a", b"one")
    (folder.place / "a.check").chmod(0o640)
    assert folder.read("a") is None
    folder.write("a", b"one")
    folder.place.chmod(0o755)
    assert folder.read("a") is None
    folder.write("a", b"two")
    assert modes(folder) == {"check": 0o700, "a.check": 0o600}


def test_what_belongs_to_others_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither their entries are read nor is anything written into their directory."""
    folder = CacheFolder(tmp_path)
    folder.write("a", b"one")
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert folder.read("a") is None
    folder.write("b", b"two")
    monkeypatch.undo()
    assert folder.read("a") == b"one"
    assert folder.read("b") is None


def test_no_link_is_followed(tmp_path: Path) -> None:
    """Neither from an entry, nor from the directory."""
    folder = CacheFolder(tmp_path / "mine")
    folder.write("a", b"one")
    (folder.place / "a.check").rename(tmp_path / "a.check")
    (folder.place / "a.check").symlink_to(tmp_path / "a.check")
    assert folder.read("a") is None
    other = CacheFolder(tmp_path / "other")
    other.above.mkdir()
    other.place.symlink_to(folder.place)
    other.write("b", b"two")
    assert not list(folder.place.glob("b*"))


def test_it_does_not_grow_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Entries that were not used for longest go; one that is too large is not kept."""
    monkeypatch.setattr(cache_folder, "MOST", 3)
    monkeypatch.setattr(cache_folder, "LARGEST", 1000)
    folder = CacheFolder(tmp_path)
    for number, name in enumerate("abc"):
        folder.write(name, b"x")
        os.utime(folder.place / f"{name}.check", (number, number))
    assert folder.read("a") == b"x"
    folder.write("d", b"x")
    folder.write("e", b"x" * 1000)
    assert sorted(path.stem for path in folder.place.glob("*.check")) == ["a", "c", "d"]


def test_it_has_room_for_so_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All entries together; and what was never finished does not stay."""
    monkeypatch.setattr(cache_folder, "ROOM", 300)
    folder = CacheFolder(tmp_path)
    folder.write("a", b"x" * 100)
    for name, age_s in ((".a.check.old", 7200), (".b.check.new", 0)):
        (folder.place / name).write_text("x")
        os.utime(folder.place / name, (0, time.time() - age_s))
    os.utime(folder.place / "a.check", (0, 0))
    folder.write("b", b"x" * 100)
    assert sorted(path.name for path in folder.place.glob("*check*")) == [".b.check.new", "b.check"]


def test_where_nothing_can_be_written_there_is_no_cache(tmp_path: Path) -> None:
    """A file in its place is no reason to fail."""
    (tmp_path / "file").write_text("")
    for above in (tmp_path / "file", Path("/proc/nothing")):
        CacheFolder(above).write("a", b"one")
        assert CacheFolder(above).read("a") is None


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"XDG_CACHE_HOME": "/c", "HOME": "{home}"}, "/c/understudy"),
        ({"XDG_CACHE_HOME": "relative", "HOME": "{home}"}, "{home}/.cache/understudy"),
        ({"HOME": "{home}"}, "{home}/.cache/understudy"),
    ],
)
def test_the_usual_place_is_that_of_caches(
    environ: dict[str, str], expected: str, tmp_path: Path
) -> None:
    """A relative XDG_CACHE_HOME does not count, as its specification says."""
    given = {name: text.format(home=tmp_path) for name, text in environ.items()}
    assert usual_folder(given) == Path(expected.format(home=tmp_path))


def test_no_home_is_made(tmp_path: Path) -> None:
    """One that is not there would be made with the wrong owner, or for nobody."""
    assert usual_folder({"HOME": str(tmp_path / "nobody")}) is None


def test_a_user_without_a_home_has_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """No directory named `~` is made anywhere."""
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    assert usual_folder({}) is None
