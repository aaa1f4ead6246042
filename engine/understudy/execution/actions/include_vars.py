"""`include_vars`: variables from a file or a directory of files on the controller."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from understudy.execution.actions.base import Answer, Call, failure, find_file, not_found
from understudy.text.diagnostic import PlaybookInvalid
from understudy.values.filters.containers import combine
from understudy.values.load import load_vars_file
from understudy.values.texts import Value

_ONLY_FILE = frozenset({"file", "_raw_params"})
_ONLY_DIR = frozenset(
    "depth dir extensions files_matching ignore_files ignore_unknown_extensions".split()
)
_NO_FILE = (
    "Could not find file on the Ansible Controller.\n"
    "If you are using a module and expect the file to exist on the remote,"
    " see the remote_src option"
)


class _NotIncluded(Exception):  # noqa: N818 (names what is so)
    """Files of variables cannot be had."""


async def include_vars(call: Call) -> Answer:
    """Load a file, or every matching file of a directory, as variables of the host."""
    if _ONLY_FILE & _given(call) and _ONLY_DIR & _given(call):
        return failure(
            "Task failed: You are mixing file only and dir only arguments, these are incompatible"
        )
    name = call.args.get("name")
    try:
        paths = list(_matching(call, _directory(call))) if call.args.get("dir") else [_file(call)]
        variables = _loaded(paths)
    except _NotIncluded as why:
        facts: dict[str, Value] = {str(name): {}} if name else {}
        return _failed(str(why), facts)
    if name:
        variables = {str(name): variables}
    elif call.args.get("hash_behaviour") == "merge":
        variables = _merged(call, variables)
    files = [str(path) for path in paths]
    return Answer(
        {"changed": False, "ansible_facts": variables, "ansible_included_var_files": files}
    )


def _given(call: Call) -> frozenset[str]:
    """Return the names of the arguments that the task itself gives."""
    action = call.task.action
    names = frozenset(action.args if action.template is None else call.args)
    return names | {"_raw_params"} if action.free_form is not None else names


def _file(call: Call) -> Path:
    given = call.args.get("file") or call.args.get("_raw_params")
    if given in (None, "", "None"):
        raise _NotIncluded(_NO_FILE)
    name = str(given).strip()
    found = find_file(name, call.search_path, "vars")
    if isinstance(found, list):
        raise _NotIncluded(not_found(name, found))
    return found


def _directory(call: Call) -> Path:
    """Return the directory to read: of a role its `vars/`, else beside the task's file."""
    name = str(call.args["dir"])
    role = call.task.role
    if role is None:
        directory = Path(call.task.span.source.name).resolve().parent / name
    elif Path(name).parts[:1] == ("vars",):
        directory = role.path / name
    else:
        directory = role.path / "vars" / name
    if not directory.is_dir():
        raise _NotIncluded(f"{directory} directory does not exist")
    return directory


def _matching(call: Call, directory: Path) -> Iterator[Path]:
    """Yield the files to read, a directory's own before those of the directories in it."""
    args = call.args
    endings = [str(ending) for ending in args["extensions"]]
    ignored = [re.compile(rf"{pattern}$") for pattern in args.get("ignore_files") or ()]
    wanted = re.compile(args.get("files_matching") or "")
    for path in _files(directory, int(args.get("depth") or 0)):
        if not wanted.search(path.name) or any(one.search(path.name) for one in ignored):
            continue
        if path.suffix.removeprefix(".") in endings:
            yield path
        elif not args["ignore_unknown_extensions"]:
            known = ", ".join(endings)
            raise _NotIncluded(f"{path} does not have a valid extension: {known}")


def _files(directory: Path, depth: int) -> Iterator[Path]:
    for folder, _, names in sorted(os.walk(directory, followlinks=True)):
        level = len(Path(folder).relative_to(directory).parts) + 1
        if not depth or level <= depth:
            yield from (Path(folder, name) for name in sorted(names))


def _loaded(paths: list[Path]) -> dict[str, Value]:
    variables: dict[str, Value] = {}
    for path in paths:
        try:
            variables |= load_vars_file(path)
        except PlaybookInvalid as invalid:
            found = invalid.diagnostics[0]
            wrong_kind = found.code == "not-a-mapping"
            message = f"{path} must be stored as a dictionary/hash" if wrong_kind else found.message
            raise _NotIncluded(message) from None
        except OSError as error:
            raise _NotIncluded(f"could not read {path}: {error.strerror}") from None
    return variables


def _merged(call: Call, variables: Mapping[str, Value]) -> dict[str, Value]:
    """Return variables with what the host already has of each mapping added."""
    known = {name: call.scope.get(name) for name in variables if name in call.scope}
    merged: dict[str, Value] = combine(known, dict(variables), recursive=True)
    return merged


def _failed(message: str, facts: Mapping[str, Value]) -> Answer:
    return Answer(
        {
            "failed": True,
            "changed": False,
            "ansible_facts": facts,
            "ansible_included_var_files": [],
            "message": message,
        }
    )
