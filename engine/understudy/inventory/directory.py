"""The directory form of an inventory: every source in it, by name, later ones winning."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from understudy.text.diagnostic import Diagnostic, PlaybookInvalid

_NOT_SOURCES = frozenset({"group_vars", "host_vars", "vars_plugins"})


def entries(
    directory: Path, ignored_extensions: Sequence[str], ignored_patterns: Sequence[str]
) -> Iterator[Path]:
    """Yield the files and directories that are sources, in the order of their names.

    Raise PlaybookInvalid when the directory cannot be read, and for a bad pattern.
    """
    ignored = [_compiled(pattern) for pattern in ignored_patterns]
    for path in _listed(directory):
        if path.name.startswith(".") or path.name in _NOT_SOURCES:
            continue
        if path.name.endswith(tuple(ignored_extensions)):
            continue
        if not any(pattern.search(path.name) for pattern in ignored):
            yield path


def _listed(directory: Path) -> list[Path]:
    try:
        return sorted(path for path in directory.iterdir() if path.is_dir() or path.is_file())
    except OSError as error:
        message = f"cannot read the inventory `{error.filename}`: {error.strerror}"
        raise PlaybookInvalid([Diagnostic(code="unreadable-file", message=message)]) from None


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        message = f"`inventory_ignore_patterns` has a bad regular expression: {error}"
        raise PlaybookInvalid([Diagnostic(code="invalid-config", message=message)]) from None
