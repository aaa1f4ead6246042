"""A key that stands twice: the second goes where nothing is lost by it."""

from __future__ import annotations

import pytest

from understudy.text.diagnostic import Diagnostic
from understudy.text.document import parse_document
from understudy.text.edits import apply_edits
from understudy.text.source import Source


def mended(text: str) -> str:
    """Return a text after the fixes of all that stands twice in it."""
    source = Source("site.yml", text)
    found: list[Diagnostic] = []
    parse_document(source, found.append)
    assert found
    return apply_edits(source, [edit for one in found if one.fix for edit in one.fix.edits])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: 1\na: 1\nb: 2\n", "a: 1\nb: 2\n"),
        ("a: 1\r\na: 1\r\nb: 2\r\n", "a: 1\r\nb: 2\r\n"),
        ("- a: [x]\n  a:\n  - x\n- b\n", "- a: [x]\n- b\n"),
        ("a: |\n  x\nb: 1\na: |\n  x\n\n\nc: 1\n", "a: |\n  x\nb: 1\n\n\nc: 1\n"),
        ("a: 1\na: 1\na: 1\n", "a: 1\n"),
        ("a:\na:\n", "a:\n"),
        ("a: {b: 1}\na:\n  b: 1\n", "a: {b: 1}\n"),
    ],
)
def test_the_second_of_two_equal_ones_goes(before: str, after: str) -> None:
    """Its lines go, and no other."""
    assert mended(before) == after


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\na: '1'\n",
        "a: 1\na: 0x1\n",
        "a: 1\na: true\n",
        "a: !unsafe x\na: x\n",
        "a: 1\na: 1  # why\n",
        "a: [1]\na:\n  # why\n  - 1\n",
        "a: 1\na: &name 1\nb: *name\n",
        "{a: 1, a: 1}\n",
        "{\na: 1,\na: 1\n}\n",
        "a: 1\na: 1",
        "a: 1\na: 2\na: 1\n",
        "a: {b: 1, c: 1}\na: {c: 1, b: 1}\n",
        "a: &x 1\na: *x\n",
    ],
)
def test_what_says_more_than_the_first_stays(text: str) -> None:
    """Nothing is removed where the values differ, or where something else would go with it."""
    assert mended(text) == text
