"""Modules of the project's own: programs in `library/` beside the playbook or in a role."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from understudy.playbook.module_schema import ModuleSchema, read_schema
from understudy.resources import MODULES, PACKAGE, SCHEMAS
from understudy.text.diagnostic import Diagnostic, Label
from understudy.text.source import Position, Source, Span, span_at

_NO_MODULES = frozenset(".bak .ini .json .md .pyc .pyo .rst .swp .toml .txt .yaml .yml".split())
_UTILS = "ansible.module_utils"
_SHARED = ("understudy.playbook.", "understudy.values.")
"""Where sources lie that run on targets as well, though they are no part of the agent."""
_BASIC = f"{_UTILS}.basic"


@dataclass(frozen=True, slots=True)
class UserModule:
    """A program of the project's own. `carried` are the modules it imports, by full name.

    Only a program in Python that imports parts of Ansible carries any: our own stand-ins for
    `ansible.module_utils`, and what lies in `module_utils/` of the project.
    """

    path: Path
    carried: tuple[tuple[str, Path], ...] = ()
    is_action: bool = False
    """It is an action plugin: it runs on the controller."""


def find_user_module(name: str, folders: Iterable[Path]) -> Path | None:
    """Return the program that a name means in the first folder that has one."""
    found = (programs(folder).get(name) for folder in folders)
    return next((path for path in found if path is not None), None)


@cache
def programs(folder: Path) -> Mapping[str, Path]:
    """Return the modules of a folder by name; `NAME.py` wins over other endings."""
    if not folder.is_dir():
        return {}
    files = [path for path in sorted(folder.iterdir()) if path.suffix not in _NO_MODULES]
    files.sort(key=lambda path: path.suffix == ".py")
    return {path.stem: path for path in files if path.is_file()}


@cache
def user_schema() -> ModuleSchema:
    """Return the schema of all modules that have none: any argument, unconverted."""
    return read_schema(SCHEMAS / "user_module.json")


class Import(NamedTuple):
    """A module that a source imports; or a name in one, which may be a module too."""

    module: str
    name: str | None
    line: int
    optional: bool
    """Whether the source goes on without it: the import stands in a `try`."""

    @property
    def meant(self) -> tuple[str, ...]:
        """What may be a module, the innermost first."""
        return (f"{self.module}.{self.name}", self.module) if self.name else (self.module,)


def user_module(path: Path, utilities: Sequence[Path], called_at: Span) -> UserModule | Diagnostic:
    """Return a module with all that it imports, or the finding when a part is not there.

    `utilities` are the directories with modules for `ansible.module_utils`; ours come last.
    """
    imports = imports_of(path, "") if _is_python(path) else ()
    if not any(_is_ansibles(one) for one in imports):
        return UserModule(path)
    carried: dict[str, Path] = {}
    waiting = [(path, one) for one in (*imports, Import(_BASIC, None, 0, optional=False))]
    while waiting:
        importer, one = waiting.pop()
        found = [pair for name in one.meant if (pair := _file_of(name, utilities)) is not None]
        if not found and _is_ansibles(one) and not one.optional:
            return _not_there(path, importer, one, called_at)
        new = [(name, file) for name, file in found if name not in carried]
        carried.update(new)
        waiting += [(file, other) for name, file in new for other in imports_of(file, name)]
    return UserModule(path, tuple(sorted(carried.items())))


def _is_ansibles(one: Import) -> bool:
    packages = ("ansible", _UTILS)
    return one.module.split(".")[0] == "ansible" and (one.name or one.module) not in packages


@cache
def _is_python(path: Path) -> bool:
    return path.suffix == ".py" or (
        path.suffix == "" and b"python" in path.read_bytes().split(b"\n", 1)[0]
    )


@cache
def imports_of(path: Path, full_name: str) -> Sequence[Import]:
    """Return what a source imports; nothing of a broken one, which will tell when it runs."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return ()
    tries = [node for node in ast.walk(tree) if isinstance(node, ast.Try)]
    tried = {id(inner) for node in tries for part in node.body for inner in ast.walk(part)}
    return tuple(
        found
        for node in ast.walk(tree)
        for found in _imported_by(node, full_name.split("."), optional=id(node) in tried)
    )


def _imported_by(node: ast.AST, above: Sequence[str], *, optional: bool) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Import(alias.name, None, node.lineno, optional)
    elif isinstance(node, ast.ImportFrom):
        base = list(above[: -node.level]) if node.level else []
        module = ".".join([*base, *([node.module] if node.module else [])])
        for alias in node.names:
            yield Import(module, alias.name, node.lineno, optional)


def _file_of(name: str, utilities: Sequence[Path]) -> tuple[str, Path] | None:
    """Return the file that a module is in, with its full name; a package's is its `__init__`."""
    if name.startswith(_SHARED):
        file = PACKAGE.joinpath(*name.split(".")[1:]).with_suffix(".py")
        return (name, file) if file.is_file() else None
    if not name.startswith(f"{_UTILS}."):
        return None
    parts = name.removeprefix(f"{_UTILS}.").split(".")
    for folder in (*utilities, MODULES / "module_utils"):
        place = folder.joinpath(*parts)
        if (file := place.with_name(f"{place.name}.py")).is_file():
            return name, file
        if (file := place / "__init__.py").is_file():
            return f"{name}.__init__", file
    return None


def missing_import(path: Path) -> Diagnostic | None:
    """Return the finding for a filter, test or lookup that imports what is not here.

    It is found without running the plugin.
    """
    from understudy.values.plugins import can_import

    for one in imports_of(path, ""):
        if not one.optional and one.module and not can_import(one.module, one.name):
            what = "a part of Ansible" if _is_ansibles(one) else "not installed here"
            place = _place_of(path, one)
            message = f"the plugin `{path.stem}` imports `{one.module}`, which is {what}"
            return Diagnostic(code="plugin-not-loaded", message=message, span=place)
    return None


def _not_there(path: Path, importer: Path, one: Import, called_at: Span) -> Diagnostic:
    shown = one.meant[0] if one.module == _UTILS else one.module
    place = _place_of(importer, one)
    return Diagnostic(
        code="unsupported-module",
        message=f"the module `{path.stem}` imports `{shown}`, which is a part of Ansible",
        span=called_at,
        others=(Label(place, "imported here"),),
        help="of `ansible.module_utils` only the parts are here that modules use most, "
        "and what lies in the project's `module_utils/`",
    )


def _place_of(importer: Path, one: Import) -> Span:
    text = importer.read_bytes().decode("utf-8", "replace")
    column = text.splitlines()[one.line - 1].find(one.module) + 1
    return span_at(Source(str(importer), text), Position(one.line, column), len(one.module))
