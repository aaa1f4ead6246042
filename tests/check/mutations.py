"""Playbooks as they are while somebody writes them: texts of ours with lines lost, moved, cut."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLAYBOOKS = sorted(
    path
    for pattern in (
        "examples/*/playbook.yml",
        "tests/check/cases/*/*.yml",
        "tests/parity/cases/*/playbook.yml",
    )
    for path in ROOT.glob(pattern)
    if path.stat().st_size < 20_000
)
ODD = (
    *("\t", "\r", "\r\n", "\x85", "\u2028", "\ufeff", "\x00", "\x1b", "\ud7ff", "\U0001d54f", "é"),
    *("'", '"', "\\", "{", "}", "[", "]", ",", ":", "- ", "#", "&a ", "*a", "<<: ", "!", "|", ">"),
    *("? ", "---\n", "...\n", "%", "@", "`", "{{", "}}", "{%", "%}", "{#", "#}", "{{ ", " }}"),
    *(" is ", " not ", "(", ")", " | ", ".", "[0]", "~", "$ANSIBLE_VAULT;", "# noqa", "!vault "),
)
VALUES = (
    *("null", "~", "true", "-1", "0", "1e999", ".nan", "0x1F", "1:30", "2001-01-01", "''", "[]"),
    *("{}", "[[]]", "{a: {b: c}}", "'{{ x }}'", "'{{ x'", "'{{ r.results[0].rc }}'", "item", "|"),
    *("'{{ 9 ** 9 ** 9 }}'", "!unsafe '{{ x }}'", "!vault x", "*a", "&a x", "99999999999999999999"),
    *('\'{{ lookup("pipe", "x") }}\'', "r is finished", "omit", '"\\u2028"', "\U0001f600", "? x"),
)
_PAIR = re.compile(r"^(\s*(?:- )*[\w.]+:)[ ]+(\S.*)$")

Lines = list[str]


def _any(lines: Lines, chance: random.Random) -> int:
    return chance.randrange(len(lines))


def delete(lines: Lines, chance: random.Random) -> None:
    """Lose a line."""
    del lines[_any(lines, chance)]


def duplicate(lines: Lines, chance: random.Random) -> None:
    """Write a line twice."""
    place = _any(lines, chance)
    lines.insert(_any(lines, chance) if chance.random() < 0.5 else place, lines[place])


def swap(lines: Lines, chance: random.Random) -> None:
    """Let two lines change places."""
    first, second = _any(lines, chance), _any(lines, chance)
    lines[first], lines[second] = lines[second], lines[first]


def truncate(lines: Lines, chance: random.Random) -> None:
    """End in the middle of a line."""
    place = _any(lines, chance)
    lines[place] = lines[place][: chance.randrange(len(lines[place]) + 1)]
    del lines[place + 1 :]


def indent(lines: Lines, chance: random.Random) -> None:
    """Move a line to the left or to the right."""
    place = _any(lines, chance)
    line = lines[place]
    by = chance.choice((-4, -2, -1, 1, 2, 4))
    lines[place] = " " * by + line if by > 0 else line.removeprefix(" " * -by)


def insert(lines: Lines, chance: random.Random) -> None:
    """Put something odd anywhere."""
    place = _any(lines, chance)
    line = lines[place]
    column = chance.randrange(len(line) + 1)
    lines[place] = line[:column] + chance.choice(ODD) + line[column:]


def replace_value(lines: Lines, chance: random.Random) -> None:
    """Give a key an odd value."""
    place = _any(lines, chance)
    lines[place] = _PAIR.sub(lambda found: f"{found[1]} {chance.choice(VALUES)}", lines[place])


def swap_values(lines: Lines, chance: random.Random) -> None:
    """Let two keys change their values."""
    pairs = [(place, found) for place, line in enumerate(lines) if (found := _PAIR.match(line))]
    if pairs:
        (first, one), (second, other) = chance.choice(pairs), chance.choice(pairs)
        lines[first], lines[second] = f"{one[1]} {other[2]}", f"{other[1]} {one[2]}"


MUTATIONS: tuple[Callable[[Lines, random.Random], None], ...] = (
    *(delete, duplicate, swap, truncate, indent, insert, replace_value, swap_values),
)


def mutated(path: Path, seed: int, times: int) -> str:
    """Return a playbook after some mutations; the same for the same seed."""
    chance = random.Random(seed)
    lines = path.read_text("utf-8").split("\n")
    for _ in range(times):
        if lines:
            chance.choice(MUTATIONS)(lines, chance)
    end = chance.choice(("\n", "\n", "\n", "\r\n"))
    return end.join(lines)
