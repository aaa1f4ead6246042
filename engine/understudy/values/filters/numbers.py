"""Numbers: powers, sizes in words, and what is drawn by chance."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from random import Random, SystemRandom

from jinja2 import Environment, pass_environment

from understudy.values.texts import Value

_SIZES = {unit: 1 << (10 * power) for power, unit in enumerate("BKMGTPEZY")}


def log(number: Value, base: Value = math.e) -> float:
    """Return the logarithm of a number."""
    return math.log10(number) if base == 10 else math.log(number, base)  # noqa: PLR2004


def power(number: Value, exponent: Value) -> float:
    """Return a number raised to a power."""
    return math.pow(number, exponent)


def root(number: Value, base: Value = 2) -> float:
    """Return the square root, or another root, of a number."""
    return math.sqrt(number) if base == 2 else math.pow(number, 1 / float(base))  # noqa: PLR2004


def human_readable(size: Value, isbits: bool = False, unit: str | None = None) -> str:  # noqa: FBT001, FBT002
    """Return a number of bytes (or bits) in words: `1.00 KB`."""
    base = "bits" if isbits else "Bytes"
    number = float(size)
    for suffix, limit in reversed(_SIZES.items()):
        if (unit is None and number >= limit) or (unit is not None and unit.upper() == suffix):
            break
    else:
        suffix, limit = "", 1
    name = suffix.rstrip("B") + (base[0] if suffix not in ("", "B") else base)
    return f"{number / limit:.2f} {name if suffix not in ('', 'B') else base}"


def human_to_bytes(
    size: Value,
    default_unit: str | None = None,
    isbits: bool = False,  # noqa: FBT001, FBT002
) -> int:
    """Return the number of bytes (or bits) that words such as `10M` or `1.5 GB` stand for."""
    match = re.match(r"^\s*([0-9]*\.?[0-9]*)\s*([A-Za-z]+)?", str(size))
    if not match or not match.group(1):
        raise ValueError(f"human_to_bytes() can't interpret following string: {size}")
    unit = match.group(2) or default_unit or ""
    if not unit:
        return round(float(match.group(1)))
    if unit[0].upper() not in _SIZES:
        known = ", ".join(_SIZES)
        raise ValueError(
            f"human_to_bytes() failed to convert {size} (unit = {unit}). The suffix must be one "
            f"of {known}"
        )
    _refuse_unit(unit, str(size), isbits=isbits)
    return round(float(match.group(1)) * _SIZES[unit[0].upper()])


def _refuse_unit(unit: str, size: str, *, isbits: bool) -> None:
    expected = "b" if isbits else "B"
    words = ("bit", "bits") if isbits else ("byte", "bytes")
    if len(unit) == 1 or unit.lower() in words or unit[1:].lower() in words:
        return
    if unit[1:] != expected:
        raise ValueError(
            f"human_to_bytes() failed to convert {size}. Value is not a valid string "
            f"({'expect' if isbits else 'expect'} {unit[0]}{expected} or {unit[0]}{words[0]})"
        )


@pass_environment
def draw(
    environment: Environment,
    end: Value,
    start: Value = None,
    step: Value = None,
    seed: Value = None,
) -> Value:
    """Return a random number below `end`, or a random element of a sequence."""
    chance: Random = SystemRandom() if seed is None else Random(seed)  # noqa: S311 (the author's choice)
    if isinstance(end, (int, float)):
        return chance.randrange(int(start or 0), int(end), int(step or 1))
    if start or step:
        raise ValueError("start and step can only be used with integer values")
    return chance.choice(_sequence(end))


def shuffle(values: Value, seed: Value = None) -> list[Value]:
    """Return the elements in a random order, always the same one for a `seed`."""
    chance: Random = SystemRandom() if seed is None else Random(seed)  # noqa: S311
    mixed = list(values)
    chance.shuffle(mixed)
    return mixed


def _sequence(values: Value) -> Sequence[Value]:
    return values if isinstance(values, (str, list, tuple)) else list(values)


FILTERS: Mapping[str, Callable[..., Value]] = {
    "log": log,
    "pow": power,
    "root": root,
    "human_readable": human_readable,
    "human_to_bytes": human_to_bytes,
    "random": draw,
    "shuffle": shuffle,
}
