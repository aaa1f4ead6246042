"""The executable form of an inventory: a program asked with `--list`, and perhaps `--host`."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from understudy.inventory.listing import NotAListing, read_listing
from understudy.inventory.model import Inventory
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid, Severity
from understudy.values.texts import Value

_HOST_CALLS_AT_ONCE = 8


def read_script(path: Path, inventory: Inventory, *, shows_stderr: bool = True) -> None:
    """Run a program and add what it names. Raise PlaybookInvalid."""
    answer, said = _ask(path, "--list")
    if said and shows_stderr:
        message = f"the inventory program `{path}` says: {said}"
        warning = Diagnostic(code="inventory-script", message=message, severity=Severity.WARNING)
        inventory.warnings.append(warning)
    try:
        read_listing(answer, str(path), inventory, lambda names: _ask_for_each(path, names))
    except NotAListing as error:
        raise _refuse(path, str(error), said) from None


def is_program(path: Path) -> bool:
    """Tell whether a file is executable and begins as a program does, not as a text."""
    if not os.access(path, os.X_OK | os.R_OK):
        return False
    with path.open("rb") as file:
        return file.read(4).startswith((b"#!", b"\x7fELF"))


def _ask_for_each(path: Path, names: Sequence[str]) -> Mapping[str, Value]:
    from concurrent.futures import ThreadPoolExecutor  # costs milliseconds

    with ThreadPoolExecutor(_HOST_CALLS_AT_ONCE) as pool:
        asked = {name: pool.submit(_ask, path, "--host", name) for name in names}
        return {name: answer.result()[0] for name, answer in asked.items()}


def _ask(path: Path, *arguments: str) -> tuple[Value, str]:
    """Return the answer, and what the program printed to stderr; raise PlaybookInvalid.

    Only of a host a program may have nothing to say.
    """
    import subprocess  # costs milliseconds, and few inventories are programs

    command = [str(path.absolute()), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    except OSError as error:
        raise _refuse(path, error.strerror or str(error)) from None
    said = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode:
        raise _refuse(path, f"`{' '.join(arguments)}` ended with code {done.returncode}", said)
    if not done.stdout.strip() and "--host" in arguments:
        return {}, said
    try:
        return json.loads(done.stdout), said
    except ValueError as error:
        raise _refuse(path, f"`{' '.join(arguments)}` did not print JSON: {error}", said) from None


def _refuse(path: Path, why: str, said: str = "") -> PlaybookInvalid:
    notes = (f"it printed to stderr: {said[-400:]}",) if said else ()
    message = f"the inventory program `{path}` cannot be used: {why}"
    return PlaybookInvalid([Diagnostic(code="inventory-script", message=message, notes=notes)])
