"""What the paths on the command line of a check stand for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

STDIN = "-"


def places_of(names: Sequence[str], filename: str | None = None) -> dict[Path, bool]:
    """Return what paths name, each once; whether it is the standard input."""
    stdin = Path(filename or "stdin.yml")
    return {(stdin if name == STDIN else Path(name)): name == STDIN for name in names}
