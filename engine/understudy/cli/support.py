"""`understudy check --support`: a table of what of a project runs here and what does not.

Files are read, and that is all: no program of the project runs, no vault is opened.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import groupby
from pathlib import Path

from understudy.check.files import Kind
from understudy.check.project import sorting
from understudy.check.project.project_files import PROGRAMS, UTILITIES, FoundFile, files_of
from understudy.check.support import Kind as Sort
from understudy.check.support import Row, Support, start_of
from understudy.cli.exits import Exit
from understudy.cli.loading import loader_of
from understudy.config import Config, load_config
from understudy.playbook.call import FindOwn, Own
from understudy.playbook.project import ACTION_FOLDER, PLUGIN_FOLDERS, Project
from understudy.playbook.user_modules import UserModule, missing_import, programs, user_module
from understudy.report.diagnostics import print_diagnostics
from understudy.text import nodes
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid
from understudy.text.document import parse_document
from understudy.text.file import read_source
from understudy.text.nodes import Mapping, Scalar
from understudy.text.source import Source, Span
from understudy.values.scope import Scope
from understudy.values.vault import is_vault

_KINDS_WITH_GROUPS = (Sort.MODULE, Sort.PLUGIN)
_WIDEST = 40
_WORDS = {Kind.HANDLERS: Kind.TASKS, Kind.ROLE_META: Kind.VARIABLES}
_PLURALS = {
    "file of tasks": "files of tasks",
    "file of variables": "files of variables",
    "inventory": "inventories",
}


@dataclass(slots=True)
class _Look:
    """One look at a project: what it found, and how many files of each sort it has read."""

    table: Support
    files: dict[str, int] = field(default_factory=dict)
    unread: list[Diagnostic] = field(default_factory=list)

    def count(self, sort: str) -> None:
        """Count a file."""
        self.files[sort] = self.files.get(sort, 0) + 1


def support(names: Sequence[str]) -> int:
    """Print what of a project runs; return the exit code."""
    try:
        look = _look([Path(name) for name in names])
    except PlaybookInvalid as invalid:
        print_diagnostics(invalid.diagnostics, sys.stderr)
        return Exit.ERROR
    rows = look.table.in_order()
    for line in (*_table(rows), *_summary(look, rows)):
        print(line)
    sys.stdout.flush()
    print_diagnostics(look.unread, sys.stderr)
    if look.unread or not look.files:
        return Exit.NOT_CHECKED
    return Exit.OK if all(row.why is None for row in rows) else Exit.FINDINGS


def _look(places: Sequence[Path]) -> _Look:
    directory = next((place for place in places if place.is_dir()), None)
    config = load_config(directory=directory)
    files = [file for place in places for file in files_of(place, config)]
    project = _project(files, config)
    look = _Look(Support(_own(project)))
    roles = {file.role for file in files} - {None}
    look.files.update({"role": len(roles)} if roles else {})
    for file in files:
        try:
            _look_at(look, file, project)
        except OSError as error:
            look.unread.append(_unreadable(file.path, error))
    return look


def _unreadable(path: Path, error: OSError) -> Diagnostic:
    message = f"cannot read `{path}`: {error.strerror}"
    return Diagnostic(code="unreadable-file", message=message)


def _project(files: Sequence[FoundFile], config: Config) -> Project:
    """Return a project that knows every folder with modules or plugins; none of them is run."""
    loader, _ = loader_of(Scope(()), config, runs=False)
    above = {file.path.parent.parent for file in files if {*file.folders[-1:]} & PROGRAMS}
    for folder in sorted(above | {file.path.parent for file in files if file.is_named}):
        loader.project.add(folder)
    return loader.project


def _own(project: Project) -> FindOwn:
    """Return what finds the project's modules; each name is looked for once."""

    @cache
    def named(written: str) -> Own | None:
        return project.module(written, start_of(Path()))

    def own(written: str, span: Span) -> Own | None:
        found = named(written)
        return replace(found, span=span) if isinstance(found, Diagnostic) else found

    return own


def _look_at(look: _Look, file: FoundFile, project: Project) -> None:
    """Look at a file as its place and its name say."""
    path = file.path
    if file.is_in(PROGRAMS):
        _look_at_program(look.table, file, project)
    elif sorting.is_template(file):
        _look_at_template(look, path)
    elif sorting.may_be_read(file):
        _look_at_text(look, file)


