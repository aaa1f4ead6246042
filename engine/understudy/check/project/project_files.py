"""The files of a project: those below a directory, or what a playbook brings."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from understudy.check.reach import Brings, brought
from understudy.config import Config
from understudy.playbook.project import ACTION_FOLDER, NOT_RUN, PLUGIN_FOLDERS
from understudy.playbook.role_files import find_role
from understudy.text import nodes
from understudy.text.diagnostic import PlaybookInvalid
from understudy.text.document import parse_document
from understudy.text.file import read_source

UTILITIES = "module_utils"
PROGRAMS = frozenset({*NOT_RUN, *PLUGIN_FOLDERS, ACTION_FOLDER, UTILITIES, "library"})
"""Folders with programs of a project, which are no texts of Ansible."""
_PASSED_OVER = frozenset("__pycache__ ansible_collections doc_fragments files node_modules".split())
_BESIDE = frozenset({"group_vars", "host_vars"})


class FoundFile(NamedTuple):
    """A file of a project, and the names of the folders in the project that it lies in."""

    path: Path
    folders: tuple[str, ...]
    is_named: bool = False
    """Whether the user or a file named it, so that it is read whatever its name is."""

    @property
    def role(self) -> Path | None:
        """The directory of the role that it is part of."""
        if "roles" not in self.folders[:-1]:
            return None
        below = len(self.folders) - self.folders.index("roles") - 2
        return self.path.parents[below]

    def is_in(self, names: frozenset[str]) -> bool:
        """Tell whether it lies in a folder of such a name, however deep."""
        return not names.isdisjoint(self.folders)


def files_of(place: Path, config: Config) -> Iterator[FoundFile]:
    """Yield the files of a directory, or a file with all that it brings."""
    if place.is_dir():
        return files_below(place)
    found: dict[Path, FoundFile] = {}
    for file in _reached(place, config):
        if file.is_named or file.path not in found:
            found[file.path] = file
    return iter(found.values())


def _reached(place: Path, config: Config) -> Iterator[FoundFile]:
    """Yield a file, what lies beside it for its plays, and the files and roles that it names."""
    for name in sorted(PROGRAMS | _BESIDE):
        yield from files_below(place.parent / name, (name,))
    waiting = [named_file(place)]
    seen: set[FoundFile] = set()
    while waiting:
        file = waiting.pop(0)
        if file not in seen:
            seen.add(file)
            yield file
            waiting += _brought(file, place.parent, config)


def named_file(path: Path, role: Path | None = None) -> FoundFile:
    """Return a file that was named, perhaps by one of a role."""
    if role is not None and path.is_relative_to(role):
        inside = path.relative_to(role).parts[:-1]
        return FoundFile(path, ("roles", role.name, *inside), is_named=True)
    return FoundFile(path, path.absolute().parts[-2:-1], is_named=True)


def _brought(file: FoundFile, folder: Path, config: Config) -> Iterator[FoundFile]:
    """Yield what a file names; `folder` is that of the playbook."""
    places = (folder / "roles", *map(Path, config.roles_path), folder)
    beside = (file.path.parent, *((file.role,) if file.role else ()), folder)
    for kind, name in _names_in(file):
        if kind is Brings.ROLE:
            role = find_role(name, places)
            yield from files_below(_shown(role), ("roles", name)) if role else ()
        else:
            near = [parent / part / name for parent in beside for part in ("", "tasks", "vars")]
            found = next(filter(os.path.isfile, near), None)
            yield from [named_file(_shown(found), file.role)] if found else ()


def _names_in(file: FoundFile) -> Iterator[tuple[Brings, str]]:
    if file.path.suffix not in (".yml", ".yaml") and not file.is_named:
        return iter(())
    try:
        root = parse_document(read_source(file.path), lambda _warning: None)
    except PlaybookInvalid:
        return iter(())
    is_list = isinstance(root, nodes.Sequence)
    return brought(root) if root is not None and (is_list or "meta" in file.folders) else iter(())


def _shown(path: Path) -> Path:
    """Return a path without detours, relative where it lies below the working directory."""
    path, here = Path(os.path.normpath(path)), Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def files_below(place: Path, around: tuple[str, ...] = ()) -> Iterator[FoundFile]:
    """Yield the files of a directory in order.

    Links to directories are followed, each once, but none to a directory that this one lies in.
    """
    root = os.path.realpath(place)
    seen: set[str] = set()
    for folder, folders, names in os.walk(place, followlinks=True):
        real = os.path.realpath(folder)
        is_above = real != root and os.path.commonpath((real, root)) == real
        if real in seen or is_above or "pyvenv.cfg" in names:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(n for n in folders if n[0] != "." and n not in _PASSED_OVER)
        inside = Path(folder).relative_to(place).parts
        yield from (
            FoundFile(Path(folder, n), around + inside) for n in sorted(names) if n[0] != "."
        )
