"""`copy`: the controller's half reads the source, the module on the target puts it in place."""

from __future__ import annotations

import json
from pathlib import Path

from understudy.execution.actions.base import Answer, Call, Result, failure, find_file, not_found
from understudy.values.vault import HEADER, VaultError, decrypted


async def copy(call: Call) -> Answer:
    """Stream content, a file or a directory's files to the target, where they differ there."""
    args = call.args
    if args.get("remote_src"):
        return Answer(await call.target.module("copy", args))
    if args.get("content") is not None:
        return Answer(await put_content(call, _as_bytes(args["content"]), args))
    name = str(args["src"])
    found = find_file(name, call.search_path, "files")
    if isinstance(found, list):
        return failure(not_found(name, found))
    if found.is_dir():
        return Answer(await _directory(call, found, with_itself=not name.endswith("/")))
    return Answer(await _file(call, found, args))


def _as_bytes(content: object) -> bytes:
    text = json.dumps(content) if isinstance(content, (dict, list)) else str(content)
    return text.encode("utf-8", "surrogateescape")


async def _file(call: Call, path: Path, args: Result) -> Result:
    try:
        mode = readable_mode(path)
    except OSError as error:
        return failure(f"could not read {path}: {error.strerror}").result
    extra: Result = {"_original_basename": path.name, "_source_name": str(path)}
    if args.get("mode") == "preserve":
        extra["mode"] = mode
    try:
        content = decrypted_content(path) if args.get("decrypt", True) else None
    except VaultError as error:
        return failure(str(error)).result
    return await _put(call, path if content is None else content, {**args, **extra})


def decrypted_content(path: Path) -> bytes | None:
    """Return what an encrypted file holds, None for one that is not; raise VaultError."""
    with path.open("rb") as file:
        start = file.read(len(HEADER))
        return decrypted(start + file.read()) if start == HEADER.encode() else None


def readable_mode(path: Path) -> str:
    """Return the permissions of a file that can be read; raise OSError for one that cannot."""
    with path.open("rb"):
        return f"0{path.stat().st_mode & 0o7777:o}"


async def put_content(call: Call, content: bytes, args: Result) -> Result:
    """Stream a text to the target and put it in place, with the arguments of `copy`."""
    return await _put(call, content, {**args, "content": None})


async def _put(call: Call, source: Path | bytes, args: Result) -> Result:
    uploaded = await call.target.put(source)
    return await call.target.module("copy", {**args, "src": uploaded, "_uploaded": True})


async def _directory(call: Call, root: Path, *, with_itself: bool) -> Result:
    base = Path(str(call.args["dest"])) / (root.name if with_itself else "")
    changed = False
    for path in _files(root):
        dest = base / path.relative_to(root)
        result = await _file(call, path, {**call.args, "dest": str(dest), "_make_parents": True})
        if result.get("failed"):
            return result
        changed = changed or bool(result.get("changed"))
    shown_dest = str(call.args["dest"]).rstrip("/") + "/"
    return {"changed": changed, "dest": shown_dest, "src": f"{root}{'' if with_itself else '/'}"}


def _files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file())
