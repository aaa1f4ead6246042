"""`python -m tests.invalid_index` writes the index of mistakes: what a user reads of each."""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Iterator
from pathlib import Path

from tests.mistakes import MISTAKES, answer
from understudy.cli.main import main as understudy

CASES = Path(__file__).parent / "cases" / "invalid"
INDEX = CASES / "INDEX.md"
_PLACE = re.compile(r"^ *--> (.*)$", re.MULTILINE)
_HEAD = """\
# Mistakes, and what is said of them

Made by `python -m tests.invalid_index`; do not edit. Each file was given to `understudy check`; the
whole text stands beside it in `.expected`.

| file | exit code | place | first line |
|---|--:|---|---|
"""

_RUNS = """
## On the command line and in a run

| mistake | command | exit code | what is told |
|---|---|--:|---|
"""


def checked(path: Path) -> tuple[int, str]:
    """Return the exit code of checking a file, and what is printed."""
    printed = io.StringIO()
    with contextlib.redirect_stderr(printed), contextlib.redirect_stdout(printed):
        code = understudy(["check", path.name])
    return code, printed.getvalue()


def rows() -> Iterator[str]:
    """Yield a line of the table for each case."""
    before = Path.cwd()
    os.chdir(CASES)
    try:
        for path in sorted(CASES.glob("*.yml")):
            code, text = checked(path)
            place = _PLACE.search(text)
            first = text.splitlines()[0].replace("|", "\\|") if text else ""
            yield f"| {path.name} | {code} | {place[1] if place else ''} | {first} |"
    finally:
        os.chdir(before)


def run_rows() -> Iterator[str]:
    """Yield a line for each mistake that is made on the command line, or found in a run."""
    for what, (words, _, text) in MISTAKES.items():
        code, printed = answer(what)
        told = next((line for line in printed.splitlines() if text in line), "")
        yield f"| {what} | `understudy {' '.join(words)}` | {code} | {told.strip()} |"


def index() -> str:
    """Return the whole page."""
    return _HEAD + "\n".join(rows()) + "\n" + _RUNS + "\n".join(run_rows()) + "\n"


if __name__ == "__main__":
    INDEX.write_text(index(), "utf-8")
