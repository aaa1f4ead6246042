"""A host as an inventory writes it: `web[01:50:2].example:2222` becomes its names and its port."""

from __future__ import annotations

import ipaddress
import re
import string
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import prod

_BRACKETS = re.compile(r"(\[[^\[\]]*\])")
_RANGE = re.compile(r"\[(?P<first>\w*):(?P<last>\w*)(?::(?P<step>\d+))?\]", re.ASCII)
_MOST_HOSTS = 1_000_000


class BadRange(ValueError):  # noqa: N818 (names what is so, as the diagnostics do)
    """A host range that cannot be expanded; the message says why."""


@dataclass(frozen=True, slots=True)
class _Members:
    """What a range, or a text beside one, stands for; nothing is made before it is needed."""

    values: Sequence[int | str]
    width: int = 0

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self) -> Iterator[str]:
        return (str(value).zfill(self.width) for value in self.values)


def expand(text: str) -> tuple[Iterable[str], int | None]:
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


def _expand(name: str) -> Iterator[str]:
    pieces = _BRACKETS.split(name)
    choices = [_members(piece) if at % 2 else _Members([piece]) for at, piece in enumerate(pieces)]
    if prod(map(len, choices)) > _MOST_HOSTS:
        raise BadRange(f"`{name}` stands for more than {_MOST_HOSTS} hosts")
    return _joined(choices)


def _joined(choices: Sequence[_Members]) -> Iterator[str]:
    """Yield each way to take one of each, the last varying fastest: a million need no list."""
    if not choices:
        yield ""
        return
    for before in _joined(choices[:-1]):
        for member in choices[-1]:
            yield before + member


def _members(text: str) -> _Members:
    found = _RANGE.fullmatch(text)
    if found is None:
        raise BadRange(f"`{text}` is not a range: write `[first:last]` or `[first:last:step]`")
    first, last, step = found["first"] or "0", found["last"], int(found["step"] or 1)
    if not last:
        raise BadRange(f"the range `{text}` has no end")
    if step == 0:
        raise BadRange(f"the range `{text}` has a step of 0")
    found_values, width = _between(text, first, last)
    members = _Members(found_values[::step], width)
    if not members:
        raise BadRange(f"the range `{text}` is empty: it ends before it begins")
    return members


def _between(text: str, first: str, last: str) -> tuple[Sequence[int | str], int]:
    """Return what lies between two ends, and how many digits it has at least."""
    letters = string.ascii_letters
    if len(first) == len(last) == 1 and first in letters and last in letters:
        return list(letters[letters.index(first) : letters.index(last) + 1]), 0
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
    return numbers, width
