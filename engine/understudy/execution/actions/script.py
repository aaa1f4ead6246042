"""`script`: a program of the controller is put on the target, run there, and removed."""

from __future__ import annotations

import re
import shlex

from understudy.execution.actions.base import Answer, Call, Result, failure, find_file, not_found
from understudy.execution.actions.copy import decrypted_content
from understudy.values.vault import VaultError

_PLACED = (
    'd={file}.d; mkdir "$d" && mv {file} "$d"/{name} && chmod u+x "$d"/{name} || exit 1;'
    ' ({chdir}{executable}"$d"/{name}{arguments}); r=$?; rm -rf "$d"; exit $r'
)

_WORD = re.compile(r"""(?:\\.|'[^']*'|"(?:\\.|[^"\\])*"|[^\s'"\\])+""", re.DOTALL)


async def script(call: Call) -> Answer:
    """Run the script unless `creates` or `removes` say that there is nothing to do."""
    needless = await _needless(call)
    if needless is not None:
        return Answer({"changed": False, "skipped": True, "msg": needless})
    if call.check_mode:
        return _foretold(call)
    given = str(call.args.get("_raw_params") or call.args.get("cmd") or "")
    try:
        words = shlex.split(given)
    except ValueError as error:
        return failure(f"Task failed: {error}")
    return await _found(call, words[0], given) if words else failure("no script given")


async def _found(call: Call, name: str, given: str) -> Answer:
    found = find_file(name, call.search_path, "files")
    if isinstance(found, list):
        return failure(not_found(name, found))
    arguments = given.strip()[len(_first_word(given)) :]
    try:
        content = decrypted_content(found) if call.args.get("decrypt", True) else None
    except VaultError as error:
        return failure(str(error))
    uploaded = await call.target.put(found if content is None else content)
    return Answer(await _run(call, uploaded, found.name, arguments))


def _first_word(text: str) -> str:
    """Return the first word as it is written, with its quotes and backslashes."""
    found = _WORD.match(text.strip())
    return found[0] if found else ""


async def _needless(call: Call) -> str | None:
    for name, unless, fact in (("creates", True, "exists"), ("removes", False, "does not exist")):
        if path := call.args.get(name):
            about = await call.target.module("stat", {"path": path, "follow": True})
            if bool(about.get("stat", {}).get("exists")) == unless:
                return f"{path} {fact}, matching {name} option"
    return None


def _foretold(call: Call) -> Answer:
    if call.args.get("creates") or call.args.get("removes"):
        return Answer({"changed": True})
    why = "Check mode is not supported for this task."
    return Answer({"changed": False, "skipped": True, "msg": why})


async def _run(call: Call, uploaded: str, name: str, arguments: str) -> Result:
    chdir, executable = call.args.get("chdir"), call.args.get("executable")
    line = _PLACED.format(
        file=shlex.quote(uploaded),
        name=shlex.quote(name),
        chdir=f"cd {shlex.quote(str(chdir))} && " if chdir else "",
        executable=f"{executable} " if executable else "",
        arguments=arguments,
    )
    asked = {"_raw_params": line, "_uses_shell": True, "strip_empty_ends": False, "_script": True}
    return await call.target.conclude("command", asked)
