"""`blockinfile`, `lineinfile`, `replace` and `assemble` make texts; results as Ansible's."""

import os
import re
from pathlib import Path

import pytest

from tests.modules.case import Case, read_cases, verify
from tests.modules.runner import Host, harvest, plant

CASES = (
    read_cases("blockinfile", {"path": "{w}/x", "block": "b"})
    + read_cases("lineinfile", {"path": "{w}/x", "line": "l"})
    + read_cases("replace", {"path": "{w}/x", "regexp": "(b)"})
    + read_cases("assemble", {"src": "{w}/d", "dest": "{w}/x"})
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.module}-{case}")
def test_edit(case: Case, host: Host, tmp_path: Path) -> None:
    """Check mode predicts, the run does it, a second run finds it done."""
    verify(case, host, tmp_path, tmp_path)


@pytest.mark.parametrize(
    ("module", "args", "key"),
    [
        ("blockinfile", {"block": "b"}, "backup_file"),
        ("lineinfile", {"line": "b"}, "backup"),
        ("replace", {"regexp": "a", "replace": "b"}, "backup_file"),
    ],
)
def test_the_old_file_is_kept_on_request(
    here: Host, tmp_path: Path, module: str, args: dict[str, str], key: str
) -> None:
    """The copy has the process and the time in its name; without a change there is none."""
    plant(tmp_path, {"x": "file 640 a\n"})
    args = {"path": f"{tmp_path}/x", "backup": "yes", **args}
    backup = here.run(module, args)[key]
    assert re.fullmatch(rf"{tmp_path}/x\.\d+\.\d{{4}}-\d\d-\d\d@\d\d:\d\d:\d\d~", backup)
    assert harvest(tmp_path)[Path(backup).name] == "file 640 a\n"
    assert not here.run(module, args).get(key)


@pytest.mark.parametrize(
    ("module", "args"),
    [
        ("blockinfile", {"block": "b", "marker": "{mark}"}),
        ("lineinfile", {"regexp": "^b", "line": "b"}),
        ("replace", {"regexp": "a", "replace": "b"}),
    ],
)
def test_bytes_that_are_no_text_stay(
    here: Host, tmp_path: Path, module: str, args: dict[str, str]
) -> None:
    """What is not UTF-8 is neither an error nor changed."""
    (tmp_path / "x").write_bytes(b"a\xff\n")
    result = here.run(module, {"path": f"{tmp_path}/x", **args})
    assert result["changed"]
    assert b"\xff\n" in (tmp_path / "x").read_bytes()


def test_attributes_of_the_old_file_stay(here: Host, tmp_path: Path) -> None:
    """The new file has the extended attributes of the one it replaces."""
    plant(tmp_path, {"x": "file 640 a\n"})
    try:
        os.setxattr(tmp_path / "x", "user.a", b"b")
    except OSError:
        pytest.skip("the file system has no extended attributes")
    here.run("lineinfile", {"path": f"{tmp_path}/x", "line": "b"})
    assert os.getxattr(tmp_path / "x", "user.a") == b"b"
