"""Where a key of a TOML file stands, so that what is wrong with it can be told with its line.

The standard reader keeps no places. This finds them again in a text that it has accepted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_HEADER = re.compile(r"\s*\[\[?(?P<keys>[^\]]+)\]")
_ENTRY = re.compile(r"""\s*(?P<keys>(?:"[^"]*"|'[^']*'|[\w.\s-])+?)\s*=""")
_KEY = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([\w-]+))\s*\.?""")
_QUOTED = re.compile(r"`([^`]*)`")


def line_of(text: str, keys: tuple[str, ...], about: str = "") -> int:
    """Return the line of a key, or of the nearest one around it that is there.

    Of a value that takes several lines, it is the first that holds a word quoted in `about`.
    """
    lines = text.splitlines()
    best, depth = 1, 0
    for number, found in _places(lines):
        if found == keys[: len(found)] and len(found) > depth:
            best, depth = number, len(found)
    for word in _QUOTED.findall(about):
        if word not in keys:
            return _line_with(word, lines, best)
    return best


def _places(lines: list[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
    table: tuple[str, ...] = ()
    for number, line in enumerate(lines, start=1):
        if header := _HEADER.match(line):
            table = _keys(header["keys"])
            yield number, table
        elif entry := _ENTRY.match(line):
            yield number, (*table, *_keys(entry["keys"]))


def _keys(written: str) -> tuple[str, ...]:
    return tuple(a or b or c for a, b, c in _KEY.findall(written))


def _line_with(word: str, lines: list[str], first: int) -> int:
    """Return the first line from one on that holds a word, in the same table."""
    for number, line in enumerate(lines[first - 1 :], start=first):
        if number > first and _HEADER.match(line):
            break
        if re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", line):
            return number
    return first
