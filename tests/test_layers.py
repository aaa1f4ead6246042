"""Imports go only from a later room of the house to an earlier one."""

from __future__ import annotations

import ast
from pathlib import Path

import understudy

ROOMS = (
    "resources text config values inventory playbook check events connections execution report"
    " simulate teach cli __main__"
).split()
PACKAGE = Path(understudy.__file__).parent


def _rooms_imported_by(path: Path) -> set[str]:
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "understudy":
            names += [f"understudy.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.append(node.module)
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    return {name.split(".")[1] for name in names if name.startswith("understudy.")} & {*ROOMS}


def test_every_room_imports_only_from_earlier_rooms() -> None:
    """The order of reading is the order of knowing: no room knows of a later one."""
    wrong = []
    for path in sorted(PACKAGE.rglob("*.py")):
        room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if room != "__init__":
            place = ROOMS.index(room)
            late = [name for name in _rooms_imported_by(path) if ROOMS.index(name) > place]
            wrong += [f"{path.relative_to(PACKAGE)} imports {name}" for name in sorted(late)]
    assert wrong == []
