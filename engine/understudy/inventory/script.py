"""The executable form of an inventory: a program that answers `--list`, and perhaps `--host NAME`.

Its JSON is the author's text: values with templates are rendered like those of a file.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from understudy.inventory.model import GroupLoop, Inventory
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid
from understudy.values.load import author
from understudy.values.texts import Value

_GROUP_KEYS = {"hosts", "children", "vars"}
_HOST_CALLS_AT_ONCE = 8


def read_script(path: Path, inventory: Inventory) -> None:
    """Run a program and add what it names. Raise PlaybookInvalid."""
    answer = _ask(path, "--list")
    meta = _mapping(path, answer.pop("_meta", {}), "_meta")
    names = [name for group, data in answer.items() for name in _add(path, inventory, group, data)]
    if "hostvars" in meta:
        values = _mapping(path, meta["hostvars"], "_meta.hostvars")
    else:
        values = _ask_for_each(path, dict.fromkeys(names))
    for name, of_host in values.items():
        if name in inventory.hosts:
            mapping = _mapping(path, of_host, f"the variables of host {name}")
            inventory.give(inventory.hosts[name], _authored(mapping))


def is_program(path: Path) -> bool:
    """Tell whether a file is executable and begins as a program does, not as a text."""
    if not os.access(path, os.X_OK | os.R_OK):
        return False
    with path.open("rb") as file:
        return file.read(4).startswith((b"#!", b"\x7fELF"))


def _add(path: Path, inventory: Inventory, group: str, data: Value) -> Iterator[str]:
    """Add a group and yield the names of its hosts."""
    inventory.group(group)
    if isinstance(data, list):
        data = {"hosts": data}
    data = _mapping(path, data, group)
    if not _GROUP_KEYS & data.keys():
        data = {"hosts": [group], "vars": data}
    values = _authored(_mapping(path, data.get("vars") or {}, f"{group}.vars"))
    inventory.give(inventory.group(group), values)
    for child in _list(path, data.get("children") or [], f"{group}.children"):
        try:
            inventory.add_child(group, child)
        except GroupLoop as error:
            raise _refuse(path, str(error)) from None
    for name in _list(path, data.get("hosts") or [], f"{group}.hosts"):
        inventory.enlist(name, group, str(path))
        yield name


def _ask_for_each(path: Path, names: Iterable[str]) -> dict[str, Value]:
    with ThreadPoolExecutor(_HOST_CALLS_AT_ONCE) as pool:
        asked = {name: pool.submit(_ask, path, "--host", name) for name in names}
        return {name: answer.result() for name, answer in asked.items()}


def _ask(path: Path, *arguments: str) -> dict[str, Value]:
    command = [str(path.absolute()), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    except OSError as error:
        raise _refuse(path, error.strerror or str(error)) from None
    said = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode:
        raise _refuse(path, f"`{' '.join(arguments)}` ended with code {done.returncode}", said)
    try:
        answer = json.loads(done.stdout or b"{}")
    except ValueError as error:
        raise _refuse(path, f"`{' '.join(arguments)}` did not print JSON: {error}", said) from None
    return dict(_mapping(path, answer, "the answer"))


def _authored(values: Mapping[str, Value]) -> dict[str, Value]:
    return {name: author(value, None) for name, value in values.items()}


def _mapping(path: Path, value: Value, what: str) -> Mapping[str, Value]:
    if isinstance(value, dict):
        return value
    raise _refuse(path, f"`{what}` is not a mapping but {json.dumps(value)[:60]}")


def _list(path: Path, value: Value, what: str) -> list[str]:
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return value
    raise _refuse(path, f"`{what}` is not a list of names but {json.dumps(value)[:60]}")


def _refuse(path: Path, why: str, said: str = "") -> PlaybookInvalid:
    notes = (f"it printed to stderr: {said[-400:]}",) if said else ()
    message = f"the inventory program `{path}` cannot be used: {why}"
    return PlaybookInvalid([Diagnostic(code="inventory-script", message=message, notes=notes)])
