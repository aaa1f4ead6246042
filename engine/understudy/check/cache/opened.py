"""Which files are opened and which directories listed, by whatever part of the program.

Python tells of both as audit events (PEP 578). A hook for these stays until the process ends: it
does nothing while nobody asks.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from understudy.resources import PACKAGE, ROOT

_LISTS = frozenset({"os.listdir", "os.scandir"})
_WRITES = frozenset("wax+")
_asking: list[Counter[str]] = []
_hooked: list[bool] = []


@contextmanager
def opened() -> Iterator[Counter[str]]:
    """Count by absolute path how often something is read, but nothing that the program is of."""
    if not _hooked:
        _hooked.append(True)
        sys.addaudithook(_hear)
    names: Counter[str] = Counter()
    _asking.append(names)
    try:
        yield names
    finally:
        _asking.pop()
        own = _own_places()
        given = dict(names)
        names.clear()
        for name, times in given.items():
            path = os.path.abspath(name)  # noqa: PTH100 (a text)
            if not path.startswith(own):
                names[path] += times


def _hear(event: str, arguments: tuple[object, ...]) -> None:
    if not _asking or (event != "open" and event not in _LISTS):
        return
    path = arguments[0]
    if event == "open" and isinstance(mode := arguments[1], str) and _WRITES & {*mode}:
        return
    if isinstance(path, str | bytes):
        _asking[-1][os.fsdecode(path)] += 1


def _own_places() -> tuple[str, ...]:
    """Return where the program and Python lie: what is read there is no part of a project."""
    python = [sysconfig.get_path(kind) for kind in ("stdlib", "platstdlib", "purelib", "platlib")]
    schemas = [ROOT / kind for kind in ("schemas", "modules")]
    return tuple(f"{place}/" for place in (*python, PACKAGE, *schemas, "/proc", "/dev"))
