"""`uri`: the files that it sends lie on the controller, unless `remote_src` says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from understudy.execution.actions.base import Answer, Call, failure, find_file, not_found


class _NotFound(Exception):  # noqa: N818 (it is an answer)
    """A file is nowhere: `args` are what to say."""


async def uri(call: Call) -> Answer:
    """Stream the body, or the files of a form, to the target, and ask from there."""
    args = call.args
    if call.check_mode or args.get("remote_src"):
        return Answer(await call.target.conclude("uri", args))
    sent: dict[str, str] = {}
    try:
        source = _found(call, str(args["src"])) if args.get("src") else None
        form = {name: _found(call, path) for name, path in _form_files(call).items()}
    except _NotFound as missing:
        return failure(f"Task failed: {missing}")
    except TypeError as wrong:
        return failure(str(wrong))
    more = {"_uploaded": await call.target.put(source)} if source else {}
    for name, path in form.items():
        sent[name] = await call.target.put(path)
    return Answer(await call.target.conclude("uri", {**args, **more, "_files": sent}))


def _form_files(call: Call) -> dict[str, str]:
    """Return the file that each field of a form is to send, if it does not bring its content."""
    body = call.args.get("body")
    if call.args.get("body_format") != "form-multipart":
        return {}
    if not isinstance(body, Mapping):
        raise TypeError(f"body must be mapping, cannot be type {type(body).__name__}")
    fields = {name: field for name, field in body.items() if isinstance(field, Mapping)}
    return {
        str(name): str(field["filename"])
        for name, field in fields.items()
        if field.get("filename") and not field.get("content")
    }


def _found(call: Call, name: str) -> Path:
    path = find_file(name, call.search_path, "files")
    if isinstance(path, list):
        raise _NotFound(not_found(name, path))
    return path
