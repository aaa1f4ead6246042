"""`--fix` and `--diff`: what a check mends is shown, written, or both."""

from __future__ import annotations

import argparse
import sys
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from understudy.check.checked import Checked
from understudy.check.mending.whole_file import rewrite_whole
from understudy.cli.check_outputs import why
from understudy.text.diagnostic import Diagnostic
from understudy.text.source import Source

if TYPE_CHECKING:
    from understudy.check.mending.mend import Look, Mended

_ESCAPED = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}

_INSTALLED = frozenset({".ansible", "ansible_collections", "site-packages"})
"""Directories with what others have written."""


def add_fix(parser: argparse.ArgumentParser) -> None:
    """Give a parser the options for fixes."""
    group = parser.add_argument_group("fixes")
    add = group.add_argument
    add("--fix", action="store_true", help="mend what can be mended without a change of meaning")
    add("--unsafe", action="store_true", help="with --fix or --diff: mend all that can be mended")
    add("--diff", action="store_true", help="show what --fix does; alone it writes nothing")
    add("--exit-on-fix", action="store_true", help="exit with 2 if something was mended")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check is to tell at its end."""

    checked: Checked
    fixed: int = 0
    """How many findings were mended."""
    is_unsaved: bool = False
    """Whether some file could not be written."""


def fixed_as_asked(options: argparse.Namespace, check: Look) -> Outcome:
    """Check, and do with what can be mended as the options say."""
    if not (options.fix or options.diff):
        return Outcome(check())
    from understudy.check.mending.mend import ROUNDS, mend

    # after one round the lines that `--since` names are others
    rounds = 1 if options.since else ROUNDS
    is_ours = partial(_is_ours, folders_of(options.paths))
    mended = mend(check, unsafe=options.unsafe, rounds=rounds, is_ours=is_ours)
    if options.diff:
        show(mended)
    if not options.fix:
        return Outcome(mended.found)
    failed = save(mended)
    # what is not written is not mended
    mended.refused |= failed
    if not failed and not options.since:
        return Outcome(mended.checked, mended.count)
    checked = check()
    checked.findings = [*failed.values(), *checked.findings]
    return Outcome(checked, mended.count, is_unsaved=bool(failed))


def folders_of(names: Iterable[str]) -> frozenset[Path]:
    """Return the directories whose files are those of the project that is checked."""
    paths = [Path.cwd(), *map(Path, names)]
    return frozenset((one if one.is_dir() else one.parent).resolve() for one in paths)


def _is_ours(folders: frozenset[Path], path: Path) -> bool:
    """Tell whether a file is the project's, and not one that is installed for several."""
    below = [path.relative_to(one) for one in folders if path.is_relative_to(one)]
    return any(_INSTALLED.isdisjoint(one.parts) for one in below)


def show(mended: Mended) -> None:
    """Write to standard output what was mended, as a patch that fits the files byte by byte."""
    sys.stdout.flush()
    for path, before in sorted(mended.before.items()):
        for line in _patch(path, before, mended.after[path]):
            sys.stdout.buffer.write(line.encode("utf-8", "surrogateescape"))
    sys.stdout.buffer.flush()


def _patch(path: Path, before: Source, after: str) -> Iterator[str]:
    import difflib

    mark = _mark(path).decode()
    old, new = _lines(mark + before.text), _lines(mark + after)
    name = _quoted(before.name.removeprefix("./"))
    for line in difflib.unified_diff(old, new, name, name):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _quoted(name: str) -> str:
    """Return a name as git and patch write one that would end its line."""
    if not any(letter in name for letter in '\\"\n\r\t'):
        return name
    return '"' + "".join(_ESCAPED.get(letter, letter) for letter in name) + '"'


def _lines(text: str) -> list[str]:
    """Return lines as programs for patches count them: only a line feed ends one."""
    lines = text.split("\n")
    return [*(f"{line}\n" for line in lines[:-1]), *filter(None, lines[-1:])]


def save(mended: Mended) -> dict[Path, Diagnostic]:
    """Write the mended files; return why some could not be written."""
    failed = {}
    for path, before in sorted(mended.before.items()):
        try:
            _save(path, before, mended.after[path])
        except OSError as error:
            message = f"cannot write `{before.name}`: {why(error)}"
            failed[path] = Diagnostic(code="unwritable-file", message=message)
    return failed


def _save(path: Path, before: Source, after: str) -> None:
    mark = _mark(path)
    if path.read_bytes() != mark + before.text.encode():
        raise OSError("it changed while it was checked")
    rewrite_whole(path, mark + after.encode())


def _mark(path: Path) -> bytes:
    """Return the byte order mark of a file, if it has one."""
    try:
        with path.open("rb") as file:
            return BOM_UTF8 if file.read(len(BOM_UTF8)) == BOM_UTF8 else b""
    except OSError:
        return b""
