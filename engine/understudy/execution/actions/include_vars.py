"""`include_vars`: variables from a file or a directory of files on the controller."""

from __future__ import annotations

import re
from pathlib import Path

from understudy.execution.actions.base import Answer, Call, find_file, not_found
from understudy.text.diagnostic import PlaybookInvalid
from understudy.values.load import load_vars_file
from understudy.values.texts import Value


async def include_vars(call: Call) -> Answer:
    """Load a file, or every matching file of a directory, as variables of the host."""
    if directory := call.args.get("dir"):
        return _from_directory(call, str(directory))
    name = str(call.args.get("file") or call.args.get("_raw_params"))
    found = find_file(name, call.search_path, "vars")
    if isinstance(found, list):
        return _failed(not_found(name, found))
    return _load(call, [found])


def _from_directory(call: Call, name: str) -> Answer:
    found = find_file(name, call.search_path, "vars")
    if isinstance(found, list) or not found.is_dir():
        where = found[0] if isinstance(found, list) else found
        return _failed(f"{where} directory does not exist")
    return _load(call, _matching(call, found))


def _matching(call: Call, directory: Path) -> list[Path]:
    depth = call.args.get("depth") or 0
    extensions = {f".{e.lstrip('.')}" for e in call.args["extensions"]}
    ignored = [re.compile(p) for p in call.args.get("ignore_files") or ()]
    wanted = re.compile(call.args.get("files_matching") or "")
    return [
        path
        for path in sorted(directory.rglob("*"))
        if path.is_file()
        and (not depth or len(path.relative_to(directory).parts) <= depth)
        and path.suffix in extensions
        and wanted.search(path.name)
        and not any(p.search(path.name) for p in ignored)
    ]


def _load(call: Call, paths: list[Path]) -> Answer:
    variables: dict[str, Value] = {}
    for path in paths:
        try:
            variables |= load_vars_file(path)
        except PlaybookInvalid as invalid:
            return _failed(invalid.diagnostics[0].message, [str(path)])
        except OSError as error:
            return _failed(f"could not read {path}: {error.strerror}", [str(path)])
    if name := call.args.get("name"):
        variables = {str(name): variables}
    files = [str(path) for path in paths]
    return Answer(
        {"changed": False, "ansible_facts": variables, "ansible_included_var_files": files}
    )


def _failed(message: str, files: list[str] | None = None) -> Answer:
    return Answer(
        {
            "failed": True,
            "changed": False,
            "ansible_facts": {},
            "ansible_included_var_files": files or [],
            "message": message,
        }
    )
