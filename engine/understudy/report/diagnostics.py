"""Diagnostics as text: what is wrong, the place with its line, what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TextIO, TypeAlias

from understudy.report import colour
from understudy.report.columns import columns, cut_around, in_one_line, printable
from understudy.text.diagnostic import Diagnostic, Label, Severity

WIDEST = 160
"""How many columns an excerpt takes at most: of a longer line, what is around the place."""
_LONG_QUOTE = re.compile(r"`([^`]{160})[^`]{40,}`")
Paint: TypeAlias = Callable[[str, str], str]
"""Gives a text a colour."""
_COLOURS = {
    Severity.ERROR: colour.ERROR,
    Severity.WARNING: colour.WARNING,
    Severity.INFO: colour.SKIPPED,
}


def print_diagnostics(diagnostics: Iterable[Diagnostic], out: TextIO) -> None:
    """Write diagnostics, an empty line between them."""
    out.writelines(render(diagnostic) + "\n\n" for diagnostic in diagnostics)


def render(
    diagnostic: Diagnostic, paint: Paint = colour.plain, learn: str = "", width: int = WIDEST
) -> str:
    """Return a diagnostic as lines of text; `learn` is where to read more."""
    return "\n".join(_lines(diagnostic, paint, learn, width))


def _lines(diagnostic: Diagnostic, paint: Paint, learn: str, width: int) -> Iterator[str]:
    kind = f"{diagnostic.severity.value}[{diagnostic.code}]"
    yield f"{paint(kind, _COLOURS[diagnostic.severity])}: {_said(diagnostic.message)}"
    labels = list(_labels(diagnostic))
    margin = max((len(str(label.span.start.line)) for label in labels), default=1)
    if labels:
        of_kind = _COLOURS[diagnostic.severity]
        yield from _excerpt(labels, margin, lambda text: paint(text, of_kind), width)
    ways_on = [*(("note", note) for note in diagnostic.notes), ("help", diagnostic.help or "")]
    for word, text in (*ways_on, ("learn", learn)):
        if text:
            yield f"{' ' * margin} = {word}: {_said(text)}"


def _said(text: str) -> str:
    """Return what is said in one line, without most of a quoted text that nobody would read."""
    return _LONG_QUOTE.sub(r"`\1…`", in_one_line(text))


def _labels(diagnostic: Diagnostic) -> Iterator[Label]:
    if diagnostic.span is not None:
        yield Label(diagnostic.span, diagnostic.label)
    yield from diagnostic.others


def _excerpt(
    labels: list[Label], margin: int, paint: Callable[[str], str], width: int
) -> Iterator[str]:
    """Yield the place of the first label, and the line of each under a rule of carets.

    Those of one file stand in the order of its text.
    """
    first = labels[0]
    names = list(dict.fromkeys(label.span.source.name for label in labels))
    for name in names:
        here = [label for label in labels if label.span.source.name == name]
        place = first if first in here else here[0]
        yield f"{' ' * margin}{'-->' if place is first else ':::'} {in_one_line(str(place.span))}"
        for label in sorted(here, key=lambda label: label.span.start):
            yield f"{' ' * margin} |"
            mark, painted = ("^", paint) if label is first else ("-", str)
            yield from _marked(label, mark, painted, f"{' ' * margin} | ", width)


def _marked(
    label: Label, mark: str, paint: Callable[[str], str], margin: str, width: int
) -> Iterator[str]:
    """Yield a line of a text, as much as fits, and a rule of carets below its place."""
    start, end = label.span.start, label.span.end
    line = printable(label.span.source.shown_line(start.line))
    length = (end.column if end.line == start.line else len(line.rstrip()) + 1) - start.column
    line, place = cut_around(line, start.column - 1, width - len(margin))
    # a place beyond the line's end, or in a line that is not shown, has a column all the same
    before = columns(line[:place]) + max(0, place - len(line))
    rule = mark * max(1, columns(line[place : place + max(1, length)]))
    yield f"{start.line:>{len(margin) - len(' | ')}} | {line}".rstrip()
    yield f"{margin}{' ' * before}{paint(f'{rule} {in_one_line(label.text)}'.rstrip())}"
