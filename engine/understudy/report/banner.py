"""Headlines that are filled up with stars to the width of the output."""

from __future__ import annotations

import shutil
from typing import TextIO

from understudy.report.columns import columns

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
