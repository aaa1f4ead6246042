"""The directory form of an inventory: every source in it, by name, later ones winning."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

_NOT_SOURCES = frozenset({"group_vars", "host_vars", "vars_plugins"})


def sources_in(
    directory: Path, ignored_extensions: Sequence[str], ignored_patterns: Sequence[str]
) -> Iterator[Path]:
    """Yield the files that are sources, in the order of their names, nested ones too.

    Raise OSError when a directory cannot be read, `re.error` for a bad pattern.
    """
    ignored = [re.compile(pattern) for pattern in ignored_patterns]
    for path in sorted(directory.iterdir()):
        if path.name.startswith(".") or path.name in _NOT_SOURCES:
            continue
        if path.name.endswith(tuple(ignored_extensions)):
            continue
        if any(pattern.search(path.name) for pattern in ignored):
            continue
        if path.is_dir():
            yield from sources_in(path, ignored_extensions, ignored_patterns)
        elif path.is_file():
            yield path
