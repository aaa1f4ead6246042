"""`file` makes files, directories and links be there, or be gone; results as Ansible's."""

from pathlib import Path

import pytest

from tests.modules.case import Case, read_cases, verify
from tests.modules.runner import Host, harvest, plant

CASES = read_cases("file", {"path": "{w}/x"})


@pytest.mark.parametrize("case", CASES, ids=str)
def test_file(
    case: Case, host: Host, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Check mode predicts, the run does it, a second run finds it done."""
    verify(case, host, tmp_path, tmp_path_factory.mktemp("elsewhere"))


def test_a_name_that_is_not_utf8(host: Host, tmp_path: Path) -> None:
    """A name's bytes arrive as they are."""
    host.run("file", {"path": f"{tmp_path}/x\udcff", "state": "touch"})
    assert harvest(tmp_path) == {"x\udcff": "file 644 "}


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
    (warning,) = here.run("file", args)["warnings"]
    assert warning == (
        "Cannot set fs attributes on a non-existent symlink target. "
        "follow should be set to False to avoid this."
    )


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
