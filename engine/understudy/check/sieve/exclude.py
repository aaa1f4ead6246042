"""Which files of a project are left out, by patterns.

A pattern without a slash fits the name of a file or directory anywhere; one with a slash fits the
path from the directory that the patterns are written for. `*` and `?` stay within a name, `**`
crosses directories. What lies below a directory that fits is left out with it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Patterns, and the directory that they are written for."""

    patterns: tuple[str, ...] = ()
    base: str = ""

    def covers(self, path: Path | str) -> bool:
        """Tell whether a file or directory is left out."""
        if not self.patterns:
            return False
        # not `resolve`: what a link is called here decides, not what it leads to
        relative = PurePosixPath(os.path.relpath(path, self.base))
        return any(
            _regex(pattern).fullmatch(place)
            for place in _places(relative)
            for pattern in self.patterns
        )


def _places(relative: PurePosixPath) -> Iterator[str]:
    """Yield a path and the directories it lies in, as seen from the base."""
    if relative.parts[:1] != ("..",):
        yield str(relative)
        yield from (str(parent) for parent in relative.parents if parent.name)


@cache
def _regex(pattern: str) -> re.Pattern[str]:
    written = pattern.strip("/").removeprefix("./")
    is_name = "/" not in written and not pattern.startswith(("/", "./"))
    return re.compile(("(?:.*/)?" if is_name else "") + "".join(map(_piece, _split(written))))


def _split(pattern: str) -> list[str]:
    return re.findall(r"(?:\*\*/)+|\*\*|\*|\?|\[[^]/]+\]|.", pattern, re.DOTALL)


def _piece(piece: str) -> str:
    special = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    if piece.startswith("**/"):
        piece = "**/"
    if piece in special:
        return special[piece]
    if piece[0] == "[" and len(piece) > 1:
        inside = re.sub(r"([\\\[&~|])", r"\\\1", piece[1:-1])
        return f"[^/{inside[1:]}]" if inside[0] in "!^" and inside[1:] else f"[{inside}]"
    return re.escape(piece)
