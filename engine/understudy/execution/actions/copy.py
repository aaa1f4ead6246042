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
        return Answer(await call.target.conclude("copy", args))
    if args.get("content") is not None:
        return Answer(await put_content(call, _as_bytes(args["content"]), args))
    name = str(args["src"])
    found = find_file(name, call.search_path, "files")
    if isinstance(found, list):
        return failure(not_found(name, found))
    if found.is_dir():
        return Answer(await _directory(call, found, with_itself=not name.endswith("/")))
    sent = await _sent(call, found)
    if "failed" in sent:
        return Answer(sent)
    return Answer(await call.target.conclude("copy", {**args, **sent}))


def _as_bytes(content: object) -> bytes:
    text = json.dumps(content) if isinstance(content, (dict, list)) else str(content)
    return text.encode("utf-8", "surrogateescape")


async def _sent(call: Call, path: Path) -> Result:
    """Stream a file; return the arguments that put it in place, or why it could not be sent."""
    try:
        mode = readable_mode(path)
    except OSError as error:
        return failure(f"could not read {path}: {error.strerror}").result
    extra: Result = {"_original_basename": path.name, "_source_name": str(path)}
    if call.args.get("mode") == "preserve":
        extra["mode"] = mode
    try:
        content = decrypted_content(path) if call.args.get("decrypt", True) else None
    except VaultError as error:
        return failure(str(error)).result
    uploaded = await call.target.put(path if content is None else content)
    return {**extra, "src": uploaded, "_uploaded": True}


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
    extra = {"content": None, "src": await call.target.put(content), "_uploaded": True}
    return await call.target.conclude("copy", {**args, **extra})


async def _directory(call: Call, root: Path, *, with_itself: bool) -> Result:
    """Put the files in place one by one; for a job send them all first."""
    base = Path(str(call.args["dest"])) / (root.name if with_itself else "")
    shown: Result = {
        "dest": str(call.args["dest"]).rstrip("/") + "/",
        "src": f"{root}{'' if with_itself else '/'}",
    }
    changed = False
    sent: list[Result] = []
    for path in _files(root):
        one = await _sent(call, path)
        if "failed" in one:
            return one
        one |= {"dest": str(base / path.relative_to(root)), "_make_parents": True}
        sent.append(one)
        if call.target.launches:
            continue
        result = await call.target.module("copy", {**call.args, **one})
        if result.get("failed"):
            return result
        changed = changed or bool(result.get("changed"))
    if call.target.launches:
        return await call.target.conclude("copy", {**call.args, **shown, "_files": sent})
    return {"changed": changed, **shown}


def _files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file())
