"""Diagnostics as text."""

from __future__ import annotations

import io

from understudy.report.diagnostics import print_diagnostics, render
from understudy.text.diagnostic import Diagnostic, Label, Severity
from understudy.text.source import Position, Source, Span, span_at


def at(text: str, line: int, column: int, length: int = 1) -> Span:
    """Return a span of a file with this text."""
    return span_at(Source("site.yml", text), Position(line, column), length)


def test_a_finding_shows_its_line_and_what_to_write() -> None:
    """Severity, code and message come first, then the place, the line with a mark, notes, help."""
    found = Diagnostic(
        code="unknown-keyword",
        message="`retrys` is not a keyword of a task",
        span=at("- ping:\n  retrys: 5\n", 2, 3, 6),
        notes=("a note",),
        help="did you mean `retries`?",
    )
    assert render(found).splitlines() == [
        "error[unknown-keyword]: `retrys` is not a keyword of a task",
        " --> site.yml:2:3",
        "  |",
        "2 |   retrys: 5",
        "  |   ^^^^^^",
        "  = note: a note",
        "  = help: did you mean `retries`?",
    ]


def test_a_second_place_is_marked_otherwise() -> None:
    """The place of a conflict's other end is shown with its label."""
    text = "a: 1\nb: 2\na: 3\n"
    source = Source("vars.yml", text)
    found = Diagnostic(
        code="duplicate-key",
        message="`a` stands twice",
        severity=Severity.WARNING,
        span=span_at(source, Position(3, 1)),
        others=(Label(span_at(source, Position(1, 1)), "first given here"),),
    )
    lines = render(found).splitlines()
    assert lines[0].startswith("warning[")
    assert "1 | a: 1" in lines
    assert "  | - first given here" in lines


def test_long_lines_are_cut_around_the_place() -> None:
    """Of a line of thousands of columns only what is near the place is shown, the mark below it."""
    text = "x" * 5000 + "!" + "y" * 5000
    lines = render(Diagnostic(code="c", message="m", span=at(text, 1, 5001))).splitlines()
    line, mark = lines[3], lines[4]
    assert len(line) < 200
    assert line[mark.index("^")] == "!"


def test_unprintable_characters_do_not_reach_the_terminal() -> None:
    """Control characters of a source line are shown as something harmless, one column each."""
    lines = render(Diagnostic(code="c", message="m", span=at("a\x1b[31m\tb", 1, 7))).splitlines()
    assert lines[3] == "1 | a\ufffd[31m b"
    assert lines[4] == "  |       ^"


def test_several_findings_are_set_apart() -> None:
    """Between findings stands an empty line; one without a place has only its message."""
    out = io.StringIO()
    print_diagnostics([Diagnostic(code=c, message="m") for c in "ab"], out)
    assert out.getvalue() == "error[a]: m\n\nerror[b]: m\n\n"
