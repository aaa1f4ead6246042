"""Diagnostics as text: what is wrong, the place with its line, what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TextIO

from understudy.text.diagnostic import Diagnostic, Label
from understudy.text.source import Span

_LONGEST = 160
"""How many columns of a source line are shown, around the place."""
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def print_diagnostics(diagnostics: Iterable[Diagnostic], out: TextIO) -> None:
    """Write diagnostics, an empty line between them."""
    out.writelines(render(diagnostic) + "\n\n" for diagnostic in diagnostics)


def render(diagnostic: Diagnostic) -> str:
    """Return a diagnostic as lines of text."""
    return "\n".join(_lines(diagnostic))


def _lines(diagnostic: Diagnostic) -> Iterator[str]:
    yield f"{diagnostic.severity.value}[{diagnostic.code}]: {diagnostic.message}"
    labels = list(_labels(diagnostic))
    margin = max((len(str(label.span.start.line)) for label in labels), default=1)
    if labels:
        yield from _excerpt(labels, margin)
    for note in diagnostic.notes:
        yield f"{' ' * margin} = note: {note}"
    if diagnostic.help:
        yield f"{' ' * margin} = help: {diagnostic.help}"


def _labels(diagnostic: Diagnostic) -> Iterator[Label]:
    if diagnostic.span is not None:
        yield Label(diagnostic.span, diagnostic.label)
    yield from diagnostic.others


def _excerpt(labels: list[Label], margin: int) -> Iterator[str]:
    """Yield the place of the first label, and the line of each under a rule of carets."""
    source = None
    for number, label in enumerate(labels):
        if label.span.source is not source:
            source = label.span.source
            yield f"{' ' * margin}{'-->' if number == 0 else ':::'} {label.span}"
        yield f"{' ' * margin} |"
        yield from _marked(label, margin, "^" if number == 0 else "-")


def _marked(label: Label, margin: int, mark: str) -> Iterator[str]:
    span = label.span
    line = _UNPRINTABLE.sub(_shown, span.source.shown_line(span.start.line))
    width, column = _width(span, line), span.start.column - 1
    if len(line) > _LONGEST:
        cut = max(0, column - _LONGEST // 2)
        line, column = "…" + line[cut + 1 : cut + _LONGEST] + "…", column - cut
    rule = mark * min(width, max(1, len(line) - column))
    yield f"{span.start.line:>{margin}} | {line}".rstrip()
    yield f"{' ' * margin} | {' ' * column}{rule} {label.text}".rstrip()


def _shown(unprintable: re.Match[str]) -> str:
    return " " if unprintable[0] == "\t" else "\ufffd"


def _width(span: Span, line: str) -> int:
    """Return how many columns of the first line a span covers, at least one."""
    same_line = span.end.line == span.start.line
    end = span.end.column if same_line else len(line.rstrip()) + 1
    return max(1, end - span.start.column)
