"""`unarchive` makes what is in an archive be in a directory, and nothing lie outside of it."""

import io
import os
import stat
import struct
import subprocess
import tarfile
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.modules.case import Case, filled, verify
from tests.modules.runner import Host, harvest, plant
from tests.modules.site import Page, Site
from tests.sandbox import Sandbox

TIME = 1577934244
USUAL = {
    "d": "dir 750",
    "d/one": "file 640 one",
    "d/soft": "link one",
    "x ä": "file 755 x",
}
CASES = YAML(typ="safe").load(Path(__file__).parent / "cases" / "unarchive.yml")
TYPES = {"dir": tarfile.DIRTYPE, "link": tarfile.SYMTYPE, "hard": tarfile.LNKTYPE}
MODES = {"dir": stat.S_IFDIR, "link": stat.S_IFLNK, "file": stat.S_IFREG}


def make(path: Path, kind: str, tree: Mapping[str, str]) -> Path:
    """Write an archive of what `plant` would make."""
    if kind == "zip":
        _make_zip(path, tree)
    elif kind == "zst":
        _make_tar(path.with_suffix(".plain"), "w", tree)
        subprocess.run(["zstd", "-qf", path.with_suffix(".plain"), "-o", path], check=True)
    else:
        _make_tar(path, "w" if kind == "tar" else f"w:{kind}", tree)
    return path


def _make_tar(path: Path, mode: str, tree: Mapping[str, str]) -> None:
    archive: tarfile.TarFile
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, what in tree.items():
            kind, bits, text = _read(what)
            info = tarfile.TarInfo(name)
            info.type, info.mode, info.mtime = TYPES.get(kind, tarfile.REGTYPE), bits, TIME
            info.uid, info.gid = os.getuid(), os.getgid()
            if kind in ("link", "hard"):
                info.linkname = text
            content = text.encode() if kind == "file" else b""
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


