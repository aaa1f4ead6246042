"""Names that are surely the same word, written wrong once.

Names of variables come in families (`http_port`, `https_port`; `user`, `users`; `disk1`, `disk2`),
so that a small distance alone says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

_SHORTEST = 4
"""Letters: of a shorter word every other one is near."""
_LONG = 6
"""Letters from which on one of them may be another."""
_FURTHEST = 3
"""Letters by which one of two such names may be longer: underscores are left out at will."""
_DIGITS = re.compile(r"\d+")


@cache
def _digits(name: str) -> tuple[str, ...]:
    return tuple(_DIGITS.findall(name))


def distance(one: str, other: str) -> int:
    """Return how many letters are put in, left out, changed or swapped with the next."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        above, before_that = row, before
        row = [i]
        for j, wanted in enumerate(other, 1):
            steps = min(above[j] + 1, row[-1] + 1, above[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                steps = min(steps, before_that[j - 2] + 1)
            row.append(steps)
        before = above
    return row[-1]


def misspelt(name: str, known: Iterable[str]) -> str | None:
    """Return the one known name that a name must have been meant to be, if there is one."""
    long, digits = len(name), _digits(name)
    alike = (one for one in known if abs(len(one) - long) <= _FURTHEST and _digits(one) == digits)
    found = {one for one in alike if one != name and is_misspelling(name, one)}
    return found.pop() if len(found) == 1 else None


def is_misspelling(name: str, known: str) -> bool:
    """Tell whether two names differ in one word by one slip, or in underscores alone."""
    if min(len(name), len(known)) < _SHORTEST or _digits(name) != _digits(known):
        return False
    mine, theirs = (one.lower().split("_") for one in (name, known))
    if "".join(mine) == "".join(theirs):
        return True
    different = [pair for pair in zip(mine, theirs, strict=False) if pair[0] != pair[1]]
    return len(mine) == len(theirs) and len(different) == 1 and _is_slip(*different[0])


def _is_slip(word: str, other: str) -> bool:
    """Tell whether a word is another with one slip, and no other form of it."""
    shorter, longer = sorted((word, other), key=len)
    if len(longer) < _SHORTEST or distance(word, other) != 1:
        return False
    if len(shorter) == len(longer):
        return sorted(word) == sorted(other) or len(word) >= _LONG
    # `users`, `used`, `https`: an ending makes another word, and so does a letter in front
    return not (longer.startswith(shorter) or longer.endswith(shorter)) or _doubles(longer)


def _doubles(word: str) -> bool:
    """Tell whether a word ends or begins with a letter that stands there twice, by a slip."""
    return len(word) > _SHORTEST and (word[-1] == word[-2] != "s" or word[0] == word[1])
