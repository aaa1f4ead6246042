"""`find` lists the files below directories that fit what is asked for."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.modules.runner import Host, plant

TREE = {
    "a": "dir 755",
    "a/1.txt": "file 640 one\ntwo words\n",
    "a/b": "dir 755",
    "a/b/2.jpg": "file 600 two",
    "a/b/c": "dir 700",
    "a/b/c/.3": "file 644 hidden",
    "link": "link a",
    "big": "file 644 " + "x" * 2000,
}


def _found(host: Host, root: Path, **args: Any) -> list[str]:
    result = host.run("find", {"paths": [str(root)], "recurse": True, **args})
    assert result["matched"] == len(result["files"])
    return sorted(os.path.relpath(file["path"], root) for file in result["files"])


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Give a small tree of files."""
    plant(tmp_path, TREE)
    return tmp_path


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({}, "a/1.txt a/b/2.jpg big"),
        ({"recurse": False}, "big"),
        ({"hidden": True}, "a/1.txt a/b/2.jpg a/b/c/.3 big"),
        ({"file_type": "directory"}, "a a/b a/b/c"),
        ({"file_type": "link"}, "link"),
        ({"depth": 2}, "a/1.txt big"),
        ({"follow": True, "patterns": "*.txt"}, "a/1.txt link/1.txt"),
        ({"patterns": "*.txt,*.jpg"}, "a/1.txt a/b/2.jpg"),
        ({"excludes": "*.txt"}, "a/b/2.jpg big"),
        ({"patterns": r"\d", "use_regex": True}, "a/1.txt a/b/2.jpg"),
        ({"patterns": "ig", "use_regex": True}, ""),
        ({"size": "1k"}, "big"),
        ({"size": "-3"}, "a/b/2.jpg"),
        ({"mode": "0640"}, "a/1.txt"),
        ({"mode": "g=r", "exact_mode": False}, "a/1.txt big"),
        ({"contains": "two"}, "a/1.txt a/b/2.jpg"),
        ({"contains": "words"}, ""),
        ({"contains": "one\ntwo", "read_whole_file": True}, "a/1.txt"),
        ({"age": "1h"}, ""),
        ({"age": "-1h"}, "a/1.txt a/b/2.jpg big"),
    ],
)
def test_what_fits_is_found(host: Host, tree: Path, args: dict[str, Any], expected: str) -> None:
    """Each argument narrows the search; a pattern that is no regular expression is a whole name."""
    assert " ".join(_found(host, tree, **args)) == expected


def test_a_file_is_told_about(host: Host, tree: Path) -> None:
    """A file has what `stat` tells of it, and a checksum on request."""
    result = host.run("find", {"paths": f"{tree}/a/b", "get_checksum": True})
    (file,) = result["files"]
    assert (file["path"], file["mode"], file["size"]) == (f"{tree}/a/b/2.jpg", "0600", 3)
    assert file["checksum"] == "ad782ecdac770fc6eb9a62e44f90873fb97fb26b"
    assert (result["examined"], result["changed"]) == (2, False)


def test_each_file_is_told_about_as_it_is(host: Host, tmp_path: Path) -> None:
    """What a mode means is found out once for all files that have it, and for no others."""
    plant(tmp_path, {f"{mode}{name}": f"file {mode} x" for mode in ("600", "755") for name in "ab"})
    found = host.run("find", {"paths": str(tmp_path)})["files"]
    told = {Path(one["path"]).name: (one["mode"], one["xusr"], one["roth"]) for one in found}
    private, public = ("0600", False, False), ("0755", True, True)
    assert told == {"600a": private, "600b": private, "755a": public, "755b": public}


def test_names_that_are_hard_to_write(host: Host, tmp_path: Path) -> None:
    """A line's end and a dash are part of a name, also where patterns are compared."""
    for name in ("a\nb", "-rf", "c [d]"):
        (tmp_path / name).touch()
    assert _found(host, tmp_path) == ["-rf", "a\nb", "c [d]"]
    assert _found(host, tmp_path, patterns=["a*b", "c [[]d]"]) == ["a\nb", "c [d]"]


@pytest.mark.slow
def test_many_files_are_found_in_a_moment(here: Host, tmp_path: Path) -> None:
    """The time grows with the number of files, and not with owners looked up for each."""
    for number in range(5000):
        (tmp_path / f"{number}").touch()
    started = time.process_time()
    assert len(_found(here, tmp_path)) == 5000
    assert time.process_time() - started < 1


