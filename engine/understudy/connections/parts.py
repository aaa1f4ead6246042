"""A module that is more than one file: its parts travel in front of it, as importable modules.

A part lies in a folder of `modules/`: that of one module (`modules/setup/network.py`), or `shared`
for those that several need. What is imported travels, and what that imports.
"""

from __future__ import annotations

import re
from graphlib import TopologicalSorter
from pathlib import Path

_LOADER = """\
import sys, types
def _part(name, text):
    if not text and name in sys.modules:
        return
    module = types.ModuleType(name)
    module.__path__ = []
    exec(compile(text, '<%s>' % name, 'exec'), module.__dict__)
    sys.modules[name] = module
    parent, _, short = name.rpartition('.')
    setattr(sys.modules[parent], short, module)
"""
_PACKAGE = "understudy.modules"
_IMPORT = re.compile(
    r"^from understudy\.modules\.(\w+) import ([\w, ]+|\([\w,\s]+\))$", re.MULTILINE
)


def with_parts(main: bytes, modules: Path) -> bytes:
    """Return a source that first makes modules of the parts that `main` imports, then is `main`.

    A part is imported as `from understudy.modules.<folder> import <part>, …`, by the module and by
    other parts. Raises FileNotFoundError for one that is not there, CycleError.
    """
    texts: dict[str, str] = {}
    needs: dict[str, set[str]] = {}
    wanted = _imports(main.decode())
    if not wanted:
        return main
    while wanted:
        part = wanted.pop()
        texts[part] = modules.joinpath(*part.split(".")).with_suffix(".py").read_text("utf-8")
        needs[part] = _imports(texts[part])
        wanted |= needs[part] - texts.keys()
    folders = sorted({part.partition(".")[0] for part in texts})
    packages = [
        f"_part({name!r}, '')" for name in (_PACKAGE, *(f"{_PACKAGE}.{f}" for f in folders))
    ]
    order = TopologicalSorter(needs).static_order()
    parts = [f"_part({f'{_PACKAGE}.{part}'!r}, {texts[part]!r})" for part in order]
    return "\n".join((_LOADER, *packages, *parts, "")).encode() + main


def _imports(text: str) -> set[str]:
    found = _IMPORT.findall(text)
    return {f"{folder}.{name}" for folder, names in found for name in re.findall(r"\w+", names)}
