"""Headlines that are filled up with stars to the width of the output."""

from __future__ import annotations

import shutil
from typing import TextIO
from unicodedata import combining, east_asian_width

_FEWEST_STARS = 3
_NARROWEST = 79


def width_of(out: TextIO) -> int:
    """Return the width that Ansible takes: a terminal's without its last column, at least 79."""
    if not out.isatty():
        return _NARROWEST
    return max(_NARROWEST, shutil.get_terminal_size().columns - 1)


def banner(text: str, width: int) -> str:
    """Return an empty line and a headline; stars fill it to `width` columns and one blank."""
    return f"\n{text} {'*' * max(_FEWEST_STARS, width - columns(text))}"


def columns(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(_columns_of(letter) for letter in text)


def _columns_of(letter: str) -> int:
    if combining(letter):
        return 0
    return 2 if east_asian_width(letter) in "WF" else 1
