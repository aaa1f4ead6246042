"""What of a project is to be checked: its units, found by what the files hold.

First come playbooks that no other one imports, then what is only checked if nothing before it has
read it: other playbooks, roles, files of tasks. Files of variables and of hosts come last.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from understudy.check.files import Kind, Unit
from understudy.check.project import sorting
from understudy.check.project.library import Library, absolute
from understudy.check.project.project_files import FoundFile, files_below
from understudy.check.reach import Brings, brought
from understudy.check.sieve.exclude import Exclusion
from understudy.playbook.role_files import tasks_file
from understudy.playbook.role_uses import MAIN
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid
from understudy.text.nodes import Node, Sequence
from understudy.values.vault import is_vault

ALL = Exclusion()
_FOLDERS_OF_ROLE = frozenset({*sorting.TASKS, "defaults", "meta", "vars"})
_ALWAYS_VARIABLES = frozenset({"group_vars", "host_vars"})
_NAMED_FOLDERS = 4
"""How many of the folders around a file that was named say what it is."""
_ORDER = list(Kind)


@dataclass(slots=True)
class Extent:
    """What is to be checked, in order, and why something in it cannot be."""

    units: list[Unit] = field(default_factory=list)
    unchecked: list[Diagnostic] = field(default_factory=list)


def extent_of(places: Iterable[Path], library: Library, exclude: Exclusion = ALL) -> Extent:
    """Return what is to be checked in directories and files, each file once.

    What is left out counts in directories only: a file that was named is meant.
    """
    extent = Extent()
    found: dict[Path, Unit] = {}
    for place in places:
        if place.is_dir():
            files = (file for file in files_below(place) if not exclude.covers(file.path))
            units = _looked_below(files, library, extent.unchecked)
        else:
            units = _looked_at_named(place, library, extent.unchecked)
        for unit in units:
            found.setdefault(absolute(unit.path), unit)
    imported = set(_imported(found.values(), library))
    ordered = [
        replace(unit, is_rest=True) if unit.kind is Kind.PLAYBOOK and place in imported else unit
        for place, unit in found.items()
    ]
    extent.units = sorted(ordered, key=_rank)
    return extent


def _rank(unit: Unit) -> tuple[int, bool, bool, str]:
    return _ORDER.index(unit.kind), unit.is_rest, not unit.is_role, str(unit.path)


def _imported(units: Iterable[Unit], library: Library) -> Iterator[Path]:
    """Yield the playbooks that other ones import."""
    for unit in units:
        root = _tree(unit.path, library) if unit.kind is Kind.PLAYBOOK else None
        for kind, name in brought(root) if root is not None else ():
            place = absolute(unit.path.parent / name)
            if kind is Brings.FILE and place != absolute(unit.path):
                yield place


def _looked_at_named(place: Path, library: Library, unchecked: list[Diagnostic]) -> Iterator[Unit]:
    """Yield the unit of a file that the user named."""
    folders = place.absolute().parts[-_NAMED_FOLDERS:-1]
    file = FoundFile(place, folders, is_named=True)
    if place.name == sorting.CONFIG:
        yield Unit(place, Kind.CONFIG)
        return
    try:
        text = library.source(place).text
    except PlaybookInvalid as invalid:
        unchecked += invalid.diagnostics
        return
    if is_vault(text):
        return
    if place.suffix in (".ini", ".cfg") or (sorting.is_ini(file, text) and place.suffix == ""):
        yield Unit(place, Kind.INVENTORY)
        return
    try:
        root = library.root(place, None, _ignore)
        kind = sorting.kind_of_named(root, file)
    except PlaybookInvalid:
        root, kind = None, sorting.kind_of_place(file)
    is_guess = kind is Kind.PLAYBOOK and not isinstance(root, Sequence)
    if is_guess and sorting.is_of_others(file, text):
        library.forget(place)
    elif kind is not None:
        yield _unit(file, kind)


def _looked_below(
    files: Iterable[FoundFile], library: Library, unchecked: list[Diagnostic]
) -> Iterator[Unit]:
    """Yield the units of a directory."""
    roles: set[Path] = set()
    for file in files:
        kind = _kind_below(file, library, unchecked)
        if kind is None:
            library.forget(file.path)
            continue
        unit = _unit(file, kind)
        if unit.role is not None and unit.role not in roles:
            roles.add(unit.role)
            yield Unit(unit.role, Kind.TASKS, role=unit.role, is_rest=True)
        yield unit


def _unit(file: FoundFile, kind: Kind) -> Unit:
    is_part = kind in (Kind.TASKS, Kind.HANDLERS)
    return Unit(file.path, kind, role=_role_of(file), is_rest=is_part)


def _role_of(file: FoundFile) -> Path | None:
    """Return the directory of the role that a file is part of."""
    folders = file.path.parents
    near = next((one for one in folders if one.name in _FOLDERS_OF_ROLE), None)
    if near is None:
        return None
    role = near.parent
    if not file.path.is_file():  # the standard input stands for it
        return None
    is_role = role.parent.name == "roles" or tasks_file(role, "tasks", MAIN) is not None
    return role if is_role else None


def _kind_below(file: FoundFile, library: Library, unchecked: list[Diagnostic]) -> Kind | None:
    """Return what a file in a directory is; None: nothing to be checked."""
    if file.path.name == sorting.CONFIG:
        return Kind.CONFIG
    if not sorting.may_be_read(file):
        return None
    try:
        text = library.source(file.path).text
    except PlaybookInvalid as invalid:
        unchecked += [one for one in invalid.diagnostics if sorting.is_ours(file, _text_at(one))]
        return None
    if sorting.is_ini(file, text):
        return None if is_vault(text) else Kind.INVENTORY
    return _kind_in_yaml(file, text, library)


def _kind_in_yaml(file: FoundFile, text: str, library: Library) -> Kind | None:
    try:
        kind = sorting.kind_of(library.root(file.path, None, _ignore), file)
    except PlaybookInvalid:
        is_meant = sorting.is_ours(file, text) and not is_vault(text)
        return sorting.kind_of_place(file) if is_meant else None
    if kind is None and file.is_in(_ALWAYS_VARIABLES):
        return Kind.VARIABLES  # whose reader says that it must be a mapping
    is_elsewhere = kind is Kind.VARIABLES and not file.is_in(sorting.VARIABLES)
    return None if is_elsewhere else kind


def _text_at(found: Diagnostic) -> str:
    return found.span.source.text if found.span else ""


def _tree(path: Path, library: Library) -> Node | None:
    try:
        return library.root(path, None, _ignore)
    except PlaybookInvalid:
        return None


def _ignore(_warning: Diagnostic) -> None:
    """Drop a warning: it is told when the file is checked."""
