"""`stat` tells what is known about a file, under Ansible's names."""

import shutil
from pathlib import Path

import pytest

from tests.modules.runner import Host, plant

ALWAYS = set(
    "atime block_size blocks ctime dev device_type executable exists gid gr_name inode isblk ischr "
    "isdir isfifo isgid islnk isreg issock isuid mode mtime nlink path pw_name readable rgrp roth "
    "rusr size uid wgrp woth writeable wusr xgrp xoth xusr".split()
)
_FILE = shutil.which("file") is not None
ASKED = {"mimetype", "charset", "version", "attr_flags", "attributes"}


def test_a_file(host: Host, tmp_path: Path) -> None:
    """A regular file has every key, and a checksum."""
    plant(tmp_path, {"x": "file 640 a"})
    result = host.run("stat", {"path": f"{tmp_path}/x"})
    found = result["stat"]
    assert set(found) == ALWAYS | ASKED | {"checksum"}
    assert result["changed"] is False
    assert found["checksum"] == "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"
    assert (found["mode"], found["size"], found["nlink"]) == ("0640", 1, 1)
    assert (found["isreg"], found["isdir"], found["rgrp"], found["wgrp"]) == (
        True,
        False,
        True,
        False,
    )


def test_what_is_not_asked_is_not_told(host: Host, tmp_path: Path) -> None:
    """Checksum, type and attributes can be left out."""
    plant(tmp_path, {"x": "file 640 a"})
    left_out = {"get_checksum": False, "get_mime": False, "get_attributes": False}
    assert set(host.run("stat", {"path": f"{tmp_path}/x", **left_out})["stat"]) == ALWAYS


def test_nothing_is_there(host: Host, tmp_path: Path) -> None:
    """A missing file is no failure."""
    result = host.run("stat", {"path": f"{tmp_path}/x"})
    assert result == {"changed": False, "stat": {"exists": False}}


def test_a_link_is_told_about_itself(host: Host, tmp_path: Path) -> None:
    """A link says where it points to; its target is not looked at."""
    plant(tmp_path, {"a": "file 600 a", "x": "link a"})
    found = host.run("stat", {"path": f"{tmp_path}/x"})["stat"]
    assert (found["islnk"], found["isreg"], found["mode"]) == (True, False, "0777")
    assert (found["lnk_target"], found["lnk_source"]) == ("a", f"{tmp_path}/a")
    assert "checksum" not in found


def test_a_link_is_followed_on_request(host: Host, tmp_path: Path) -> None:
    """With `follow` the target is told about."""
    plant(tmp_path, {"a": "file 600 a", "x": "link a"})
    found = host.run("stat", {"path": f"{tmp_path}/x", "follow": True})["stat"]
    assert (found["islnk"], found["isreg"], found["mode"]) == (False, True, "0600")


@pytest.mark.parametrize(("kind", "mime"), [("dir 755", "inode/directory"), ("link no", "unknown")])
@pytest.mark.skipif(shutil.which("file") is None, reason="needs the program file")
def test_the_type_of_what_is_no_file(here: Host, tmp_path: Path, kind: str, mime: str) -> None:
    """A directory has a type; a link to nothing has none."""
    plant(tmp_path, {"x": kind})
    assert here.run("stat", {"path": f"{tmp_path}/x"})["stat"]["mimetype"] == mime


def test_a_name_that_looks_like_an_option(
    here: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The programs that are asked take it for a file."""
    plant(tmp_path, {"-r": "file 640 some text\n"})
    monkeypatch.chdir(tmp_path)
    found = here.run("stat", {"path": "-r"})["stat"]
    assert (found["size"], found["mimetype"]) == (10, "text/plain" if _FILE else "unknown")


def test_another_checksum(host: Host, tmp_path: Path) -> None:
    """The algorithm can be chosen, by Ansible's old name of the argument too."""
    plant(tmp_path, {"x": "file 640 a"})
    found = host.run("stat", {"path": f"{tmp_path}/x", "checksum": "sha256"})["stat"]
    assert found["checksum"].startswith("ca978112ca1bbdcafac231b39a23dc4d")


def test_a_path_through_a_file_fails(host: Host, tmp_path: Path) -> None:
    """What cannot be looked at is a failure, unlike what is not there."""
    plant(tmp_path, {"x": "file 640 a"})
    result = host.run("stat", {"path": f"{tmp_path}/x/y"})
    assert (result["failed"], result["msg"]) == (True, "Not a directory")


def test_without_helpers_types_are_unknown(
    here: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A target without `file` and `lsattr` gives the same keys."""
    monkeypatch.setenv("PATH", "/nowhere")
    plant(tmp_path, {"x": "file 640 a"})
    found = here.run("stat", {"path": f"{tmp_path}/x"})["stat"]
    assert {key: found[key] for key in ASKED} == {
        "mimetype": "unknown",
        "charset": "unknown",
        "version": None,
        "attr_flags": "",
        "attributes": [],
    }
