"""A result as YAML for people to read, in the layout of `callback_result_format = yaml`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from understudy.report.results import plain
from understudy.text.yaml11 import resolve_plain

_INDENT = "    "
_PLAIN_START = re.compile(r"[\w/.(<=+]|-\w")
_UNPRINTABLE = re.compile(r"[^\n\x20-\x7e\xa0-\U0010ffff]")


def to_yaml(values: Mapping[str, object]) -> str:
    """Return the lines of a mapping, sorted and indented, after a line break."""
    return "".join(f"\n{line}" for line in _indented(_mapping(values)))


def _mapping(values: Mapping[str, object]) -> Iterator[str]:
    for key in sorted(values, key=str):
        yield from _entry(f"{_scalar(key)}:", values[key])


def _entry(head: str, value: object) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        yield head
        yield from _indented(_mapping(value))
    elif isinstance(value, (list, tuple)) and value:
        yield head
        for item in value:
            yield from _item(item)
    elif _is_block(value):
        yield f"{head} |-"
        yield from _indented(_block(str(value)))
    else:
        yield f"{head} {_scalar(value)}"


def _item(value: object) -> Iterator[str]:
    if isinstance(value, (Mapping, list, tuple)) and value:
        lines = _mapping(value) if isinstance(value, Mapping) else _sequence(value)
        for number, line in enumerate(lines):
            yield f"{_INDENT if number else '-   '}{line}"
    else:
        yield from _entry("-", value)


def _sequence(values: Iterable[object]) -> Iterator[str]:
    for value in values:
        yield from _item(value)


def _is_block(value: object) -> bool:
    """Tell whether a text is shown line by line: it has lines, and nothing that would be lost."""
    return (
        isinstance(value, str)
        and "\n" in value.strip("\n")
        and not value.startswith((" ", "\n"))
        and not _UNPRINTABLE.search(value)
    )


def _block(text: str) -> list[str]:
    return [line.rstrip() for line in text.rstrip().split("\n")]


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"{_INDENT}{line}" if line else "" for line in lines)


def _scalar(value: object) -> str:
    if not isinstance(value, str):
        return json.dumps(value, default=plain)
    if "\n" in value or _UNPRINTABLE.search(value):
        return json.dumps(value, ensure_ascii=False)
    return value if _is_plain(value) else "'" + value.replace("'", "''") + "'"


def _is_plain(value: str) -> bool:
    """Tell whether YAML would read a text without quotes as the same text."""
    if not _PLAIN_START.match(value) or ": " in value or " #" in value:
        return False
    if value.endswith((" ", ":")):
        return False
    try:
        return isinstance(resolve_plain(value), str)
    except ValueError:
        return False
