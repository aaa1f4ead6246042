"""A check with the memory of the last one: where nothing has changed, little is imported."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from understudy import __version__
from understudy.check.cache.cache_folder import CacheFolder, usual_folder
from understudy.check.cache.memory import Memory
from understudy.check.cache.snapshot import listing_of
from understudy.check.checked import Checked
from understudy.check.settings.settings import Settings
from understudy.check.sieve.masking import masked
from understudy.cli.check_places import STDIN
from understudy.config import Config, load_config
from understudy.resources import MODULES, PACKAGE, SCHEMAS
from understudy.text.diagnostic import PlaybookInvalid
from understudy.text.source import Source


def found_in(
    names: Sequence[str],
    settings: Settings,
    filename: str | None = None,
    sources: Iterable[Source] = (),
) -> Checked:
    """Return what is found in files and directories, from the cache where it still holds.

    `sources` are texts of files that are not to be read again.
    """
    sources = tuple(sources)
    memory = memory_of(names, settings) if settings.uses_cache and not sources else None
    found = memory.whole() if memory else None
    if found is None:
        from understudy.cli.check_paths import checked_paths

        found = checked_paths(names, settings, filename, sources, memory)
    # the cache holds places and no texts: what is there must be hidden again
    found.findings = masked(found.findings)
    return found


def memory_of(names: Sequence[str], settings: Settings) -> Memory | None:
    """Return the memory of a check, or None for one that cannot have one."""
    above = settings.cache_dir or usual_folder()
    if STDIN in names or above is None:
        return None
    folder = CacheFolder(above)
    # before the project is listed, since it may lie there
    if not folder.is_usable():
        return None
    started_ns = time.time_ns()
    paths = [Path(name) for name in names]
    directory = next((path for path in paths if path.is_dir()), None)
    try:
        config = load_config(directory=directory)
    except PlaybookInvalid:
        return None
    listing = listing_of(_roots(paths, settings, config), folder.place)
    if listing is None:
        return None
    key = repr((program(), Path.cwd(), list(names), _of_settings(settings), config))
    name = sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return Memory(folder, name, listing, started_ns)


def _roots(paths: Sequence[Path], settings: Settings, config: Config) -> Iterator[Path]:
    """Yield the directories in which a new file may change what is found."""
    for path in (*paths, *settings.inventories, *map(Path, config.inventory)):
        # `web1,web2` is a list of hosts
        if "," not in path.name:
            yield path if path.is_dir() else path.parent
    for folders in (config.roles_path, config.library, config.action_plugins):
        yield from map(Path, folders)


def _of_settings(settings: Settings) -> Mapping[str, object]:
    """Return those of the settings that rules see; the others only choose among findings."""
    return {
        "target": settings.target,
        "inventories": settings.inventories,
        "variables": sorted(settings.variables),
        "exclude": settings.exclude,
    }


def program() -> str:
    """Return what tells this program from another one, or from itself after a change."""
    digest = sha256(repr((__version__, sys.version, os.environ.get("HOME"))).encode())
    for folder in (PACKAGE, SCHEMAS, MODULES):
        for path, size, time_ns in sorted(_states(str(folder))):
            digest.update(f"{path}\0{size}\0{time_ns}\n".encode("utf-8", "surrogateescape"))
    # where the packages lie that this one is built on
    for place in sys.path:
        if place.endswith("-packages"):
            with suppress(OSError):  # of the path not every place is there
                digest.update(str(os.stat(place).st_mtime_ns).encode())  # noqa: PTH116 (a text)
    return digest.hexdigest()


def _states(folder: str) -> Iterator[tuple[str, int, int]]:
    """Yield the files below a directory of the program with their sizes and times."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                if entry.name != "__pycache__":
                    yield from _states(entry.path)
            else:
                state = entry.stat()
                yield entry.path, state.st_size, state.st_mtime_ns
