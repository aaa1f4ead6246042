"""Edits change what they name; of those that want one place, the first is made."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.text.diagnostic import Edit, Fix
from understudy.text.edits import apply_edits, apply_fixes
from understudy.text.source import Position, Source, Span

ABC = Source("site.yml", "abcdef\n")


def edit(start: int, end: int, text: str, source: Source = ABC) -> Edit:
    return Edit(source.span(start, end), text)


def fix(*edits: Edit) -> Fix:
    return Fix(message="", edits=edits)


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([(0, 2, "X"), (2, 4, "Y")], "XYef\n"),
        ([(2, 4, "Y"), (0, 2, "X")], "XYef\n"),
        ([(0, 3, "X"), (2, 4, "Y")], "Xdef\n"),
        ([(2, 4, "Y"), (0, 3, "X")], "abYef\n"),
        ([(0, 6, "X"), (3, 3, "Y")], "X\n"),
        ([(3, 3, "Y"), (3, 6, "X")], "abcYX\n"),
        ([(0, 3, "X"), (3, 3, "Y")], "XYdef\n"),
        ([(3, 3, "X"), (3, 3, "Y")], "abcXdef\n"),
        ([(3, 3, "X"), (3, 3, "X")], "abcXdef\n"),
        ([(1, 3, ""), (1, 3, "")], "adef\n"),
        ([(7, 7, "end")], "abcdef\nend"),
        ([], "abcdef\n"),
    ],
)
def test_edits_that_touch_or_overlap(edits: list[tuple[int, int, str]], expected: str) -> None:
    """Touching edits are made both; of overlapping ones, or two insertions, the first given."""
    assert apply_edits(ABC, [edit(*one) for one in edits]) == expected


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r", "\x85", "\u2028", "\u2029"])
def test_lines_end_as_in_yaml(line_end: str) -> None:
    """A place is counted with every line end that YAML knows, and no other."""
    source = Source("site.yml", f"a\x0bb{line_end}c: d{line_end}")
    span = Span(source, Position(2, 4), Position(2, 5))
    assert apply_edits(source, [Edit(span, "X")]) == f"a\x0bb{line_end}c: X{line_end}"
    assert source.offset(source.position(5)) == 5


def test_a_place_behind_the_end_of_a_line_is_its_end() -> None:
    """A column that a line does not have does not reach far into the next ones."""
    source = Source("site.yml", "a\nbc\n")
    assert source.offset(Position(1, 99)) == source.line_start(2)
    assert source.offset(Position(9, 9)) == len(source.text)


def test_a_fix_is_made_as_a_whole() -> None:
    """Where one of its edits has no place, none is made; the fixes that were made are told."""
    first, second = fix(edit(0, 1, "X")), fix(edit(0, 2, "Y"), edit(4, 5, "Y"))
    third = fix(edit(4, 5, "Z"))
    texts, made = apply_fixes([first, second, third])
    assert (texts[ABC], made) == ("XbcdZf\n", [first, third])


def test_a_fix_that_contradicts_itself_is_not_made() -> None:
    """Its own edits must leave each other a place."""
    assert apply_fixes([fix(edit(0, 3, "X"), edit(1, 2, "Y"))]) == ({}, [])


def test_what_a_fix_inserts_at_one_place_stands_in_its_order() -> None:
    """Two keywords behind the last one, for example; another fix does not come between."""
    texts, made = apply_fixes([fix(edit(3, 3, "Y"), edit(3, 3, "X")), fix(edit(3, 3, "Z"))])
    assert (texts[ABC], len(made)) == ("abcYXdef\n", 1)


def test_a_fix_of_two_files() -> None:
    """Both texts are told."""
    other = Source("other.yml", "x\n")
    texts, _ = apply_fixes([fix(edit(0, 1, "X"), edit(0, 1, "Y", other))])
    assert texts == {ABC: "Xbcdef\n", other: "Y\n"}


def test_many_edits_take_no_long_time() -> None:
    """The time does not grow with the square of their number."""
    source = Source("site.yml", "a: b\n" * 5_000)
    edits = [edit(5 * n + 3, 5 * n + 4, "X", source) for n in reversed(range(5_000))]
    assert apply_edits(source, edits) == "a: X\n" * 5_000


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7), st.sampled_from(["", "X", "YZ"]))))
def test_what_no_edit_names_stays(wanted: list[tuple[int, int, str]]) -> None:
    """The characters outside of all edits are there, in their order."""
    edits = [edit(min(a, b), max(a, b), text) for a, b, text in wanted]
    named = {n for a, b, _ in wanted for n in range(min(a, b), max(a, b))}
    kept = "".join(char for n, char in enumerate(ABC.text) if n not in named)
    result = apply_edits(ABC, edits)
    assert "".join(char for char in result if char in kept) == kept
