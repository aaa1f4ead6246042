"""What the paths of a check name, read and checked; `-` is the standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from understudy.check.cache.memory import Memory
from understudy.check.cache.opened import opened
from understudy.check.checked import Checked, NoRecall, Recall
from understudy.check.engine import Check, in_order
from understudy.check.files import Unit
from understudy.check.flow.surroundings import Neighbourhood
from understudy.check.project.extent import Extent, extent_of
from understudy.check.project.library import BIGGEST, Library, absolute, too_big
from understudy.check.settings.settings import Settings
from understudy.check.sieve.masking import masked
from understudy.check.sieve.noqa import wrong_comments
from understudy.cli.check_places import places_of
from understudy.cli.loading import loader_of
from understudy.config import usable_config
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid
from understudy.text.file import decode_source
from understudy.text.source import Source
from understudy.values.scope import Scope


def checked_paths(
    names: Sequence[str],
    settings: Settings,
    filename: str | None = None,
    sources: Iterable[Source] = (),
    memory: Memory | None = None,
) -> Checked:
    """Return what is found in files and directories; `-` is the standard input.

    A `memory` says what still holds, and keeps what is found. `sources` are texts of files that are
    not to be read again.
    """
    library = library_of(sources)
    places = places_of(names, filename)
    with opened() as sought:
        extent = _extent(places, library, settings)
    # what is too big is asked for, and not opened
    wanted = {*sought, *map(str, library.asked)}
    directory = next((place for place in places if place.is_dir()), None)
    known = set(library.sources)
    with opened() as read:
        checked = _checked(extent.units, settings, library, directory, memory)
    checked.findings = in_order([*checked.findings, *wrong_comments(checked.sources.values())])
    checked.unchecked = [*extent.unchecked, *checked.unchecked]
    if not (extent.units or checked.unchecked or library.sources):
        checked.unchecked.append(_nothing(places))
    if memory is not None:
        # what the library has read, its units have asked for
        read.subtract(str(path) for path in library.sources.keys() - known)
        memory.keep(checked, wanted, +read)
    return checked


def read_stdin(library: Library, name: Path) -> list[Diagnostic]:
    """Let the standard input stand for a file; return why that is not possible."""
    data = sys.stdin.buffer.read(BIGGEST + 1)
    if len(data) > BIGGEST:
        return [too_big(name, len(data))]
    try:
        library.put(name, decode_source(str(name), data))
    except PlaybookInvalid as invalid:
        return list(invalid.diagnostics)
    return []


def checked_units(
    units: Sequence[Unit], settings: Settings, sources: Iterable[Source] = ()
) -> Checked:
    """Return what is found in units of a project. `sources` stand for the files of their names."""
    found = _checked(units, settings, library_of(sources))
    found.findings = masked(found.findings)
    return found


def _extent(places: Mapping[Path, bool], library: Library, settings: Settings) -> Extent:
    unread = [
        found
        for place in places
        if places[place] and absolute(place) not in library.sources
        for found in read_stdin(library, place)
    ]
    return Extent(unchecked=unread) if unread else extent_of(places, library, settings.exclude)


def library_of(sources: Iterable[Source]) -> Library:
    """Return a library that has texts for some files."""
    library = Library()
    for source in sources:
        library.put(Path(source.name), source)
    return library


def _checked(
    units: Sequence[Unit],
    settings: Settings,
    library: Library,
    directory: Path | None = None,
    recall: Recall | None = None,
) -> Checked:
    config, invalid = usable_config(directory)
    loader, warnings = loader_of(Scope(()), config, runs=False)
    warnings += invalid
    around = Neighbourhood(config, settings)
    loader = replace(loader, files=library)
    made = Check(loader, library, settings, warnings, around, recall or NoRecall())
    return made.of_units(units)


def _nothing(places: Iterable[Path]) -> Diagnostic:
    names = ", ".join(f"`{place}`" for place in places)
    message = f"there is no playbook, role, inventory or file of tasks or variables in {names}"
    way_out = "name a playbook, or the directory of a project"
    return Diagnostic(code="nothing-to-check", message=message, help=way_out)