def test_old_files_by_another_time(here: Host, tree: Path) -> None:
    """The age is that of the content, unless another time is asked for."""
    os.utime(tree / "big", (time.time() - 7200, time.time()))
    assert _found(here, tree, age="1h") == []
    assert _found(here, tree, age="1h", age_stamp="atime") == ["big"]


def test_a_limit_ends_the_search(here: Host, tree: Path) -> None:
    """What was found until then is the result."""
    result = here.run("find", {"paths": [f"{tree}/a/b", f"{tree}/a"], "limit": 1})
    assert (result["matched"], result["msg"]) == (1, "Limit of matches reached")


def test_a_path_that_is_no_directory_is_skipped(here: Host, tree: Path) -> None:
    """The result says why; the other paths are searched."""
    result = here.run("find", {"paths": [f"{tree}/big", f"{tree}/a"]})
    why = f"'{tree}/big' is not a directory"
    assert result["skipped_paths"] == {f"{tree}/big": why}
    assert result["warnings"] == [
        f"Skipped '{tree}/big' path due to this access issue: {why}\n",
    ]
    assert (result["msg"], result["matched"]) == (
        "Not all paths examined, check warnings for details",
        1,
    )


@pytest.mark.parametrize(
    ("args", "why"),
    [
        ({"contains": "("}, "missing ), unterminated subpattern at position 0"),
        ({"mode": "u=q"}, "bad symbolic permission for mode: u=q"),
        ({"contains": "x", "encoding": "nonesuch"}, "unknown encoding: nonesuch"),
    ],
)
def test_wrong_wishes_skip_the_path(here: Host, tree: Path, args: dict[str, Any], why: str) -> None:
    """They are noticed at the first file; the task succeeds, as Ansible's does."""
    result = here.run("find", {"paths": f"{tree}/a", **args})
    assert result["skipped_paths"] == {f"{tree}/a": why}
    assert "failed" not in result


def test_content_that_cannot_be_decoded(here: Host, tmp_path: Path) -> None:
    """The path is skipped with the file's name and the encoding."""
    (tmp_path / "x").write_bytes(b"\xff")
    args = {"paths": str(tmp_path), "contains": "a", "encoding": "utf-8"}
    assert here.run("find", args)["skipped_paths"] == {
        str(tmp_path): f"Failed to read the file {tmp_path}/x due to an encoding error."
        " current encoding: utf-8"
    }


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"age": "soon"}, "failed to process age"),
        ({"size": "1p"}, "failed to process size"),
        ({"limit": 0}, "limit cannot be 0 (use None for unlimited)"),
        (
            {"mode": 420},
            "argument 'mode' is not a string and conversion is not allowed, value is of type int",
        ),
    ],
)
def test_wrong_arguments_fail(here: Host, tree: Path, args: dict[str, Any], message: str) -> None:
    """A number with an unknown unit, a limit of nothing, a mode that YAML made a number."""
    result = here.run("find", {"paths": str(tree), **args})
    assert (result["failed"], result["msg"]) == (True, message)


@pytest.fixture
def nobody(tmp_path: Path) -> Iterator[None]:
    """Run the module as a user who may enter the temporary directory, and no more."""
    closed = [path for path in (tmp_path, *tmp_path.parents) if path.stat().st_mode & 5 != 5]
    modes = [path.stat().st_mode for path in closed]
    for path in closed:
        path.chmod(0o755)
    uid = os.geteuid()
    os.seteuid(65534)
    yield
    os.seteuid(uid)
    for path, mode in zip(closed, modes, strict=True):
        path.chmod(mode)


@pytest.mark.root
def test_what_may_not_be_read(here: Host, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """A directory is told about, and is no fault; a file holds nothing that could match."""
    plant(tmp_path, {"a": "file 0 x", "d": "dir 0"})
    request.getfixturevalue("nobody")
    result = here.run("find", {"paths": str(tmp_path), "recurse": True, "contains": "x"})
    assert (result["matched"], result["msg"]) == (0, "All paths examined")
    assert list(result["skipped_paths"]) == [f"{tmp_path}/d"]
    assert "warnings" not in result