def _make_zip(path: Path, tree: Mapping[str, str]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, what in tree.items():
            kind, bits, text = _read(what)
            info = zipfile.ZipInfo(name + "/" * (kind == "dir"), (2020, 1, 2, 3, 4, 4))
            info.create_system = 3
            info.external_attr = (MODES[kind] | bits) << 16
            archive.writestr(info, "" if kind == "dir" else text)


def _read(what: str) -> tuple[str, int, str]:
    kind, _, rest = what.partition(" ")
    if kind in ("link", "hard"):
        return kind, 0o777, rest
    bits, _, text = rest.partition(" ")
    return kind, int(bits, 8), text


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda n: CASES[n]["name"])
def test_unarchive(
    number: int, host: Host, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Check mode predicts, the run does it, a second run finds it done; none leads out."""
    one = filled(dict(CASES[number]), tmp_path)
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    archive = make(elsewhere / "archive", one.pop("kind"), one.pop("members", USUAL))
    args = {"src": str(archive), "dest": str(tmp_path), "remote_src": True, **one.pop("args", {})}
    result = _with_archive(one.pop("result", {}), archive)
    verify(Case(module="unarchive", args=args, result=result, **one), host, tmp_path, elsewhere)


def _with_archive(result: Mapping[str, Any], archive: Path) -> dict[str, Any]:
    return {
        key: value.replace("{a}", str(archive)) if isinstance(value, str) else value
        for key, value in result.items()
    }


def test_times_are_those_of_the_archive(here: Host, tmp_path: Path) -> None:
    """For both kinds, so that a second run sees nothing new; a touched file is written again."""
    for kind in ("tar", "zip"):
        archive, dest = make(tmp_path / f"a.{kind}", kind, USUAL), tmp_path / kind
        dest.mkdir()
        args = {"src": str(archive), "dest": str(dest), "remote_src": True}
        here.run("unarchive", args)
        assert (dest / "d/one").stat().st_mtime == TIME
        (dest / "d/one").touch()
        assert here.run("unarchive", args)["changed"]


def test_an_archive_with_an_address(here: Host, tmp_path: Path) -> None:
    """It is downloaded; what cannot be is a failure that says why."""
    body = make(tmp_path / "a.tar.gz", "gz", {"x": "file 644 x"}).read_bytes()
    dest = tmp_path / "to"
    dest.mkdir()
    with Site({"/a": Page(body=body), "/short": Page(body=body[:-20], length=len(body))}) as site:
        args = {"dest": str(dest), "remote_src": True}
        assert here.run("unarchive", {**args, "src": f"{site.url}/a"})["changed"]
        missing = here.run("unarchive", {**args, "src": f"{site.url}/none"})
        short = here.run("unarchive", {**args, "src": f"{site.url}/short"})
    assert missing["msg"] == f"Failure downloading {site.url}/none, HTTP Error 404: Not Found"
    assert short["msg"].startswith(f"Failure downloading {site.url}/short, Incomplete read")
    assert harvest(dest) == {"x": "file 644 x"}


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz", "zip"])
def test_a_broken_archive_is_refused_before_anything_is_written(
    here: Host, tmp_path: Path, kind: str
) -> None:
    """Half of one is none."""
    whole = make(tmp_path / "whole", kind, {"a": "file 644 " + os.urandom(5000).hex()})
    broken, dest = tmp_path / "broken", tmp_path / "to"
    broken.write_bytes(whole.read_bytes()[:-3000])
    dest.mkdir()
    args = {"src": str(broken), "dest": str(dest), "remote_src": True}
    assert here.run("unarchive", args)["msg"].startswith(f'Failed to find handler for "{broken}"')
    assert harvest(dest) == {}


SLY = {
    "a hard link to a link": [
        ("d/e/l", tarfile.SYMTYPE, "../../x"),
        ("h", tarfile.LNKTYPE, "d/e/l"),
    ],
    "a hard link by a link": [
        ("d/e/l", tarfile.SYMTYPE, "../../x"),
        ("s", tarfile.SYMTYPE, "d/e"),
        ("h", tarfile.LNKTYPE, "s/l"),
    ],
    "a link that comes twice": [("a", tarfile.SYMTYPE, "/etc"), ("a", tarfile.SYMTYPE, "x")],
    "a link by two ways": [
        ("d/a", tarfile.SYMTYPE, "x"),
        ("s", tarfile.SYMTYPE, "d"),
        ("s/a", tarfile.SYMTYPE, "../.."),
    ],
}


@pytest.mark.parametrize("what", SLY)
def test_links_that_lead_out_by_a_trick(here: Host, tmp_path: Path, what: str) -> None:
    """None is made, and nothing else either."""
    archive, dest = tmp_path / "x.tar", tmp_path / "dest"
    dest.mkdir()
    with tarfile.open(archive, "w") as tar:
        for name, kind, to in SLY[what]:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, to
            tar.addfile(member)
    args = {"src": str(archive), "dest": str(dest), "remote_src": True}
    result = here.run("unarchive", args)
    assert result["msg"].startswith(f"failed to unpack {archive} to {dest}: member '"), result
    assert not harvest(dest)


def test_a_name_that_only_one_reads(here: Host, tmp_path: Path) -> None:
    """GNU tar takes the second part of a name from headers of POSIX only; so is it checked."""
    archive, dest = tmp_path / "x.tar", tmp_path / "dest"
    dest.mkdir()
    member = tarfile.TarInfo("a")
    member.type, member.linkname = tarfile.SYMTYPE, ".."
    header = bytearray(member.tobuf(tarfile.GNU_FORMAT))
    header[345:348] = b"pre"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    archive.write_bytes(bytes(header) + bytes(1024))
    result = here.run("unarchive", {"src": str(archive), "dest": str(dest), "remote_src": True})
    assert "member 'a' is a link that leads out: '..'" in result["msg"]
    assert not harvest(dest)


@pytest.mark.parametrize("system", [3, 5])
def test_links_of_a_zip(here: Host, tmp_path: Path, system: int) -> None:
    """They lead out from where unzip makes them: under their other name, from other systems."""
    archive, dest = tmp_path / "x.zip", tmp_path / "dest"
    dest.mkdir()
    link = zipfile.ZipInfo("d/e/l")
    link.create_system, link.external_attr = system, (stat.S_IFLNK | 0o777) << 16
    other = b"l"
    link.extra = struct.pack("<HHBI", 0x7075, 5 + len(other), 1, zlib.crc32(b"d/e/l")) + other
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr(link, "../../x")
    result = here.run("unarchive", {"src": str(archive), "dest": str(dest), "remote_src": True})
    assert "member 'l' is a link that leads out: '../../x'" in result["msg"]
    assert not harvest(dest)


def test_a_link_of_a_zip_that_fills_the_memory(here: Host, tmp_path: Path) -> None:
    """No way is longer than the system takes: what calls itself a link and is longer is none."""
    archive, dest = tmp_path / "x.zip", tmp_path / "dest"
    dest.mkdir()
    link = zipfile.ZipInfo("l")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    link.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr(link, "x" * (1 << 20))
    result = here.run("unarchive", {"src": str(archive), "dest": str(dest), "remote_src": True})
    assert "member 'l' is a link without end" in result["msg"]


def test_what_the_controller_sent(here: Host, tmp_path: Path) -> None:
    """Its path may look like anything; it is gone afterwards."""
    archive = make(tmp_path / "up", "tar", {"x": "file 600 x"})
    (tmp_path / "to").mkdir()
    args = {"src": str(archive), "dest": f"{tmp_path}/to", "_uploaded": True}
    assert here.run("unarchive", args)["changed"]
    assert not archive.exists()


def test_names_of_a_zip_that_are_but_bytes(here: Host, tmp_path: Path) -> None:
    """A program of Unix may not say what they are; they are found again all the same."""
    archive = make(tmp_path / "a", "zip", {"\xe4x": "file 644 x"})
    unmarked = archive.read_bytes().replace(b"\x00\x08\x00\x00", b"\x00\x00\x00\x00")
    archive.write_bytes(unmarked)
    with zipfile.ZipFile(archive) as told:
        assert told.infolist()[0].flag_bits == 0
    plant(tmp_path, {"to": "dir 755"})
    args = {"src": str(archive), "dest": f"{tmp_path}/to", "remote_src": True, "list_files": True}
    results = [here.run("unarchive", args) for _ in range(2)]
    assert [result["changed"] for result in results] == [True, False]
    assert results[0]["files"] == ["\xe4x"]


def test_an_encrypted_zip_asks_nobody(here: Host, tmp_path: Path) -> None:
    """Without a password it is refused, instead of asking on the terminal."""
    plant(tmp_path, {"to": "dir 755", "x": "file 644 x"})
    subprocess.run(["zip", "-qjP", "key", f"{tmp_path}/a.zip", f"{tmp_path}/x"], check=True)
    args = {"src": f"{tmp_path}/a.zip", "dest": f"{tmp_path}/to", "remote_src": True}
    assert "encrypted" in here.run("unarchive", args)["msg"]
    assert here.run("unarchive", {**args, "extra_opts": ["-P", "key"]})["changed"]
    assert (tmp_path / "to/x").read_text() == "x"


def test_options_that_tar_does_not_know(here: Host, tmp_path: Path) -> None:
    """Its own words are in the message."""
    archive = make(tmp_path / "a", "tar", {"x": "file 600 x"})
    plant(tmp_path, {"to": "dir 755"})
    args = {"src": str(archive), "dest": f"{tmp_path}/to", "remote_src": True}
    result = here.run("unarchive", {**args, "extra_opts": ["--nonsense"]})
    assert "unrecognized option '--nonsense'" in result["msg"]


@pytest.mark.root
@pytest.mark.slow
def test_owners_missing_programs_and_full_disks(
    inside: Host, sandbox: Sandbox, tmp_path: Path
) -> None:
    """What was not there gets its owner; the message names the program, or what went wrong."""
    for kind in ("tar", "zip", "zst"):
        make(tmp_path / kind, kind, {"d": "dir 755", "d/x": "file 644 " + "x" * 100_000})
    sandbox.run(["sh", "-c", "mkdir /to /full && mount -t tmpfs -o size=32k none /full"])
    args = {"remote_src": True, "owner": "daemon", "group": "bin"}
    for kind in ("tar", "zip"):
        given = {**args, "src": f"{tmp_path}/{kind}", "dest": "/to"}
        assert [inside.run("unarchive", given)["changed"] for _ in range(2)] == [True, False]
        assert sandbox.run(["stat", "-c", "%U:%G", "/to/d", "/to/d/x"]) == "daemon:bin\n" * 2
        full = inside.run("unarchive", {**given, "dest": "/full"})
        assert full["msg"] == f"failed to unpack {tmp_path}/{kind} to /full"
        assert full["extract_results"]["rc"] != 0
        sandbox.run(["rm", "-r", "/to/d"])
    sandbox.run(["rm", "/usr/bin/unzip", "/usr/bin/zstd"])
    for kind, program in (("zip", "unzip"), ("zst", "zstd")):
        given = {**args, "src": f"{tmp_path}/{kind}", "dest": "/to"}
        assert (
            f"Unable to find required '{program}' binary" in inside.run("unarchive", given)["msg"]
        )
    sandbox.program("/usr/bin/tar", "#!/bin/sh\necho busybox tar\n")
    given = {**args, "src": f"{tmp_path}/tar", "dest": "/to"}
    assert "GNU tar required" in inside.run("unarchive", given)["msg"]
