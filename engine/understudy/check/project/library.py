"""The files that a check reads: each once, and none that it would hang on or that is too big.

Nothing is decrypted: what is in an encrypted file is not known, and that is no mistake.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from understudy.playbook.documents import SEALED, Documents
from understudy.playbook.fields import Report
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid
from understudy.text.document import parse_document
from understudy.text.file import decode_source, not_a_name, unreadable
from understudy.text.nodes import Node, Sequence
from understudy.text.source import Source, Span
from understudy.values.load import variables_of
from understudy.values.texts import Value
from understudy.values.vault import is_vault

BIGGEST = 4 * 2**20
"""Bytes: what authors write is far smaller, and data would only take memory."""
MOST_NODES = 150_000
"""What one file may hold."""
MOST_TASKS = 20_000
"""What one playbook may import."""
IMPORT_DEPTH = 40
_COST_OF_IMPORT = 5
"""An import takes as long as so many tasks."""


@dataclass(slots=True)
class _Read:
    """What came of reading a file: a tree, or findings that say why there is none."""

    root: Node | None = None
    warnings: list[Diagnostic] = field(default_factory=list)
    invalid: tuple[Diagnostic, ...] | None = None
    """Not the exception: it would keep all that had been read by then."""


@dataclass(slots=True)
class Library(Documents):
    """Every file that was read. Its name in findings is relative where that is shorter."""

    sources: dict[Path, Source] = field(default_factory=dict)
    """By absolute path."""
    asked: set[Path] = field(default_factory=set)
    """The absolute path of each file that the unit asked for, whether it is there or not."""
    _trees: dict[Path, _Read] = field(default_factory=dict)
    _tasks: int = 0
    _refused: Diagnostic | None = None

    def begin(self) -> None:
        """Begin a unit: what it reads and what it may import is counted anew."""
        self.asked.clear()
        self._tasks, self._refused = 0, None

    def take_in(self, paths: Iterable[Path]) -> None:
        """Read the files that a unit asked for, which is not gone through again."""
        for path in paths:
            with suppress(PlaybookInvalid):
                self.source(path)

    def put(self, path: Path, source: Source) -> None:
        """Let a text stand for a file."""
        self.sources[absolute(path)] = source

    def forget(self, path: Path) -> None:
        """Let go of a file that nobody needs."""
        self.sources.pop(absolute(path), None)
        self._trees.pop(absolute(path), None)

    def source(self, path: Path, named_at: Span | None = None) -> Source:
        """Return a file's text. Raises PlaybookInvalid."""
        return self._source(path, absolute(path), named_at)

    def _source(self, path: Path, place: Path, named_at: Span | None) -> Source:
        self.asked.add(place)
        source = self.sources.get(place)
        if source is None:
            source = self.sources[place] = _read(path, place, named_at)
        return source

    def root(self, path: Path, named_at: Span | None, report: Report) -> Node | None:
        """Return a file's tree; warnings go to `report`. Raises PlaybookInvalid."""
        place = absolute(path)
        source = self._source(path, place, named_at)
        read = self._trees.get(place)
        if read is None:
            read = self._trees[place] = _parsed(source)
        for warning in read.warnings:
            report(warning)
        if read.invalid is not None:
            raise PlaybookInvalid(read.invalid)
        return read.root

    def variables(self, path: Path) -> Mapping[str, Value]:
        """Return the variables of a file. Raises PlaybookInvalid."""
        if is_vault(self.source(path).text):
            return {SEALED: True}
        return variables_of(self.root(path, None, lambda _warning: None))

    def refusal(self, path: Path, named_at: Span | None, depth: int) -> Diagnostic | None:
        """Return why one more import of a file or role is not followed, if it is not."""
        tree = self._trees.get(absolute(path))
        root = tree.root if tree else None
        self._tasks += len(root.items) if isinstance(root, Sequence) else 0
        self._tasks += _COST_OF_IMPORT
        if self._tasks > MOST_TASKS:
            why = f"this playbook imports more than {MOST_TASKS:,} tasks"
        elif depth > IMPORT_DEPTH:
            why = f"imports are nested deeper than {IMPORT_DEPTH} levels"
        else:
            return None
        self._refused = self._refused or _too_many(why, named_at)
        return self._refused


def absolute(path: Path) -> Path:
    """Return a path that is the same for each way of writing it."""
    text = os.fspath(path)
    if ".." in text and ".." in path.parts:
        return Path(os.path.realpath(text))
    return path if text.startswith("/") else path.absolute()


def shown(place: Path) -> str:
    """Return how an absolute path is named: relative where it lies below the working directory."""
    here = Path.cwd()
    return str(place.relative_to(here) if place.is_relative_to(here) else place)


def _read(path: Path, place: Path, named_at: Span | None) -> Source:
    try:
        state = place.stat()
        if not stat.S_ISREG(state.st_mode):
            what = "a directory" if stat.S_ISDIR(state.st_mode) else "no regular file"
            raise PlaybookInvalid([_not_a_file(path, what, named_at)])
        if state.st_size > BIGGEST:
            raise PlaybookInvalid([too_big(path, state.st_size, named_at)])
        data = place.read_bytes()
    except OSError as error:
        raise PlaybookInvalid([unreadable(path, error, named_at)]) from None
    except ValueError:
        raise PlaybookInvalid([not_a_name(path, named_at)]) from None
    return decode_source(shown(place), data)


def _parsed(source: Source) -> _Read:
    read = _Read()
    if is_vault(source.text):
        read.invalid = ()
        return read
    try:
        read.root = parse_document(source, read.warnings.append, most=MOST_NODES)
    except PlaybookInvalid as invalid:
        read.invalid = invalid.diagnostics
    return read


def too_big(path: Path, size: int, named_at: Span | None = None) -> Diagnostic:
    """Return the finding for a file that is too big to be looked at."""
    return Diagnostic(
        code="file-too-big",
        message=f"`{path}` is not checked: it has {size / 2**20:.1f} MiB",
        span=named_at,
        notes=(f"files of up to {BIGGEST // 2**20} MiB are",),
    )


def _not_a_file(path: Path, what: str, named_at: Span | None) -> Diagnostic:
    message = f"cannot read `{path}`: it is {what}"
    return Diagnostic(code="unreadable-file", message=message, span=named_at)


def _too_many(why: str, named_at: Span | None) -> Diagnostic:
    return Diagnostic(
        code="too-many-imports",
        message=f"what is imported from here on is not checked: {why}",
        span=named_at,
        help="import each file once, or check its parts by themselves",
    )
