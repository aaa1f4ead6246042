"""A host as an inventory writes it: `web[01:50:2].example:2222` becomes its names and its port."""

from __future__ import annotations

import ipaddress
import re
import string
from collections.abc import Sequence
from itertools import product

_BRACKETS = re.compile(r"(\[[^\[\]]*\])")
_RANGE = re.compile(r"\[(?P<first>\w*):(?P<last>\w*)(?::(?P<step>\d+))?\]", re.ASCII)
_MOST_HOSTS = 1_000_000


class BadRange(ValueError):  # noqa: N818 (names what is so, as the diagnostics do)
    """A host range that cannot be expanded; the message says why."""


def expand(text: str) -> tuple[list[str], int | None]:
    """Return the host names that `text` stands for, and the port it ends with. Raise BadRange."""
    if "[" in _BRACKETS.sub("", text):
        raise BadRange(f"`{text}` opens a bracket that is never closed")
    name, port = split_port(text)
    if name.endswith(":") and not is_address(name):
        raise BadRange(f"`{text}` ends with a colon, which introduces a port")
    if "[" not in name:
        return [name], port
    return _expand(name), port


def split_port(text: str) -> tuple[str, int | None]:
    """Split `host:22` or `[2001:db8::1]:22`; what has no port is returned as it is."""
    head, colon, tail = text.rpartition(":")
    if colon and tail.isdecimal() and ":" not in _BRACKETS.sub("", head) and not is_address(text):
        return _bare_address(head), int(tail)
    return _bare_address(text), None


def is_address(text: str) -> bool:
    """Tell whether a text is an IPv4 or IPv6 address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _bare_address(text: str) -> str:
    return text[1:-1] if text.startswith("[") and is_address(text[1:-1]) else text


def _expand(name: str) -> list[str]:
    pieces = _BRACKETS.split(name)
    choices: list[Sequence[str]] = [
        _members(piece) if at % 2 else [piece] for at, piece in enumerate(pieces)
    ]
    total = 1
    for choice in choices:
        total *= len(choice)
    if total > _MOST_HOSTS:
        raise BadRange(f"`{name}` stands for more than {_MOST_HOSTS} hosts")
    return ["".join(parts) for parts in product(*choices)]


def _members(text: str) -> list[str]:
    found = _RANGE.fullmatch(text)
    if found is None:
        raise BadRange(f"`{text}` is not a range: write `[first:last]` or `[first:last:step]`")
    first, last, step = found["first"] or "0", found["last"], int(found["step"] or 1)
    if not last:
        raise BadRange(f"the range `{text}` has no end")
    if step == 0:
        raise BadRange(f"the range `{text}` has a step of 0")
    members = _between(text, first, last)[::step]
    if not members:
        raise BadRange(f"the range `{text}` is empty: it ends before it begins")
    return members


def _between(text: str, first: str, last: str) -> list[str]:
    letters = string.ascii_letters
    if len(first) == len(last) == 1 and first in letters and last in letters:
        return list(letters[letters.index(first) : letters.index(last) + 1])
    if not (first.isdecimal() and last.isdecimal()):
        raise BadRange(
            f"the range `{text}` goes neither from number to number nor letter to letter"
        )
    width = len(first) if first.startswith("0") and len(first) > 1 else 0
    if width and width != len(last):
        raise BadRange(f"both ends of the range `{text}` must have the same number of digits")
    numbers = range(int(first), int(last) + 1)
    if len(numbers) > _MOST_HOSTS:
        raise BadRange(f"the range `{text}` stands for more than {_MOST_HOSTS} hosts")
    return [str(number).zfill(width) for number in numbers]
