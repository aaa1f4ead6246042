"""`file` makes files, directories and links be there, or be gone; results as Ansible's."""

from pathlib import Path

import pytest

from tests.modules.case import Case, verify
from tests.modules.runner import Host, harvest, plant

WHO = "gid group mode owner size state uid"
FILE = f"changed {WHO}".split()


def keys(*more: str) -> str:
    """Return the key set of a result that describes a file."""
    return " ".join(sorted([*FILE, *more]))


def case(name: str, **more: object) -> Case:
    args = {"path": "{w}/x"} | dict(more.pop("args", {}))  # type: ignore[call-overload]
    return Case(name=name, module="file", args=args, **more)  # type: ignore[arg-type]


CASES = [
    case("a file's mode is set", args={"mode": "0600"}, before={"x": "file 644 a"}, after={"x": "file 600 a"}, result={"path": "{w}/x", "mode": "0600", "state": "file", "size": 1}, keys=keys("path", "diff"), diff={"before": {"path": "{w}/x", "mode": "0644"}, "after": {"path": "{w}/x", "mode": "0600"}}),
    case("a mode as a number", args={"mode": 0o600}, before={"x": "file 644 a"}, after={"x": "file 600 a"}),
    case("a symbolic mode", args={"mode": "u=rwX,g-r,o="}, before={"x": "file 744 a"}, after={"x": "file 700 a"}),
    case("nothing to do", args={"mode": "0644"}, before={"x": "file 644 a"}, changed=False, keys=keys("path")),
    case("a missing file is not made", args={"state": "file"}, changed=False, result={"failed": True, "msg": "file ({w}/x) is absent, cannot continue", "path": "{w}/x", "state": "absent"}, keys="failed msg path state"),
    case("a directory is no file", args={"state": "file"}, before={"x": "dir 755"}, changed=False, result={"failed": True, "msg": "file ({w}/x) is directory, cannot continue"}),
    case("state file follows a link", args={"state": "file", "mode": "0600"}, before={"a": "file 644 a", "x": "link a"}, after={"a": "file 600 a", "x": "link a"}, result={"path": "{w}/a"}),
    case("a file with two names is hard", before={"a": "file 644 a", "x": "hard a"}, changed=False, result={"dest": "{w}/x", "src": None, "state": "hard"}, keys=keys("dest", "src")),
    case("a directory is made with those above", args={"path": "{w}/x/y", "state": "directory", "mode": "0700"}, after={"x": "dir 700", "x/y": "dir 700"}, result={"path": "{w}/x/y", "state": "directory"}, diff={"before": {"path": "{w}/x/y", "state": "absent", "mode": "0755"}, "after": {"path": "{w}/x/y", "state": "directory", "mode": "0700"}}),
    case("a file is no directory", args={"state": "directory"}, before={"x": "file 644 a"}, changed=False, result={"failed": True, "msg": "{w}/x already exists as a file", "path": "{w}/x"}),
    case("a directory below a file", args={"path": "{w}/x/y", "state": "directory"}, before={"x": "file 644 a"}, changed=True, result={}, after={"x": "file 644 a"}),
    case("a link to a directory is one", args={"state": "directory", "mode": "0711"}, before={"d": "dir 755", "x": "link d"}, after={"d": "dir 711", "x": "link d"}, result={"path": "{w}/d"}),
    case("recurse reaches everything below", args={"state": "directory", "recurse": True, "mode": "u=rwX,go=rX"}, before={"x": "dir 700", "x/f": "file 600 a", "x/p": "file 700 a", "x/d": "dir 700"}, after={"x": "dir 755", "x/d": "dir 755", "x/f": "file 644 a", "x/p": "file 755 a"}),
    case("recurse follows links", args={"state": "directory", "recurse": True, "mode": "go="}, before={"out": "dir 755", "out/f": "file 644 a", "x": "dir 700", "x/l": "link ../out"}, after={"out": "dir 700", "out/f": "file 600 a", "x": "dir 700", "x/l": "link ../out"}),
    case("recurse without follow stays below", args={"state": "directory", "recurse": True, "mode": "0700", "follow": False}, before={"out": "file 644 a", "x": "dir 700", "x/l": "link ../out"}, changed=False),
    case("recurse ends in a ring of links", args={"state": "directory", "recurse": True, "mode": "0700"}, before={"x": "dir 755", "x/l": "link ../x"}, after={"x": "dir 700", "x/l": "link ../x"}),
    case("recurse needs a directory", args={"recurse": True}, before={"x": "file 644 a"}, changed=False, result={"failed": True, "msg": "recurse option requires state to be 'directory'"}),
    case("recurse makes a directory", args={"recurse": True}, after={"x": "dir 755"}),
    case("a file is removed", args={"state": "absent"}, before={"x": "file 644 a"}, after={}, keys="changed diff path state", diff={"before": {"path": "{w}/x", "state": "file"}, "after": {"path": "{w}/x", "state": "absent"}}),
    case("a tree is removed", args={"state": "absent"}, before={"x": "dir 755", "x/f": "file 644 a"}, after={}, diff={"before": {"path": "{w}/x", "state": "directory", "path_content": {"directories": [], "files": ["{w}/x/f"]}}, "after": {"path": "{w}/x", "state": "absent"}}),
    case("a link is removed, not its target", args={"state": "absent"}, before={"a": "dir 755", "x": "link a"}, after={"a": "dir 755"}),
    case("nothing to remove", args={"state": "absent"}, changed=False, keys="changed path state"),
    case("touch makes a file", args={"state": "touch", "mode": "0600"}, after={"x": "file 600 "}, again=True, result={"dest": "{w}/x", "state": "file"}, keys=keys("dest")),
    case("touch that preserves times", args={"state": "touch", "access_time": "preserve", "modification_time": "preserve"}, before={"x": "file 644 a"}, changed=False),
    case("touch with given times", args={"state": "touch", "access_time": "preserve", "modification_time": "202001010000.00"}, before={"x": "file 644 a"}),
    case("a time that is none", args={"modification_time": "noon"}, before={"x": "file 644 a"}, changed=False, result={"failed": True, "msg": "Error while obtaining timestamp for time noon using format %Y%m%d%H%M.%S: time data 'noon' does not match format '%Y%m%d%H%M.%S'"}),
    case("touch below nothing", args={"path": "{w}/no/x", "state": "touch"}, changed=True, after={}),
    case("a link is made", args={"state": "link", "src": "a"}, before={"a": "file 644 a"}, after={"a": "file 644 a", "x": "link a"}, result={"dest": "{w}/x", "src": "a", "state": "link", "mode": "0777"}, keys=keys("dest", "src", "diff"), diff={"before": {"path": "{w}/x", "state": "absent"}, "after": {"path": "{w}/x", "state": "link"}}),
    case("a link is turned", args={"state": "link", "src": "b"}, before={"a": "file 644 a", "b": "file 644 b", "x": "link a"}, after={"a": "file 644 a", "b": "file 644 b", "x": "link b"}, diff={"before": {"path": "{w}/x", "src": "a"}, "after": {"path": "{w}/x", "src": "b"}}),
    case("a link to nothing is refused", args={"state": "link", "src": "no"}, changed=False, result={"failed": True, "msg": "src file does not exist, use 'force=yes' if you really want to create the link: {w}/no", "src": "no", "path": "{w}/x"}),
    case("a link to nothing by force", args={"state": "link", "src": "no", "force": True, "follow": False}, after={"x": "link no"}, keys="changed dest src"),
    case("a file is not turned into a link", args={"state": "link", "src": "a"}, before={"a": "file 644 a", "x": "file 644 x"}, changed=False, result={"failed": True, "msg": "refusing to convert from file to symlink for {w}/x"}),
    case("a file is turned into a link by force", args={"state": "link", "src": "a", "force": True}, before={"a": "file 644 a", "x": "file 644 x"}, after={"a": "file 644 a", "x": "link a"}),
    case("a full directory is never turned", args={"state": "link", "src": "a", "force": True}, before={"a": "file 644 a", "x": "dir 755", "x/f": "file 644 "}, changed=False, result={"failed": True, "msg": "the directory {w}/x is not empty, refusing to convert it"}),
    case("an empty directory is turned by force", args={"state": "link", "src": "a", "force": True}, before={"a": "file 644 a", "x": "dir 755"}, after={"a": "file 644 a", "x": "link a"}),
    case("a mode given to a link is its target's", args={"state": "link", "mode": "0600"}, before={"a": "file 644 a", "x": "link a"}, after={"a": "file 600 a", "x": "link a"}, result={"src": "a"}),
    case("a link without source is not made", args={"state": "link"}, changed=False, result={"failed": True, "msg": "src is required for creating new symlinks"}, keys="failed msg"),
    case("a hard link is made", args={"state": "hard", "src": "{w}/a"}, before={"a": "file 644 a"}, after={"a": "file 644 a", "x": "file 644 a"}, result={"dest": "{w}/x", "src": "{w}/a", "state": "hard"}),
    case("another file is not replaced by a hard link", args={"state": "hard", "src": "{w}/a"}, before={"a": "file 644 a", "x": "file 644 x"}, changed=False, result={"failed": True, "msg": "Cannot link, file exists at destination", "dest": "{w}/x", "src": "{w}/a", "state": "file"}),
    case("a hard link by force", args={"state": "hard", "src": "{w}/a", "force": True}, before={"a": "file 644 a", "x": "file 644 x"}, after={"a": "file 644 a", "x": "file 644 a"}),
    case("a hard link to nothing", args={"state": "hard", "src": "{w}/a"}, changed=False, result={"failed": True, "msg": "src does not exist", "dest": "{w}/x", "src": "{w}/a"}, keys="dest failed msg src"),
    case("a hard link in a directory", args={"state": "hard", "src": "{w}/a"}, before={"a": "file 644 a", "x": "dir 755"}, after={"a": "file 644 a", "x": "dir 755", "x/a": "file 644 a"}, result={"dest": "{w}/x/a"}),
    case("src is for links", args={"src": "a", "state": "touch"}, changed=False, result={"failed": True, "msg": "src option requires state to be 'link' or 'hard'", "path": "{w}/x"}),
    case("an unknown owner", args={"owner": "no-such-user"}, before={"x": "file 644 a"}, changed=False, result={"failed": True, "msg": "chown failed: failed to look up user no-such-user"}),
    case("an unknown group", args={"group": "no-such-group"}, before={"x": "file 644 a"}, changed=False, result={"failed": True, "msg": "chgrp failed: failed to look up group no-such-group"}),
    case("a mode that is none", args={"mode": "z+q"}, before={"x": "file 644 a"}, changed=False, result={"failed": True, "msg": "mode must be in octal or symbolic form", "details": "bad symbolic permission for mode: z+q"}),
    case("a name that is not UTF-8", args={"path": "{w}/x\udcff", "state": "touch"}, after={"x\udcff": "file 644 "}, again=True),
]  # fmt: skip

