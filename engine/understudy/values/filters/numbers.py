"""Numbers: powers, sizes in words, and what is drawn by chance."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from random import Random, SystemRandom

from understudy.values.texts import Value

_SIZES = {unit: 1 << (10 * (8 - power)) for power, unit in enumerate("YZEPTGMKB")}
_PREFIXES = {
    "Y": "yotta", "Z": "zetta", "E": "exa", "P": "peta",
    "T": "tera", "G": "giga", "M": "mega", "K": "kilo",
}  # fmt: skip


def log(number: Value, base: Value = math.e) -> float:
    """Return the logarithm of a number."""
    with _only_numbers("log"):
        return math.log10(number) if base == 10 else math.log(number, base)  # noqa: PLR2004


def power(number: Value, exponent: Value) -> float:
    """Return a number raised to a power."""
    with _only_numbers("pow"):
        return math.pow(number, exponent)


def root(number: Value, base: Value = 2) -> float:
    """Return the square root, or another root, of a number."""
    with _only_numbers("root"):
        return math.sqrt(number) if base == 2 else math.pow(number, 1 / float(base))  # noqa: PLR2004


@contextmanager
def _only_numbers(name: str) -> Iterator[None]:
    try:
        yield
    except TypeError as error:
        raise TypeError(f"{name}() can only be used on numbers: {error}") from None


def human_readable(size: Value, isbits: bool = False, unit: str | None = None) -> str:  # noqa: FBT001, FBT002
    """Return a number of bytes (or bits) in words: `1.00 KB`."""
    try:
        suffix, limit = _unit_for(size, unit)
        number = size / limit
    except TypeError as error:
        raise TypeError(f"human_readable() failed on bad input: {error}") from None
    base = "bits" if isbits else "Bytes"
    return f"{number:.2f} {base if suffix == 'B' else suffix + base[0]}"


def _unit_for(size: Value, unit: str | None) -> tuple[str, int]:
    for suffix, limit in _SIZES.items():
        if (unit is None and size >= limit) or (unit is not None and unit.upper() == suffix):
            return suffix, limit
    return "B", 1


def human_to_bytes(
    size: Value,
    default_unit: str | None = None,
    isbits: bool = False,  # noqa: FBT001, FBT002
) -> int:
    """Return the number of bytes (or bits) that words such as `10M` or `1.5 GB` stand for."""
    try:
        return _in_bytes(str(size), default_unit, isbits=isbits)
    except ValueError as error:
        raise ValueError(f"human_to_bytes() can't interpret the input: {error}") from None


def _in_bytes(size: str, default_unit: str | None, *, isbits: bool) -> int:
    match = re.fullmatch(r"(\d*\.?\d+)(?:\s*([A-Za-z]+))?\s*", size)
    if not match:
        raise ValueError(f"human_to_bytes() can't interpret following string: {size}")
    unit = match.group(2) or default_unit or "B"
    prefix = unit[0].upper()
    failed = f"human_to_bytes() failed to convert {size}"
    if prefix not in _SIZES:
        known = ", ".join(_SIZES)
        raise ValueError(f"{failed} (unit = {unit}). The suffix must be one of {known}")
    short, long = ("b", "bit") if isbits else ("B", "byte")
    allowed = (short, long) if prefix == "B" else (prefix + short, prefix)
    if len(unit) > 1 and unit not in allowed and unit.lower() not in _long_names(prefix, long):
        expected = " or ".join(allowed)
        raise ValueError(f"{failed}. Value is not a valid string (expect {expected})")
    return round(float(match.group(1)) * _SIZES[prefix])


def _long_names(prefix: str, base: str) -> tuple[str, ...]:
    return (base,) if prefix == "B" else (_PREFIXES[prefix] + base,)


def draw(end: Value, start: Value = None, step: Value = None, seed: Value = None) -> Value:
    """Return a random number below `end`, or a random element of a sequence."""
    chance: Random = SystemRandom() if seed is None else Random(seed)  # noqa: S311 (the author's choice)
    if isinstance(end, (int, float)):
        return chance.randrange(int(start or 0), int(end), int(step or 1))
    if start or step:
        raise ValueError("start and step can only be used with integer values")
    if not isinstance(end, Iterable):
        raise TypeError("random can only be used on sequences and integers")
    return chance.choice(_sequence(end))


def shuffle(values: Value, seed: Value = None) -> Value:
    """Return the elements in a random order, always the same one for a `seed`.

    What has no elements is returned itself.
    """
    if not isinstance(values, Iterable):
        return values
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
