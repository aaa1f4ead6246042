"""What the paths of a check name, read and checked; `-` is the standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from understudy.check.engine import Check, Checked
from understudy.check.files import Unit
from understudy.check.library import BIGGEST, Library, absolute, too_big
from understudy.check.project import Extent, extent_of
from understudy.check.settings import Settings
from understudy.check.surroundings import Neighbourhood
from understudy.cli.loading import loader_of, usable_config
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid
from understudy.text.file import decode_source
from understudy.text.source import Source
from understudy.values.scope import Scope

STDIN = Path("-")


def places_of(names: Sequence[str], filename: str | None = None) -> dict[Path, bool]:
    """Return what paths name, each once; whether it is the standard input."""
    given = dict.fromkeys(map(Path, names), False)
    stdin = Path(filename or "stdin.yml")
    return {(stdin if place == STDIN else place): place == STDIN for place in given}


def checked_paths(
    names: Sequence[str],
    settings: Settings,
    filename: str | None = None,
    sources: Iterable[Source] = (),
) -> Checked:
    """Return what is found in files and directories; `-` is the standard input.

    `sources` are texts of files that are not to be read again.
    """
    library = library_of(sources)
    places = places_of(names, filename)
    unread = [
        found
        for place in places
        if places[place] and absolute(place) not in library.sources
        for found in read_stdin(library, place)
    ]
    extent = Extent(unchecked=unread) if unread else extent_of(places, library, settings.exclude)
    directory = next((place for place in places if place.is_dir()), None)
    checked = _checked(extent.units, settings, library, directory)
    checked.unchecked = [*extent.unchecked, *checked.unchecked]
    if not (extent.units or checked.unchecked or library.sources):
        checked.unchecked.append(_nothing(places))
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
    return _checked(units, settings, library_of(sources))


def library_of(sources: Iterable[Source]) -> Library:
    """Return a library that has texts for some files."""
    library = Library()
    for source in sources:
        library.put(Path(source.name), source)
    return library


def _checked(
    units: Sequence[Unit], settings: Settings, library: Library, directory: Path | None = None
) -> Checked:
    config, invalid = usable_config(directory)
    loader, warnings = loader_of(Scope(()), config, runs=False)
    warnings += invalid
    around = Neighbourhood(config, settings)
    made = Check(replace(loader, files=library), library, settings, warnings, around)
    return made.of_units(units)


def _nothing(places: Iterable[Path]) -> Diagnostic:
    names = ", ".join(f"`{place}`" for place in places)
    message = f"there is no playbook, role, inventory or file of tasks or variables in {names}"
    return Diagnostic(code="nothing-to-check", message=message)
