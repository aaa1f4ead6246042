"""A module that is more than one file: its parts travel in front of it, as importable modules."""

from __future__ import annotations

from graphlib import TopologicalSorter
from pathlib import Path

_LOADER = """\
import sys, types
def _part(name, text):
    module = types.ModuleType(name)
    module.__path__ = []
    exec(compile(text, '<%s>' % name, 'exec'), module.__dict__)
    sys.modules[name] = module
    parent, _, short = name.rpartition('.')
    setattr(sys.modules[parent], short, module)
"""
_PACKAGE = "understudy.modules"


def with_parts(name: str, main: bytes, directory: Path) -> bytes:
    """Return a source that first makes modules of the files of `directory`, then is `main`.

    A part is imported as `understudy.modules.<name>.<part>`, by the module and by other parts.
    """
    package = f"{_PACKAGE}.{name}"
    texts = {path.stem: path.read_text("utf-8") for path in directory.glob("*.py")}
    needs = {part: _imports(text, package) for part, text in texts.items()}
    order = TopologicalSorter(needs).static_order()
    parts = [f"_part({f'{package}.{part}'!r}, {texts[part]!r})" for part in order]
    lines = [_LOADER, f"_part({_PACKAGE!r}, '')", f"_part({package!r}, '')", *parts, ""]
    return "\n".join(lines).encode() + main


def _imports(text: str, package: str) -> set[str]:
    beginning = f"from {package} import "
    lines = (line for line in text.splitlines() if line.startswith(beginning))
    return {name.strip() for line in lines for name in line[len(beginning) :].split(",")}
