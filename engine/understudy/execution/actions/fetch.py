"""`fetch`: a file of the target into a tree of files here, with a directory for each host."""

from __future__ import annotations

import asyncio
import hashlib
import os
import posixpath
from pathlib import Path

from understudy.execution.actions.base import Answer, Call, Result, failure

_MISSING = "the remote file does not exist, not transferring, ignored"
_DIRECTORY = "remote file is a directory, fetch cannot work on directories"
_CHUNK = 1 << 20


async def fetch(call: Call) -> Answer:
    """Stream the file here if it differs from the one that is there."""
    if call.check_mode:
        why = "check mode not (yet) supported for this module"
        return Answer({"changed": False, "skipped": True, "msg": why})
    source = str(call.args["src"])
    about = await _about(call, source)
    if not about.get("exists") or about.get("isdir"):
        return _not_fetched(call, source, is_directory=bool(about.get("isdir")))
    dest = _destination(call, str(about["path"]))
    if isinstance(dest, str):
        return failure(dest)
    return await _fetched(call, str(about["path"]), about.get("checksum"), dest)


def _not_fetched(call: Call, source: str, *, is_directory: bool) -> Answer:
    """Return a failure, unless the author has said that it is none."""
    if call.args["fail_on_missing"]:
        return failure(_DIRECTORY if is_directory else _MISSING)
    if is_directory:
        return Answer({"changed": False, "msg": f"{_DIRECTORY}, not transferring, ignored"})
    return Answer({"changed": False, "file": source, "msg": _MISSING})


async def _about(call: Call, path: str) -> Result:
    """Return what `stat` says of a file, its checksum included."""
    asked = {"path": path, "follow": True, "get_checksum": True, "checksum_algorithm": "sha1"}
    answer = await call.target.module("stat", asked)
    about: Result = answer.get("stat", {})
    return about


def _destination(call: Call, source: str) -> Path | str:
    """Return where the file belongs, or why that is no place for it."""
    wanted = os.path.expanduser(str(call.args["dest"]))  # noqa: PTH111 (a final `/` means something)
    path = call.search_path[-1] / wanted
    if not call.args["flat"]:
        return path / call.host.name / source.lstrip("/")
    if wanted.endswith("/"):
        return path / posixpath.basename(source)
    if path.is_dir():
        return (
            "dest is an existing directory, use a trailing slash if you want to fetch src into"
            " that directory"
        )
    return path


async def _fetched(call: Call, source: str, checksum: object, dest: Path) -> Answer:
    sums = await asyncio.to_thread(_sums, dest)
    if sums is not None and sums[0] == checksum:
        same = {"md5sum": sums[1], "checksum": sums[0], "file": source, "dest": str(dest)}
        return Answer({"changed": False, **same})
    try:
        new = await _streamed(call, source, dest)
    except OSError as error:
        return failure(f"cannot write {dest}: {error.strerror}")
    result = {"md5sum": new[1], "checksum": new[0], "dest": str(dest)}
    remote = {"remote_md5sum": None, "remote_checksum": checksum or new[0]}
    if call.args["validate_checksum"] and checksum and new[0] != checksum:
        wrong = {"file": source, **result, **remote}
        return failure("checksum mismatch", **wrong)
    return Answer({"changed": True, **result, **remote})


async def _streamed(call: Call, source: str, dest: Path) -> tuple[str, str]:
    """Put the file in its place in one step; return its checksums. Raises OSError."""
    dest.parent.mkdir(parents=True, exist_ok=True)
    beside = dest.with_name(f".{dest.name}.{os.getpid()}.part")
    try:
        await call.target.get(source, beside)
        sums = await asyncio.to_thread(_sums, beside)
        beside.replace(dest)
    finally:
        beside.unlink(missing_ok=True)
    return sums or ("", "")


def _sums(path: Path) -> tuple[str, str] | None:
    """Return the SHA-1 and MD5 of a local file in hex, None if there is no such file."""
    if not path.is_file():
        return None
    digests = hashlib.sha1(), hashlib.md5()  # noqa: S324 (Ansible tells them)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            for digest in digests:
                digest.update(chunk)
    return digests[0].hexdigest(), digests[1].hexdigest()
