"""Modules of the project's own: programs in `library/` beside the playbook or in a role."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from understudy.playbook.module_schema import ModuleSchema, read_schema
from understudy.resources import SCHEMAS
from understudy.text.diagnostic import Diagnostic, Label
from understudy.text.source import Position, Source, Span, span_at

_NO_MODULES = frozenset(".bak .ini .json .md .pyc .pyo .rst .swp .toml .txt .yaml .yml".split())
_ANSIBLES = re.compile(r"^\s*(?:from|import)\s+(ansible[\w.]*)", re.MULTILINE)


def find_user_module(name: str, folders: Iterable[Path]) -> Path | None:
    """Return the program that a name means in the first folder that has one."""
    found = (_programs(folder).get(name) for folder in folders)
    return next((path for path in found if path is not None), None)


@cache
def _programs(folder: Path) -> Mapping[str, Path]:
    """Return the programs of a folder by name; `NAME.py` wins over other endings."""
    if not folder.is_dir():
        return {}
    files = [path for path in sorted(folder.iterdir()) if path.suffix not in _NO_MODULES]
    files.sort(key=lambda path: path.suffix == ".py")
    return {path.stem: path for path in files if path.is_file()}


@cache
def user_schema() -> ModuleSchema:
    """Return the schema of all modules that have none: any argument, unconverted."""
    return read_schema(SCHEMAS / "user_module.json")


def not_runnable(path: Path, called_at: Span) -> Diagnostic | None:
    """Return the finding for a module that imports a part of Ansible, which is not there."""
    text = path.read_bytes().decode("utf-8", "replace")
    found = _ANSIBLES.search(text) if path.suffix in ("", ".py") else None
    if found is None:
        return None
    source = Source(str(path), text)
    place = source.position(found.start(1))
    return Diagnostic(
        code="unsupported-module",
        message=f"the module `{path.stem}` imports `{found[1]}`, which is a part of Ansible",
        span=called_at,
        others=(Label(span_at(source, Position(*place), len(found[1])), "imported here"),),
        help="a module may use Python's own library, and take its arguments as WANT_JSON",
    )
