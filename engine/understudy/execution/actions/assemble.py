"""`assemble`: fragments on the controller are joined here, and the text goes as with `copy`."""

from __future__ import annotations

import asyncio
import codecs
import re
import warnings
from pathlib import Path

from understudy.execution.actions.base import Answer, Call, Result, failure, find_file, not_found
from understudy.execution.actions.copy import decrypted_content
from understudy.values.texts import Value
from understudy.values.vault import VaultError

_OWN = frozenset(("decrypt", "delimiter", "ignore_hidden", "regexp", "remote_src"))


class _BadDelimiter(ValueError):  # noqa: N818 (names what is so)
    """An escape in the delimiter is none."""


async def assemble(call: Call) -> Answer:
    """Join fragments of the target there, or those of the controller here."""
    args = call.args
    if args.get("remote_src", True):
        return Answer(await call.target.conclude("assemble", args))
    name = str(args["src"])
    source = find_file(name, call.search_path, "files")
    if isinstance(source, list):
        return failure(f"Task failed: {not_found(name, source)}")
    if not source.is_dir():
        return failure(f"Source ({source}) is not a directory")
    try:
        content = await asyncio.to_thread(_joined, source, args)
    except (OSError, VaultError, re.error, _BadDelimiter) as error:
        return failure(str(error))
    return Answer(await _put(call, content))


def _joined(source: Path, args: dict[str, Value]) -> bytes:
    """Return the chosen fragments in one; each begins on a line of its own.

    After an empty one there is an empty line, as Ansible has it: it does not end with a line's end.
    Raises OSError, VaultError, re.error and _BadDelimiter.
    """
    chosen = re.compile(str(args.get("regexp") or ""))
    delimiter = _delimiter(args)
    joined = content = b""
    for number, path in enumerate(_fragments(source, chosen, hidden=not args["ignore_hidden"])):
        if number:
            joined += (b"" if content.endswith(b"\n") else b"\n") + delimiter
        decrypted = decrypted_content(path) if args["decrypt"] else None
        content = path.read_bytes() if decrypted is None else decrypted
        joined += content
    return joined


def _fragments(source: Path, chosen: re.Pattern[str], *, hidden: bool) -> list[Path]:
    return [
        path
        for path in sorted(source.iterdir())
        if chosen.search(path.name) and path.is_file() and (hidden or path.name[0] != ".")
    ]


def _delimiter(args: dict[str, Value]) -> bytes:
    """Return the line between fragments, its escapes replaced; nothing if there is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # what is no escape stays
            line, _ = codecs.escape_decode(str(args.get("delimiter") or ""))
    except ValueError as error:
        raise _BadDelimiter(f"the delimiter cannot be read: {error}") from None
    return line if not line or line.endswith(b"\n") else line + b"\n"


async def _put(call: Call, content: bytes) -> Result:
    """Stream the text and put it in its place; the result is that of a copy on the target."""
    args = {name: value for name, value in call.args.items() if name not in _OWN}
    sent = await call.target.put(content)
    extra = {"src": sent, "force": True, "_assembled": True, "_source_name": str(call.args["src"])}
    return await call.target.conclude("copy", {**args, **extra})
