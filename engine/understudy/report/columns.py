"""How a text looks in a terminal: how many columns it takes, and what must not reach it."""

from __future__ import annotations

import re
from unicodedata import category, east_asian_width

_WITHOUT_WIDTH = frozenset({"Mn", "Me", "Cf"})
_SOFT_HYPHEN = "\xad"
# control characters, what turns the direction of text, and what no encoding has
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def columns(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(map(columns_of, text))


def columns_of(letter: str) -> int:
    """Return how many columns one character takes: marks lie above others and take none."""
    if category(letter) in _WITHOUT_WIDTH and letter != _SOFT_HYPHEN:
        return 0
    return 2 if east_asian_width(letter) in "WF" else 1


def printable(text: str) -> str:
    """Return as many characters without those that a terminal would obey; a tab is a blank."""
    return _UNPRINTABLE.sub(lambda found: " " if found[0] == "\t" else "\ufffd", text)


def in_one_line(text: str) -> str:
    """Return a text for a line of its own: nothing after a line end can pass for another one."""
    return printable(re.sub(r"\s*[\r\n]\s*", " ", text))


def cut_around(line: str, place: int, room: int) -> tuple[str, int]:
    """Return what of a line fits in some columns around a character, and where that is then."""
    if columns(line) <= room:
        return line, place
    first = last = min(place, len(line))
    left = room - len("……")
    while first and (width := columns_of(line[first - 1])) <= left - room // 2:
        first, left = first - 1, left - width
    while last < len(line) and (width := columns_of(line[last])) <= left:
        last, left = last + 1, left - width
    before, after = "…" if first else "", "…" if last < len(line) else ""
    return before + line[first:last] + after, place - first + len(before)
