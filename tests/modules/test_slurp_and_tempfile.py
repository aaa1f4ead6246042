"""`slurp` reads a file into the result; `tempfile` makes a temporary file or directory."""

import base64
from pathlib import Path

import pytest

from tests.modules.runner import Host, harvest, plant


def test_a_file_is_read_in_base64(host: Host, tmp_path: Path) -> None:
    """Bytes that are no text come whole."""
    (tmp_path / "x").write_bytes(b"\xff\x00a")
    assert host.run("slurp", {"src": f"{tmp_path}/x"}, check=True) == {
        "changed": False,
        "content": base64.b64encode(b"\xff\x00a").decode(),
        "encoding": "base64",
        "source": f"{tmp_path}/x",
    }


def test_what_cannot_be_read_is_named(host: Host, tmp_path: Path) -> None:
    """A missing file and a directory fail, each in Ansible's words."""
    plant(tmp_path, {"d": "dir 755"})
    missing = host.run("slurp", {"src": f"{tmp_path}/x"})
    directory = host.run("slurp", {"src": f"{tmp_path}/d"})
    assert missing["msg"] == f"File not found: {tmp_path}/x"
    assert directory["msg"] == f"Source is a directory and must be a file: {tmp_path}/d"


def test_a_file_that_is_too_large_is_refused(host: Host, tmp_path: Path) -> None:
    """A result is held in memory: there is a limit, which is told without reading."""
    with (tmp_path / "x").open("wb") as file:
        file.truncate((256 << 20) + 1)
    msg = f"File is too large for a result: {tmp_path}/x has more than 256 MiB; use fetch"
    assert host.run("slurp", {"src": f"{tmp_path}/x"}) == {"failed": True, "msg": msg}


@pytest.mark.slow
def test_a_device_without_an_end_is_refused(here: Host) -> None:
    """What does not tell its size is read up to the limit, and no further."""
    result = here.run("slurp", {"src": "/dev/zero"})
    assert result["msg"].startswith("File is too large for a result: /dev/zero")


def test_a_temporary_file_is_private(host: Host, tmp_path: Path) -> None:
    """It has the prefix and suffix asked for, and only its owner may read it."""
    args = {"path": str(tmp_path), "prefix": "p.", "suffix": ".s"}
    result = host.run("tempfile", args)
    name = Path(result["path"]).name
    assert harvest(tmp_path) == {name: "file 600 "}
    assert (name[:2], name[-2:], result["changed"]) == ("p.", ".s", True)
    assert sorted(result) == "changed gid group mode owner path size state uid".split()


def test_a_temporary_directory(host: Host, tmp_path: Path) -> None:
    """Its name begins with `ansible.` unless another prefix is given."""
    result = host.run("tempfile", {"path": str(tmp_path), "state": "directory"})
    assert harvest(tmp_path) == {Path(result["path"]).name: "dir 700"}
    assert Path(result["path"]).name.startswith("ansible.")


def test_nothing_is_made_in_check_mode(host: Host, tmp_path: Path) -> None:
    """`tempfile` cannot foretell a name: it skips."""
    result = host.run("tempfile", {"path": str(tmp_path)}, check=True)
    assert result["skipped"]
    assert result["msg"] == "remote module (tempfile) does not support check mode"
    assert harvest(tmp_path) == {}


def test_a_temporary_file_nowhere_fails(host: Host, tmp_path: Path) -> None:
    """The directory must be there."""
    result = host.run("tempfile", {"path": f"{tmp_path}/no"})
    assert result["msg"].startswith(f"[Errno 2] No such file or directory: '{tmp_path}/no/ansible.")


def test_a_temporary_file_is_where_it_was_asked_for(host: Host, tmp_path: Path) -> None:
    """Its name leads nowhere else."""
    for part, value in (("prefix", "../x"), ("suffix", "/x")):
        result = host.run("tempfile", {"path": str(tmp_path), part: value})
        msg = f"{part} must be a valid file name component, got '{value}'"
        assert result == {"failed": True, "msg": msg}
