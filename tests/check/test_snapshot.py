from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from understudy.check.cache import snapshot
from understudy.check.cache.opened import opened
from understudy.check.cache.snapshot import changed_after, digest_of, listing_of


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A directory with files."""
    for name in ("site.yml", "roles/a/tasks/main.yml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("a")
    return tmp_path


@pytest.mark.parametrize(
    ("change", "is_seen"),
    [
        (lambda top: (top / "roles/a/vars").mkdir(), True),
        (lambda top: (top / "roles/a/tasks/other.yml").write_text(""), True),
        (lambda top: (top / "site.yml").unlink(), True),
        (lambda top: ((top / "site.yml").unlink(), (top / "site.yml").mkdir()), True),
        (lambda top: (top / "x").symlink_to(top / "roles" / "a"), True),
        (lambda top: (top / "roles").chmod(0o777), True),
        (lambda top: (top / "site.yml").write_text("other"), False),
        (lambda top: (top / ".site.yml.swp").write_text(""), False),
        (lambda top: (top / "site.yml~").write_text(""), False),
        (lambda top: (top / ".git").mkdir(), False),
    ],
)
def test_a_listing_is_of_names(project: Path, change: object, is_seen: bool) -> None:  # noqa: FBT001
    """Those of files and directories, however deep; not contents, nor what editors leave."""
    before = listing_of([project])
    change(project)
    assert (listing_of([project]) != before) is is_seen


def test_a_directory_that_holds_itself_is_listed_once(project: Path) -> None:
    """Links are followed, but not round and round."""
    (project / "loop").symlink_to(project)
    listing = listing_of([project])
    assert listing is not None
    assert {"roles", "tasks"} <= listing.folders
    assert len(listing.paths) == 4


def test_too_many_names_are_no_project(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for the listing of a whole disk."""
    monkeypatch.setattr(snapshot, "MOST", 3)
    assert listing_of([project]) is None


def test_a_digest_is_of_what_is_there(project: Path) -> None:
    """A file, a directory and nothing at all are told apart, and so are their contents."""
    names = ["site.yml", "roles", "none", "roles/a"]
    before = [digest_of(str(project / name)) for name in names]
    assert len(set(before)) == 4
    (project / "site.yml").write_text("b")
    (project / "roles/b").mkdir()
    after = [digest_of(str(project / name)) for name in names]
    assert [a == b for a, b in zip(before, after, strict=True)] == [False, False, True, True]
    (project / "site.yml").chmod(0o755)
    assert digest_of(str(project / "site.yml")) != after[0]
    os.mkfifo(project / "pipe")
    assert digest_of(str(project / "pipe")) is None


def test_a_change_after_a_moment_is_seen_whatever_its_time_says(project: Path) -> None:
    """A file may be given an old time; when that was done is kept too."""
    path = project / "site.yml"
    assert not changed_after(str(path), time.time_ns() + 10**9)
    started = time.time_ns() - 10**9
    os.utime(path, (1, 1))
    assert changed_after(str(path), started)


def test_what_is_read_is_noticed(project: Path) -> None:
    """By whatever function, as often as it is; not what is written, nor the program's own."""
    with opened() as names:
        (project / "site.yml").read_text()
        (project / "site.yml").read_bytes()
        (project / "out").write_text("x")
        list((project / "roles").iterdir())
        digest_of(snapshot.__file__)
        with pytest.raises(FileNotFoundError):
            (project / "none").read_text()
    (project / "out").read_text()
    expected = {"site.yml": 2, "roles": 1, "none": 1}
    assert names == {str(project / name): times for name, times in expected.items()}
