"""Which lines of which files have changed, as a unified diff tells."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from understudy.text.diagnostic import Diagnostic
from understudy.text.source import Source, Span

_HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_ESCAPE = re.compile(rb"\\([abtnvfr\"\\]|[0-7]{3})")
_ESCAPED = dict(zip(b'abtnvfr"\\', b'\a\b\t\n\v\f\r"\\', strict=True))
_ODD_LINE_END = re.compile("\r(?!\n)|[\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Changes:
    """What has changed. Files are named by their real paths."""

    lines: Mapping[str, frozenset[int]] = field(default_factory=dict)
    """Lines of a changed file, from 1, with no other line end than git knows."""
    new: frozenset[str] = frozenset()
    """Files in which every line is new."""

    def touch(self, found: Diagnostic) -> bool:
        """Tell whether a finding's place has changed; what has no place always counts."""
        if found.span is None:
            return True
        file = os.path.realpath(found.span.source.name)
        if file in self.new:
            return True
        changed = self.lines.get(file, frozenset())
        if found.span.source.secret:
            # its lines are not those of the encrypted file
            return bool(changed)
        return not changed.isdisjoint(_lines_of(found.span))


def changes_of(diff: bytes, untracked: Iterable[bytes], top: Path) -> Changes:
    """Return what a diff tells of the files of a repository; untracked ones are new."""
    lines: dict[str, frozenset[int]] = {}
    for name, changed in _files(diff.split(b"\n")):
        file = _real(name, top)
        lines[file] = lines.get(file, frozenset()) | changed
    return Changes(lines, frozenset(_real(name, top) for name in untracked))


def _real(name: bytes, top: Path) -> str:
    return os.path.realpath(os.path.join(top, os.fsdecode(name)))  # noqa: PTH118 (a text)


def _files(lines: list[bytes]) -> Iterator[tuple[bytes, frozenset[int]]]:
    """Yield the files of a diff with their changed lines, one hunk after another."""
    name: bytes | None = None
    rest = iter(lines)
    for line in rest:
        if line.startswith(b"+++ "):
            name = _name(line[4:])
        elif (hunk := _HUNK.match(line)) and name is not None:
            yield name, frozenset(_changed(hunk, rest))


def _changed(hunk: re.Match[bytes], lines: Iterator[bytes]) -> Iterator[int]:
    """Yield the new lines of a hunk; its own lines may look like a file's name."""
    old, number, new = int(hunk[1] or 1), int(hunk[2]), int(hunk[3] or 1)
    end = number + new
    while old or number < end:
        sign = next(lines, b"")[:1]
        if sign == b"+":
            yield number
        number += sign in (b"+", b" ")
        old -= sign in (b"-", b" ")
        if not sign:
            return


def _name(written: bytes) -> bytes | None:
    """Return the name after `+++`, as `git` writes it, or None for a file that is gone."""
    if written.startswith(b'"'):
        written = _ESCAPE.sub(_unescaped, written.rstrip(b"\t")[1:-1])
    else:
        written = written.removesuffix(b"\t")
    return written[2:] if written.startswith(b"b/") else None


def _unescaped(escape: re.Match[bytes]) -> bytes:
    code = escape[1]
    return bytes([int(code, 8) if len(code) > 1 else _ESCAPED[code[0]]])


def _lines_of(span: Span) -> range:
    """Return the lines that a place covers, with no other line end than git knows."""
    last = span.end.line - (span.end.column == 1 and span.end.line > span.start.line)
    return range(_by_newline(span.source, span.start.line), _by_newline(span.source, last) + 1)


def _by_newline(source: Source, line: int) -> int:
    if not _ODD_LINE_END.search(source.text):
        return line
    return source.text.count("\n", 0, source.line_start(line)) + 1
