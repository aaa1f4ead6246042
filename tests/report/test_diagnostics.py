"""Diagnostics as text."""

from __future__ import annotations

import io

import pytest

from understudy.report.columns import columns
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


@pytest.mark.parametrize(
    ("before", "place", "width"),
    [
        ("日本語 ", "x", 7),
        ("é e\u0301 ", "x", 4),
        ("🎉 ", "x", 3),
        ("❤\ufe0f \u200b", "x", 2),
        ("", "日本", 0),
        ("\ta\t", "x", 3),
    ],
)
def test_carets_stand_below_what_they_mean(before: str, place: str, width: int) -> None:
    """Wide characters take two columns, marks above others none; the carets follow them."""
    text = f"{before}{place} after"
    found = Diagnostic(code="c", message="m", span=at(text, 1, len(before) + 1, len(place)))
    wide = len(place.encode()) > len(place)
    assert render(found).splitlines()[4] == "  | " + " " * width + "^" * (len(place) << wide)


@pytest.mark.parametrize("letter", ["x", "語"])
@pytest.mark.parametrize("place", [0, 1, 30, 70, 200, 399])
def test_an_excerpt_is_never_wider_than_it_may_be(letter: str, place: int) -> None:
    """Of a line that does not fit only what is around the place is shown."""
    text = letter * place + "!" + letter * (399 - place)
    found = Diagnostic(code="c", message="m", span=at(text, 1, place + 1, 300))
    line, rule = render(found, width=60).splitlines()[3:5]
    assert max(map(columns, (line, rule))) <= 60
    assert columns(line[: line.index("!")]) == rule.index("^")


def test_what_is_said_stays_in_its_line() -> None:
    """A name from a playbook can neither move the cursor nor begin a line, as a command would."""
    name = "x\n::stop-commands::y\x1b[31m\u202e"
    source = Source("a\n::b\x1b.yml", "- x\n")
    label = Label(span_at(source, Position(1, 1)), name)
    text = render(
        Diagnostic(code="c", message=name, span=label.span, others=(label,), notes=(name,))
    )
    assert not any(line.lstrip().startswith("::b") for line in text.splitlines())
    assert not any(line.lstrip().startswith("::stop") for line in text.splitlines())
    assert not set("\x1b\u202e") & set(text)
    long = Diagnostic(code="c", message=f"no `{'x' * 10_000}`, but `{'y' * 150}`")
    assert render(long) == f"error[c]: no `{'x' * 160}…`, but `{'y' * 150}`"


def test_several_findings_are_set_apart() -> None:
    """Between findings stands an empty line; one without a place has only its message."""
    out = io.StringIO()
    print_diagnostics([Diagnostic(code=c, message="m") for c in "ab"], out)
    assert out.getvalue() == "error[a]: m\n\nerror[b]: m\n\n"
