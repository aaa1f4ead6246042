"""`fetch`: a file of the target into a tree of files here, with a directory for each host."""

from __future__ import annotations

import asyncio
import hashlib
import os
import posixpath
import secrets
from pathlib import Path

from understudy.execution.actions.base import Answer, Call, Result, failure

_MISSING = "the remote file does not exist, not transferring, ignored"
_DIRECTORY = "remote file is a directory, fetch cannot work on directories"
_NO_TEXT = "Invalid type supplied for source option, it must be a string"
_IS_DIRECTORY = (
    "is an existing directory, use another path that does not point to an existing directory"
)
_CHUNK = 1 << 20


async def fetch(call: Call) -> Answer:
    """Stream the file here if it differs from the one that is there."""
    if call.check_mode:
        why = "check mode not (yet) supported for this module"
        return Answer({"changed": False, "skipped": True, "msg": why})
    source = call.args["src"]
    if not isinstance(source, str):
        return failure(_NO_TEXT)
    about = await _about(call, source)
    needless = _not_fetched(call, source, about)
    if needless is not None:
        return needless
    try:
        dest = _destination(call, source, str(about["path"]))
        if isinstance(dest, str):
            return failure(dest)
        return await _fetched(call, str(about["path"]), about.get("checksum"), dest)
    except OSError as error:
        return failure(f"cannot write {error.filename}: {error.strerror}")


def _not_fetched(call: Call, source: str, about: Result) -> Answer | None:
    """Return the answer for what cannot be fetched; the author may have said that it need not be.

    Ansible asks `stat` only where it becomes nobody else, so what that says is told only there.
    """
    fails = bool(call.args["fail_on_missing"])
    if "failure" in about and not call.target.becomes:
        msg = f"Failed to get information on remote file ({source}): {about['failure']}"
        if fails:
            return failure(msg, file=source)
        return Answer({"changed": False, "file": source, "msg": f"{msg}, ignored"})
    refusal = _refusal(source, about)
    if refusal is None:
        return None
    return failure(refusal) if fails else _ignored(source, refusal)


def _refusal(source: str, about: Result) -> str | None:
    """Return why a file cannot be fetched, by what `stat` says of it."""
    if about.get("isdir"):
        return _DIRECTORY
    if about.get("readable") is False:
        return f"File is not readable: {source}"
    return None if about.get("exists") else _MISSING


def _ignored(source: str, refusal: str) -> Answer:
    """Return what is told of a file that need not be there."""
    if refusal == _DIRECTORY:
        return Answer({"changed": False, "msg": f"{_DIRECTORY}, not transferring, ignored"})
    why = {"msg": refusal} if refusal == _MISSING else {}
    return Answer({"changed": False, "file": source, **why})


async def _about(call: Call, path: str) -> Result:
    """Return what `stat` says of a file, its checksum included, or its `failure`."""
    asked = {"path": path, "follow": True, "get_checksum": True, "checksum_algorithm": "sha1"}
    answer = await call.target.module("stat", asked)
    refused = {"readable": False, "failure": answer.get("msg")} if answer.get("failed") else {}
    about: Result = answer.get("stat", refused)
    return about


def _destination(call: Call, source: str, told: str) -> Path | str:
    """Return where the file belongs, or why that is no place for it.

    Only the author's own words lead up and out of `dest`: what a host says that `~` is does not.
    """
    if source.startswith("~"):
        source = os.path.normpath(f"/{told}")
    wanted = os.path.expanduser(str(call.args["dest"]))  # noqa: PTH111 (a final `/` means something)
    path = call.search_path[-1] / wanted
    if not call.args["flat"]:
        return Path(os.path.normpath(path / call.host.name / source.lstrip("/")))
    if wanted.endswith("/"):
        path /= posixpath.basename(source)
        return f"calculated dest '{path}' {_IS_DIRECTORY}" if path.is_dir() else path
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
    beside = dest.with_name(f".{secrets.token_hex(8)}.part")  # several hosts may fetch into one
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
