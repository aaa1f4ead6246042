"""Diagnostics as text: what is wrong, the place with its line, what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TextIO, TypeAlias

from understudy.report import colour
from understudy.text.diagnostic import Diagnostic, Label, Severity
from understudy.text.source import Span

_LONGEST = 160
"""How many columns of a source line are shown, around the place."""
Paint: TypeAlias = Callable[[str, str], str]
"""Gives a text a colour."""
_COLOURS = {
    Severity.ERROR: colour.ERROR,
    Severity.WARNING: colour.WARNING,
    Severity.INFO: colour.SKIPPED,
}
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def print_diagnostics(diagnostics: Iterable[Diagnostic], out: TextIO) -> None:
    """Write diagnostics, an empty line between them."""
    out.writelines(render(diagnostic) + "\n\n" for diagnostic in diagnostics)


def render(diagnostic: Diagnostic, paint: Paint = colour.plain, learn: str = "") -> str:
    """Return a diagnostic as lines of text; `learn` is where to read more."""
    return "\n".join(_lines(diagnostic, paint, learn))


def _lines(diagnostic: Diagnostic, paint: Paint, learn: str) -> Iterator[str]:
    kind = f"{diagnostic.severity.value}[{diagnostic.code}]"
    yield f"{paint(kind, _COLOURS[diagnostic.severity])}: {diagnostic.message}"
    labels = list(_labels(diagnostic))
    margin = max((len(str(label.span.start.line)) for label in labels), default=1)
    if labels:
        yield from _excerpt(labels, margin, lambda text: paint(text, _COLOURS[diagnostic.severity]))
    ways_on = [*(("note", note) for note in diagnostic.notes), ("help", diagnostic.help or "")]
    for word, text in (*ways_on, ("learn", learn)):
        if text:
            yield f"{' ' * margin} = {word}: {text}"


def _labels(diagnostic: Diagnostic) -> Iterator[Label]:
    if diagnostic.span is not None:
        yield Label(diagnostic.span, diagnostic.label)
    yield from diagnostic.others


def _excerpt(labels: list[Label], margin: int, paint: Callable[[str], str]) -> Iterator[str]:
    """Yield the place of the first label, and the line of each under a rule of carets.

    Those of one file stand in the order of its text.
    """
    first = labels[0]
    names = list(dict.fromkeys(label.span.source.name for label in labels))
    for name in names:
        here = [label for label in labels if label.span.source.name == name]
        place = first if first in here else here[0]
        yield f"{' ' * margin}{'-->' if place is first else ':::'} {place.span}"
        for label in sorted(here, key=lambda label: label.span.start):
            yield f"{' ' * margin} |"
            is_first = label is first
            yield from _marked(label, margin, "^" if is_first else "-", paint if is_first else str)


def _marked(label: Label, margin: int, mark: str, paint: Callable[[str], str]) -> Iterator[str]:
    span = label.span
    line = _UNPRINTABLE.sub(_shown, span.source.shown_line(span.start.line))
    width, column = _width(span, line), span.start.column - 1
    if len(line) > _LONGEST:
        cut = max(0, column - _LONGEST // 2)
        line, column = "…" + line[cut + 1 : cut + _LONGEST] + "…", column - cut
    rule = mark * min(width, max(1, len(line) - column))
    yield f"{span.start.line:>{margin}} | {line}".rstrip()
    yield f"{' ' * margin} | {' ' * column}{paint(f'{rule} {label.text}'.rstrip())}"


def _shown(unprintable: re.Match[str]) -> str:
    return " " if unprintable[0] == "\t" else "\ufffd"


def _width(span: Span, line: str) -> int:
    """Return how many columns of the first line a span covers, at least one."""
    same_line = span.end.line == span.start.line
    end = span.end.column if same_line else len(line.rstrip()) + 1
    return max(1, end - span.start.column)
