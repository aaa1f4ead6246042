"""`unarchive`: the controller's half streams the archive, unless the target has it or gets it."""

from __future__ import annotations

from understudy.execution.actions.base import Answer, Call, Result, failure, find_file, not_found
from understudy.execution.actions.copy import decrypted_content
from understudy.values.vault import VaultError


async def unarchive(call: Call) -> Answer:
    """Put the archive on the target, and have it unpacked there."""
    args = dict(call.args)
    if args.get("copy") is False:
        args["remote_src"] = True
    if creates := args.get("creates"):
        about = await call.target.module("stat", {"path": creates, "follow": True})
        if about.get("stat", {}).get("exists"):
            msg = f"skipped, since {creates} exists"
            return Answer({"changed": False, "skipped": True, "msg": msg})
    if args.get("remote_src"):
        return await _module(call, args)
    name = str(args["src"])
    found = find_file(name, call.search_path, "files")
    if isinstance(found, list):
        return failure(f"Task failed: {not_found(name, found)}")
    if found.is_dir():
        return failure(f"the archive {found} is a directory")
    try:
        content = decrypted_content(found) if args.get("decrypt", True) else None
    except (VaultError, OSError) as error:
        return failure(str(error))
    uploaded = await call.target.put(found if content is None else content)
    return await _module(call, {**args, "src": uploaded, "_uploaded": True})


async def _module(call: Call, args: Result) -> Answer:
    return Answer(await call.target.conclude("unarchive", args))
