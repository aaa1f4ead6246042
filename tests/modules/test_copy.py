"""`copy` puts files, directories and texts in place; results as Ansible's."""

import re
from pathlib import Path

import pytest

from tests.modules.case import Case, read_cases, verify
from tests.modules.runner import Host, harvest, plant

CASES = read_cases("copy", {"dest": "{w}/x"}, unsent={"src": "{w}/a", "remote_src": True})


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


def test_a_long_text_is_not_compared(here: Host, tmp_path: Path) -> None:
    """A diff of more than 104448 bytes only says so."""
    plant(tmp_path, {"up": "file 600 " + "a" * 104449, "x": "file 644 b"})
    args = {"src": f"{tmp_path}/up", "dest": f"{tmp_path}/x", "_uploaded": True}
    assert here.run("copy", args, diff=True)["diff"] == [
        {"before": "b", "before_header": f"{tmp_path}/x", "src_larger": 104448}
    ]


def test_the_files_of_a_directory_come_to_a_job_at_once(here: Host, tmp_path: Path) -> None:
    """Each is put in its place; one that fails ends it, and its failure is told."""
    plant(tmp_path, {"1": "file 600 a", "2": "file 600 b", "in": "file 644 no directory"})
    sent = [
        {"src": f"{tmp_path}/{n}", "dest": f"{tmp_path}/{dest}", "_uploaded": True}
        for n, dest in ((1, "to/sub/a"), (2, "in/b"))
    ]
    args = {"dest": f"{tmp_path}/to/", "src": "/tree", "_make_parents": True}
    good = here.run("copy", {**args, "_files": sent[:1]})
    assert good == {"changed": True, "dest": f"{tmp_path}/to/", "src": "/tree"}
    assert here.run("copy", {**args, "_files": sent[1:]})["failed"]
    assert (tmp_path / "to/sub/a").read_text() == "a"


def test_the_directories_of_a_job_were_made_before(here: Host, tmp_path: Path) -> None:
    """If making them was a change, the job is one."""
    args = {"dest": f"{tmp_path}/to/", "src": "/tree", "_files": [], "_changed": True}
    assert here.run("copy", args)["changed"]


def test_a_directory_is_copied_below_itself(here: Host, tmp_path: Path) -> None:
    """What is made on the way is not copied again and again."""
    plant(tmp_path, {"a": "dir 755", "a/f": "file 644 f"})
    args = {"src": f"{tmp_path}/a/", "dest": f"{tmp_path}/a/b", "remote_src": True}
    assert here.run("copy", args)["changed"]
    assert sorted(harvest(tmp_path)) == ["a", "a/b", "a/b/f", "a/f"]