def _look_at_program(table: Support, file: FoundFile, project: Project) -> None:
    path = file.path
    kind = next(folder for folder in reversed(file.folders) if folder in PROGRAMS)
    if kind == "library":
        if path in programs(path.parent).values():
            table.own_module(path.stem, _whole(path, project))
    elif path.suffix == ".py" and path.name != "__init__.py":
        found = _whole(path, project) if kind == UTILITIES else None
        if kind in (*PLUGIN_FOLDERS, ACTION_FOLDER):
            found = missing_import(path)
        table.own_plugin(path, kind, found if isinstance(found, Diagnostic) else None)


def _whole(path: Path, project: Project) -> UserModule | Diagnostic:
    """Return what runs on targets with all that it imports, or what of that is not there."""
    return user_module(path, project.places(UTILITIES), start_of(path))


def _look_at_template(look: _Look, path: Path) -> None:
    try:
        source = read_source(path)
    except PlaybookInvalid as invalid:
        if path.suffix == ".j2":
            look.unread += invalid.diagnostics
        return
    look.count("template")
    look.table.template_file(source)


def _look_at_text(look: _Look, file: FoundFile) -> None:
    """Look at a file of plays, tasks, variables or hosts."""
    try:
        source = read_source(file.path)
    except PlaybookInvalid as invalid:
        look.unread += invalid.diagnostics
        return
    if is_vault(source.text):
        look.count("encrypted file")
    elif sorting.is_ini(file, source.text):
        look.count("inventory")
        look.table.ini_inventory(source)
    else:
        _look_at_yaml(look, file, source)


def _look_at_yaml(look: _Look, file: FoundFile, source: Source) -> None:
    try:
        root = parse_document(source, lambda _warning: None)
    except PlaybookInvalid as invalid:
        if sorting.is_ours(file, source.text):
            look.unread += invalid.diagnostics
        return
    kind = sorting.kind_of(root, file)
    if root is None or kind is None:
        return
    look.count(_WORDS.get(kind, kind).value)
    look.table.texts(root)
    if kind is Kind.INVENTORY and isinstance(root, Mapping):
        plugin = root.get("plugin")
        if isinstance(plugin, Scalar):
            look.table.inventory_plugin(plugin)
    elif kind is Kind.PLAYBOOK and isinstance(root, nodes.Sequence):
        look.table.playbook(root)
    elif kind in (Kind.TASKS, Kind.HANDLERS):
        look.table.tasks(root)


def _table(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the lines of the table: each thing with its uses, and why and where it does not run."""
    width = min(max((len(row.name) for row in rows), default=0), _WIDEST)
    for kind, of_kind in groupby(rows, lambda row: row.kind):
        yield kind.value
        for group, of_group in groupby(of_kind, lambda row: row.group):
            if kind in _KINDS_WITH_GROUPS:
                yield f"  {group}"
            yield from (_line(row, width) for row in of_group)
        yield ""


def _line(row: Row, width: int) -> str:
    indent = "    " if row.kind in _KINDS_WITH_GROUPS else "  "
    uses = "" if row.kind is Sort.PLUGIN else row.uses
    start = f"{indent}{row.name:<{width}}  {uses:>5}  {row.why or 'runs'}"
    if row.why is None:
        return start
    places = [str(place) for place in (row.first, row.cause) if place is not None]
    return f"{start}  {', '.join(places)}"


def _summary(look: _Look, rows: Sequence[Row]) -> Iterator[str]:
    read = [_several(count, sort) for sort, count in sorted(look.files.items())]
    if not (read or look.unread):
        yield "there is no playbook, role, inventory or file of tasks or variables here"
        return
    yield f"read: {', '.join(read) or 'nothing'}"
    modules = [row for row in rows if row.kind is Sort.MODULE]
    tasks = sum(row.uses for row in modules)
    run = sum(row.uses for row in modules if row.why is None)
    yield f"{run:,} of {_several(tasks, 'task')} call a module that runs"
    missing = sum(row.why is not None for row in rows)
    if look.unread:
        yield f"{_several(len(look.unread), 'file')} could not be read"
    if missing:
        yield f"{missing:,} of {_several(len(rows), 'thing')} used do not run"
    elif not look.unread:
        yield "all of it runs"


def _several(number: int, thing: str) -> str:
    return f"{number:,} {thing if number == 1 else _PLURALS.get(thing, f'{thing}s')}"
