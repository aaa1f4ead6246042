"""`mount_facts` tells what is mounted; results as Ansible's."""

from pathlib import Path
from typing import Any

import pytest

from tests.modules.runner import Host

TABLE = """\
# a comment
UUID=12-3 / ext4 rw 0 1
/dev/x\t{w}/a\\040b\txfs\tdefaults,noatime
/dev/y none swap sw 0 0
short line
/dev/z / ext4 defaults 1 2 # the second
"""
SIZES = {"size_total", "size_available"} | {
    f"{what}_{name}" for what in ("block", "inode") for name in ("total", "available", "used")
}


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Give a file like /etc/fstab, one of whose mount points is there."""
    (tmp_path / "a b").mkdir()
    path = tmp_path / "fstab"
    path.write_text(TABLE.format(w=tmp_path))
    return path


def gathered(host: Host, **args: object) -> dict[str, Any]:
    """Return the facts and the warnings."""
    result = host.run("mount_facts", args)
    facts: dict[str, Any] = result["ansible_facts"]
    return {**facts, "warnings": result.get("warnings", [])}


def test_a_table_is_read(host: Host, table: Path, tmp_path: Path) -> None:
    """The first definition counts, unescaped and with the sizes of what is there."""
    found = gathered(host, sources=[str(table)])
    space = found["mount_points"][f"{tmp_path}/a b"]
    assert set(space) >= SIZES | {"block_size"}
    assert {key: space[key] for key in sorted(set(space) - SIZES - {"block_size"})} == {
        "ansible_context": {
            "source": str(table),
            "source_data": f"/dev/x\t{tmp_path}/a\\040b\txfs\tdefaults,noatime",
        },
        "device": "/dev/x",
        "fstype": "xfs",
        "mount": f"{tmp_path}/a b",
        "options": "defaults,noatime",
        "uuid": None,
    }
    root = found["mount_points"]["/"]
    assert (root["uuid"], root["dump"], root["passno"]) == ("12-3", 0, 1)
    assert set(found["mount_points"]["none"]).isdisjoint(SIZES)
    assert found["aggregate_mounts"] == []
    assert found["warnings"] == [
        (
            "mount_facts: ignoring repeat mounts in the following sources:"
            f" {table} (['/']). You can disable this warning by configuring the"
            " 'include_aggregate_mounts' option as True or False."
        )
    ]


def test_all_definitions_are_told_on_request(here: Host, table: Path) -> None:
    """Without that there is no warning either if it is not wanted."""
    found = gathered(here, sources=[str(table)], include_aggregate_mounts=True)
    assert [mount["device"] for mount in found["aggregate_mounts"]] == [
        "UUID=12-3",
        "/dev/x",
        "/dev/y",
        "/dev/z",
    ]
    assert gathered(here, sources=[str(table)], include_aggregate_mounts=False)["warnings"] == []


def test_patterns_choose(here: Host, table: Path) -> None:
    """A mount has to match both kinds of pattern; sources that are one file are read once."""
    link = table.with_name("link")
    link.symlink_to(table)
    args = {"sources": [str(link), str(table)], "include_aggregate_mounts": True}
    found = gathered(here, **args, fstypes=["ext*", "swap"], devices=["/dev/*"])
    assert [mount["device"] for mount in found["aggregate_mounts"]] == ["/dev/y", "/dev/z"]
    assert found["warnings"] == []
    twice = gathered(here, sources=[str(table), str(table)], devices=["none"])
    assert twice["warnings"][0].endswith(f"will be ignored: ['{table}', '{table}']")


def test_what_is_mounted_here(here: Host) -> None:
    """The kernel's file is asked first, and the program only where no file tells."""
    found = gathered(here, sources=["dynamic"], fstypes=["proc"])
    assert found["mount_points"]["/proc"]["ansible_context"]["source"] == "/etc/mtab"
    program = gathered(here, sources=["mount"], fstypes=["proc"])["mount_points"]["/proc"]
    assert program["ansible_context"]["source"] == "mount"
    assert (program["device"], program["fstype"], program.get("dump")) == ("proc", "proc", None)


def test_another_program(here: Host, tmp_path: Path) -> None:
    """It is run in the place of `mount`; names with spaces are understood."""
    program = tmp_path / "lister"
    program.write_text("#!/bin/sh\necho '/dev/a on /no/a b type ext4 (rw)'; echo junk\n")
    program.chmod(0o755)
    found = gathered(here, sources=["mount"], mount_binary=str(program))
    assert found["mount_points"]["/no/a b"]["options"] == "rw"
    program.write_text("#!/bin/sh\nexec sleep 5\n")
    args = {"sources": ["mount"], "mount_binary": str(program), "timeout": 0.05}
    late = f"Command '['{program}']' timed out after 0.05 seconds"
    assert here.run("mount_facts", args) == {"failed": True, "msg": late}
    assert gathered(here, **args, on_timeout="warn")["warnings"] == [late]
    assert gathered(here, **args, on_timeout="ignore")["warnings"] == []
    assert gathered(here, sources=["mount"], mount_binary=None)["mount_points"] == {}
    assert gathered(here, sources=["mount"], mount_binary="/not/there")["mount_points"] == {}


def test_sizes_within_a_time(here: Host, table: Path, tmp_path: Path) -> None:
    """With a limit they are asked by a child that can be left behind."""
    found = gathered(here, sources=[str(table)], timeout=5, include_aggregate_mounts=False)
    assert set(found["mount_points"][f"{tmp_path}/a b"]) >= SIZES


@pytest.mark.parametrize(
    ("args", "msg"),
    [
        ({"timeout": 0}, "argument 'timeout' must be a positive number or null, not 0.0"),
        ({"mount_binary": 5}, "argument 'mount_binary' must be a string or null, not 5"),
        ({"sources": [""]}, "sources contains an empty string"),
    ],
)
def test_wrong_arguments(here: Host, args: dict[str, object], msg: str) -> None:
    """The message is Ansible's."""
    assert here.run("mount_facts", args)["msg"] == msg
