"""Two runs in, readable differences out.

Steps are aligned by their headings first, so that one missing task is one difference and not a
shift of all that follow. Values are compared with their types: 1, 1.0 and true are three values.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import cast

from tests.parity.shapes import Json

JsonDict = dict[str, Json]


def differences(expected: JsonDict, actual: JsonDict) -> list[str]:
    """Return one line per difference between two runs; an empty list means parity."""
    found = list(_steps(_dicts(expected["steps"]), _dicts(actual["steps"])))
    for part in ("preamble", "recap", "exit_code"):
        found += _values(part, expected[part], actual[part])
    return found


def _dicts(value: Json) -> list[JsonDict]:
    return cast("list[JsonDict]", value)


def _steps(expected: list[JsonDict], actual: list[JsonDict]) -> Iterator[str]:
    left, right = [_heading(step) for step in expected], [_heading(step) for step in actual]
    for tag, i, i_end, j, j_end in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            for one, other in zip(expected[i:i_end], actual[j:j_end], strict=True):
                yield from _step(one, other)
            continue
        yield from (f"missing: {heading}" for heading in left[i:i_end])
        yield from (f"unexpected: {heading}" for heading in right[j:j_end])


def _heading(step: JsonDict) -> str:
    return f"{step['kind']} [{step['name']}]"


def _step(expected: JsonDict, actual: JsonDict) -> Iterator[str]:
    for part in ("lines", "hosts"):
        yield from _values(f"{_heading(expected)} {part}", expected[part], actual[part])


def _values(where: str, expected: Json, actual: Json) -> Iterator[str]:
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key in sorted(expected.keys() | actual.keys()):
            yield from _member(f"{where}.{key}", key, expected, actual)
    elif _are_alike(expected, actual):
        pairs = zip(cast("list[Json]", expected), cast("list[Json]", actual), strict=True)
        for index, (one, other) in enumerate(pairs):
            yield from _values(f"{where}[{index}]", one, other)
    elif _text(expected) != _text(actual):
        yield f"{where}: expected {_text(expected)}, got {_text(actual)}"


def _member(where: str, key: str, expected: JsonDict, actual: JsonDict) -> Iterator[str]:
    if key not in actual:
        yield f"{where}: missing, expected {_text(expected[key])}"
    elif key not in expected:
        yield f"{where}: unexpected {_text(actual[key])}"
    else:
        yield from _values(where, expected[key], actual[key])


def _are_alike(expected: Json, actual: Json) -> bool:
    both_lists = isinstance(expected, list) and isinstance(actual, list)
    return both_lists and len(cast("list[Json]", expected)) == len(cast("list[Json]", actual))


def _text(value: Json) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
