"""What `--diff` shows: a unified difference of what was and what is."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from understudy.report import colour
from understudy.report.results import to_json

Painter = Callable[[str, str], str]

_NO_NEWLINE = "\\ No newline at end of file\n"
_COLOURS = {"+": colour.OK, "-": colour.ERROR, "@": colour.SKIPPED}
_BINARY = {
    "dst_binary": "diff skipped: destination file appears to be binary\n",
    "src_binary": "diff skipped: source file appears to be binary\n",
}
_LARGER = {
    "dst_larger": "diff skipped: destination file size is greater than {}\n",
    "src_larger": "diff skipped: source file size is greater than {}\n",
}


def render_diff(found: object, context: int, paint: Painter) -> str:
    """Return the text of a module's `diff`, which is one mapping or a list of them."""
    diffs = found if isinstance(found, list) else [found]
    texts = (
        text for one in diffs if isinstance(one, Mapping) for text in _one(one, context, paint)
    )
    shown = "".join(texts)
    return shown if shown.endswith("\n") or not shown else shown + "\n"


def _one(diff: Mapping[str, Any], context: int, paint: Painter) -> Iterator[str]:
    yield from (text for key, text in _BINARY.items() if key in diff)
    yield from (text.format(diff[key]) for key, text in _LARGER.items() if key in diff)
    if "before" in diff and "after" in diff:
        lines = list(_unified(diff, context))
        yield from (_painted(line, paint) for line in lines)
        if lines:
            yield "\n"
    if "prepared" in diff:
        yield str(diff["prepared"])


def _unified(diff: Mapping[str, Any], context: int) -> Iterator[str]:
    before, after = _lines(diff["before"]), _lines(diff["after"])
    lines = difflib.unified_diff(
        before,
        after,
        fromfile=_header("before", diff),
        tofile=_header("after", diff),
        fromfiledate="",
        tofiledate="",
        n=context,
    )
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n{_NO_NEWLINE}"


def _header(side: str, diff: Mapping[str, Any]) -> str:
    header = diff.get(f"{side}_header")
    return f"{side}: {header}" if header else side


def _lines(side: object) -> list[str]:
    if isinstance(side, Mapping):
        side = to_json(side, indented=True) + "\n"
    text = "" if side is None else str(side)
    return text.splitlines(keepends=True)


def _painted(line: str, paint: Painter) -> str:
    found = _COLOURS.get(line[0])
    return paint(line, found) if found else line