ONLY_WHEN_DONE = {"a directory below a file", "touch below nothing"}
"""What only the attempt shows: check mode foretells a change."""


@pytest.mark.parametrize("case", [c for c in CASES if c.name not in ONLY_WHEN_DONE], ids=str)
def test_file(
    case: Case, host: Host, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Check mode predicts, the run does it, a second run finds it done."""
    verify(case, host, tmp_path, tmp_path_factory.mktemp("elsewhere"))


def test_a_directory_below_a_file_fails(here: Host, tmp_path: Path) -> None:
    """The failure names the directory that could not be made."""
    plant(tmp_path, {"x": "file 644 a"})
    result = here.run("file", {"path": f"{tmp_path}/x/y/z", "state": "directory"})
    path = f"{tmp_path}/x/y"
    assert result["msg"] == (
        f"There was an issue creating {path} as requested: "
        f"[Errno 20] Not a directory: {path.encode()!r}"
    )
    assert result["path"] == path


def test_touch_where_nothing_can_be_made_fails(here: Host, tmp_path: Path) -> None:
    """A file cannot be made in a directory that is not there."""
    result = here.run("file", {"path": f"{tmp_path}/no/x", "state": "touch"})
    assert result == {
        "failed": True,
        "msg": "Error, could not touch target.",
        "path": f"{tmp_path}/no/x",
    }


def test_a_touched_file_that_cannot_be_owned_is_removed_again(here: Host, tmp_path: Path) -> None:
    """A failed touch leaves no new file behind."""
    result = here.run("file", {"path": f"{tmp_path}/x", "state": "touch", "owner": "no-such-user"})
    assert result["failed"]
    assert harvest(tmp_path) == {}


def test_a_link_to_nothing_that_is_followed_is_warned_about(here: Host, tmp_path: Path) -> None:
    """There is nothing to set permissions of."""
    args = {"path": f"{tmp_path}/x", "state": "link", "src": "no", "force": True}
    assert here.run("file", args)["warnings"] == [
        "Cannot set fs attributes on a non-existent symlink target. "
        "follow should be set to False to avoid this."
    ]


def test_times_are_set_to_the_second(here: Host, tmp_path: Path) -> None:
    """`%Y` reads a year; the diff tells the old and the new time."""
    plant(tmp_path, {"x": "file 644 a"})
    args = {"path": f"{tmp_path}/x", "modification_time": "2020", "modification_time_format": "%Y"}
    result = here.run("file", args, diff=True)
    assert (tmp_path / "x").stat().st_mtime == result["diff"]["after"]["mtime"]
    assert set(result["diff"]["before"]) == {"path", "mtime"}


def test_a_home_directory_is_that_of_the_target(
    here: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`~` and `$NAME` are replaced where the module runs."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PLACE", "x")
    assert here.run("file", {"path": "~/$PLACE", "state": "touch"})["dest"] == f"{tmp_path}/x"


@pytest.mark.root
def test_the_owner_is_set_by_name_and_number(here: Host, tmp_path: Path) -> None:
    """The diff names numbers, the result names."""
    plant(tmp_path, {"x": "file 644 a"})
    result = here.run(
        "file", {"path": f"{tmp_path}/x", "owner": "nobody", "group": 12345}, diff=True
    )
    assert result["owner"] == "nobody"
    assert (result["gid"], result["group"]) == (12345, "12345")
    assert result["diff"]["after"] == {"path": f"{tmp_path}/x", "owner": 65534, "group": 12345}
