"""`copy` puts files, directories and texts in place; results as Ansible's."""

import re
from pathlib import Path

import pytest

from tests.modules.case import Case, verify
from tests.modules.runner import Host, harvest, plant

WHO = ["gid", "group", "mode", "owner", "size", "state", "uid"]
A = "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"
A_MD5 = "0cc175b9c0f1b6a831c399e269772661"


def keys(*more: str) -> str:
    """Return the key set of a result that describes a file."""
    return " ".join(sorted(["changed", "dest", *WHO, *more]))


def case(name: str, **more: object) -> Case:
    args = {"dest": "{w}/x"} | dict(more.pop("args", {}))  # type: ignore[call-overload]
    if "source" not in more:
        args = {"src": "{w}/a", "remote_src": True} | args
    return Case(name=name, module="copy", args=args, **more)  # type: ignore[arg-type]


WRITTEN = keys("checksum", "diff", "md5sum", "src")
UNCHANGED = keys("checksum", "diff", "path")
REMOTE = keys("checksum", "md5sum", "src")
CASES = [
    case("a text is written", source="a", after={"x": "file 644 a"}, keys=WRITTEN, result={"dest": "{w}/x", "checksum": A, "md5sum": A_MD5, "mode": "0644", "state": "file"}, diff=[{"before": "", "after": "a", "after_header": "{w}/x"}]),
    case("a text that is there", source="a", before={"x": "file 640 a"}, changed=False, keys=UNCHANGED, result={"checksum": A, "diff": [], "path": "{w}/x"}),
    case("only the mode", source="a", args={"mode": "0600"}, before={"x": "file 644 a"}, after={"x": "file 600 a"}, keys=UNCHANGED, diff={"before": {"path": "{w}/x", "mode": "0644"}, "after": {"path": "{w}/x", "mode": "0600"}}),
    case("another text keeps the mode", source="a", before={"x": "file 600 b"}, after={"x": "file 600 a"}, keys=WRITTEN, diff=[{"before": "b", "before_header": "{w}/x", "after": "a", "after_header": "{w}/x"}]),
    case("a symbolic mode on a new file", source="a", args={"mode": "u+x"}, after={"x": "file 744 a"}),
    case("the source's name in the diff", source="a", args={"_original_basename": "f", "_source_name": "/c/f"}, after={"x": "file 644 a"}, diff=[{"before": "", "after": "a", "after_header": "/c/f"}]),
    case("zero bytes are no text", source="a\0", after={"x": "file 644 a\0"}, diff=[{"before": "", "src_binary": 1}]),
    case("a long text is not compared", source="a" * 104449, before={"x": "file 644 b"}, after={"x": "file 644 " + "a" * 104449}, diff=[{"before": "b", "before_header": "{w}/x", "src_larger": 104448}]),
    case("without force what is there stays", source="a", args={"force": False}, before={"x": "file 644 b"}, changed=False, keys="changed dest src"),
    case("without force a new file is written", source="a", args={"force": False}, after={"x": "file 644 a"}),
    case("a text needs a file's name", source="a", before={"x": "dir 755"}, changed=False, result={"failed": True, "msg": "can not use content with a dir as dest"}),
    case("a file goes into a directory", source="a", args={"_original_basename": "f"}, before={"x": "dir 755"}, after={"x": "dir 755", "x/f": "file 644 a"}, result={"dest": "{w}/x/f"}),
    case("a directory is made for it", source="a", args={"dest": "{w}/x/y/", "_original_basename": "f", "directory_mode": "0711"}, after={"x": "dir 711", "x/y": "dir 711", "x/y/f": "file 644 a"}, result={"dest": "{w}/x/y/f"}),
    case("no directory is made without a slash", source="a", foretold=True, args={"dest": "{w}/x/y"}, changed=False, result={"failed": True, "checksum": A, "msg": "Destination directory {w}/x does not exist"}),
    case("directories above a file of a tree", source="a", args={"dest": "{w}/x/y/f", "_make_parents": True}, after={"x": "dir 755", "x/y": "dir 755", "x/y/f": "file 644 a"}),
    case("a link is replaced", source="a", before={"b": "file 600 a", "x": "link b"}, after={"b": "file 600 a", "x": "file 644 a"}),
    case("a link is followed", source="a", args={"follow": True}, before={"b": "file 600 b", "x": "link b"}, after={"b": "file 600 a", "x": "link b"}, result={"dest": "{w}/b"}),
    case("a wrong checksum", source="a", foretold=True, args={"checksum": "abc"}, changed=False, result={"failed": True, "msg": "Copied file does not match the expected checksum. Transfer failed.", "checksum": A, "expected_checksum": "abc"}),
    case("the right checksum", source="a", args={"checksum": A}, after={"x": "file 644 a"}),
    case("a valid file", source="a", args={"validate": "grep -q a %s"}, after={"x": "file 644 a"}),
    case("a command without place", source="a", foretold=True, args={"validate": "grep -q a"}, changed=False, result={"failed": True, "msg": "validate must contain %s: grep -q a"}),
    case("an invalid file", source="a", foretold=True, args={"validate": "sh -c 'echo o; echo e >&2; exit 3' %s"}, before={"x": "file 644 b"}, changed=False, result={"failed": True, "msg": "failed to validate", "exit_status": 3, "stdout": "o\n", "stderr": "e\n", "checksum": A}),
    case("a validator that is not there", source="a", foretold=True, args={"validate": "/no/such %s"}, changed=False, result={"failed": True, "msg": "Error executing command.", "rc": 2}),
    case("a mode that is none", source="a", foretold=False, args={"mode": "z+q"}, before={"x": "file 644 a"}, changed=False, result={"failed": True, "msg": "mode must be in octal or symbolic form", "path": "{w}/x", "checksum": A, "diff": []}),
    case("a file of the target", before={"a": "file 640 a"}, after={"a": "file 640 a", "x": "file 644 a"}, keys=REMOTE, result={"src": "{w}/a", "checksum": A, "md5sum": A_MD5}),
    case("a file of the target that is there", before={"a": "file 640 a", "x": "file 644 a"}, changed=False, keys=REMOTE),
    case("a file of the target brings its mode", before={"a": "file 640 a", "x": "file 600 b"}, after={"a": "file 640 a", "x": "file 640 a"}),
    case("the source's mode on a new file", args={"mode": "preserve"}, before={"a": "file 640 a"}, after={"a": "file 640 a", "x": "file 640 a"}),
    case("a source that is not there", changed=False, result={"failed": True, "msg": "Source {w}/a not found"}),
    case("a source that is no file", args={"src": "/dev/null"}, changed=False, result={"failed": True, "msg": "Cannot copy invalid source '/dev/null': not a file"}),
    case("a file of the target stays without force", args={"force": False}, before={"a": "file 640 a", "x": "file 644 b"}, changed=False, result={"msg": "file already exists", "src": "{w}/a"}),
    case("a directory of the target", before={"a": "dir 755", "a/f": "file 640 f", "a/d": "dir 711", "a/l": "link f"}, after={"a": "dir 755", "a/d": "dir 711", "a/f": "file 640 f", "a/l": "link f", "x": "dir 755", "x/a": "dir 755", "x/a/d": "dir 711", "x/a/f": "file 640 f", "x/a/l": "link f"}, keys=REMOTE, result={"dest": "{w}/x", "src": "{w}/a", "checksum": None, "md5sum": None, "state": "directory"}),
    case("what is in a directory", args={"src": "{w}/a/", "mode": "0700"}, before={"a": "dir 755", "a/f": "file 640 f"}, after={"a": "dir 755", "a/f": "file 640 f", "x": "dir 700", "x/f": "file 640 f"}, result={"dest": "{w}/x"}),
    case("only what is missing or different", args={"src": "{w}/a/"}, before={"a": "dir 755", "a/f": "file 640 f", "a/g": "file 640 g", "x": "dir 755", "x/f": "file 644 old", "x/g": "file 600 g", "x/own": "file 644 "}, after={"a": "dir 755", "a/f": "file 640 f", "a/g": "file 640 g", "x": "dir 755", "x/f": "file 640 f", "x/g": "file 600 g", "x/own": "file 644 "}, result={"dest": "{w}/x/"}),
    case("a directory into one that is made", args={"dest": "{w}/k/x/", "directory_mode": "0711"}, before={"a": "dir 755", "a/f": "file 640 f"}, after={"a": "dir 755", "a/f": "file 640 f", "k": "dir 711", "k/x": "dir 711", "k/x/a": "dir 755", "k/x/a/f": "file 640 f"}, result={"dest": "{w}/k/x/a"}),
    case("a directory over a file", before={"a": "dir 755", "x": "file 644 x"}, changed=False, result={"failed": True}),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_copy(
    case: Case, host: Host, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Check mode predicts, the run does it, a second run finds it done."""
    verify(case, host, tmp_path, tmp_path_factory.mktemp("elsewhere"))


def test_check_mode_of_a_new_text_tells_only_the_difference(here: Host, tmp_path: Path) -> None:
    """Ansible's controller answers without asking the module; so do we."""
    plant(tmp_path, {"up": "file 600 a"})
    args = {"src": f"{tmp_path}/up", "dest": f"{tmp_path}/x", "_uploaded": True}
    assert here.run("copy", args, check=True) == {"changed": True, "diff": []}


def test_what_the_controller_sent_is_moved(here: Host, tmp_path: Path) -> None:
    """The uploaded file is gone afterwards, and nothing else lies beside the destination."""
    plant(tmp_path, {"up": "file 600 a"})
    here.run("copy", {"src": f"{tmp_path}/up", "dest": f"{tmp_path}/x", "_uploaded": True})
    assert harvest(tmp_path) == {"x": "file 644 a"}


def test_the_old_file_is_kept_on_request(here: Host, tmp_path: Path) -> None:
    """The copy has the process and the time in its name."""
    plant(tmp_path, {"a": "file 644 a", "x": "file 640 old"})
    args = {"src": f"{tmp_path}/a", "dest": f"{tmp_path}/x", "remote_src": True, "backup": True}
    backup = here.run("copy", args)["backup_file"]
    assert re.fullmatch(rf"{tmp_path}/x\.\d+\.\d{{4}}-\d\d-\d\d@\d\d:\d\d:\d\d~", backup)
    assert harvest(tmp_path)[Path(backup).name] == "file 640 old"
    assert "backup_file" not in here.run("copy", args)


def test_a_file_of_the_target_keeps_its_time(here: Host, tmp_path: Path) -> None:
    """A copy on the target is as old as its source."""
    plant(tmp_path, {"a": "file 644 a"})
    here.run("copy", {"src": f"{tmp_path}/a", "dest": f"{tmp_path}/x", "remote_src": True})
    assert (tmp_path / "x").stat().st_mtime == (tmp_path / "a").stat().st_mtime


def test_readers_see_the_old_or_the_new_file(here: Host, tmp_path: Path) -> None:
    """Who has the old file open goes on reading it."""
    plant(tmp_path, {"a": "file 644 new", "x": "file 644 old"})
    with (tmp_path / "x").open() as reader:
        here.run("copy", {"src": f"{tmp_path}/a", "dest": f"{tmp_path}/x", "remote_src": True})
        assert reader.read() == "old"
    assert (tmp_path / "x").read_text() == "new"
