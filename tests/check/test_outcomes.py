"""What a condition can yield, part by part."""

from __future__ import annotations

import pytest

from understudy.check.flow.reads import Chain
from understudy.check.meaning.outcomes import expression_of, outcomes
from understudy.check.meaning.sorts import Sort
from understudy.values.texts import Expression

BOOLEAN, TEXT, NUMBER, LIST, MAPPING, UNKNOWN = (
    Sort.BOOLEAN,
    Sort.TEXT,
    Sort.NUMBER,
    Sort.LIST,
    Sort.MAPPING,
    Sort.UNKNOWN,
)
SORTS = {"text": TEXT, "number": NUMBER, "words": LIST, "result": MAPPING, "flag": BOOLEAN}


def sorts(condition: str) -> list[Sort]:
    """Return the sorts of everything that a condition can yield."""
    root = expression_of(Expression(condition))
    assert root is not None
    return [one.sort for one in outcomes(root, sort_of_chain)]


def sort_of_chain(chain: Chain) -> Sort:
    """Return the sort that a variable's name stands for."""
    return SORTS.get(chain.name, UNKNOWN) if not chain.path else UNKNOWN


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("text", [TEXT]),
        ("text == 'x'", [BOOLEAN]),
        ("not text", [BOOLEAN]),
        ("'x' in text", [BOOLEAN]),
        ("result is success", [BOOLEAN]),
        ("text and flag", [TEXT, BOOLEAN]),
        ("flag or text", [BOOLEAN, TEXT]),
        ("result and flag", [BOOLEAN]),
        ("result or flag", [MAPPING, BOOLEAN]),
        ("true and words", [LIST]),
        ("false or words", [LIST]),
        ("words if flag else number", [LIST, NUMBER]),
        ("other | default('')", [UNKNOWN, TEXT]),
        ("other | default(false)", [UNKNOWN, BOOLEAN]),
        ("words | length", [NUMBER]),
        ("words | first", [UNKNOWN]),
        ("text | bool", [BOOLEAN]),
        ("text | regex_search('x')", [TEXT]),
        ("text ~ text", [TEXT]),
        ("other + other", [UNKNOWN]),
        ("text.split('x')", [LIST]),
        ("text.startswith('x')", [UNKNOWN]),
        ("lookup('env', 'X')", [TEXT]),
        ("lookup('env', 'X', default=false)", [UNKNOWN]),
        ("lookup('vars', 'x')", [UNKNOWN]),
        ("query('vars', 'x')", [LIST]),
        ("none", [Sort.NOTHING]),
    ],
)
def test_each_part_that_can_decide_is_an_outcome(condition: str, expected: list[Sort]) -> None:
    """`and`, `or`, `if` and `default` yield one of their parts; all else has a sort or none."""
    assert sorts(condition) == expected
