"""Keywords of a task at run time: rendered, and brought to their type as Ansible does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from understudy.text.source import Span
from understudy.values.errors import TemplateFailed
from understudy.values.lazy import OMIT
from understudy.values.scope import Scope
from understudy.values.template import render
from understudy.values.texts import Value

T = TypeVar("T")
D = TypeVar("D")

_TRUE = frozenset({"y", "yes", "on", "1", "true", "t"})
_FALSE = frozenset({"n", "no", "off", "0", "false", "f"})


class KeywordInvalid(Exception):  # noqa: N818 (names what is so)
    """A keyword's rendered value does not fit its type. `str()` is Ansible's text."""

    def __init__(self, keyword: str, why: str, span: Span | None = None) -> None:
        super().__init__(f"Error processing keyword {keyword!r}: {why}")
        self.span = span


def to_int(value: Value) -> int:
    """Return a whole number; `5.0` and a text of digits are one, a fraction is not."""
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str) and not value.strip().lstrip("+-").isdigit():
        value = float(value)
    if isinstance(value, str) or (isinstance(value, float) and value.is_integer()):
        return int(value)
    raise ValueError


def to_float(value: Value) -> float:
    """Return a number of seconds or the like."""
    if isinstance(value, (int, float, str)) and abs(number := float(value)) <= LONGEST_S:
        return number
    raise ValueError


def to_bool(value: Value) -> bool:
    """Return a truth value as Ansible reads one in a keyword."""
    if isinstance(value, bool):
        return value
    text = str(value).lower().strip()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ValueError


def to_percent(value: Value) -> float:
    """Return a percentage, written with its sign or without."""
    return to_float(value.strip().removesuffix("%") if isinstance(value, str) else value)


def to_batch_size(value: Value) -> Callable[[int], int]:
    """Return what gives the size of a batch out of all hosts: less than 1 is all of them."""
    text = str(value).strip()
    if text.endswith("%"):
        share = float(text[:-1])
        return lambda total: max(1, int(share * total / 100))
    number = int(text)
    return lambda total: number if number > 0 else total


class TimeoutInvalid(KeywordInvalid):
    """The keyword `timeout` is out of its range."""

    def __init__(self, seconds: int, span: Span | None = None) -> None:
        message = f"Timeout {seconds} is invalid, it must be between 0 and {LONGEST_S}."
        Exception.__init__(self, message)
        self.span = span


LONGEST_S = 100_000_000
"""The longest time that `timeout` may give, as in Ansible; no pause is longer either."""

_TYPE_NAMES: dict[object, str] = {
    to_int: "int",
    to_float: "float",
    to_bool: "bool",
    to_percent: "percent",
    to_batch_size: "number or percentage of hosts",
}


@dataclass(frozen=True, slots=True)
class Keywords:
    """Reads keywords in one scope. `io_allowed` tells that this is not the event loop's thread."""

    scope: Scope
    io_allowed: bool = False

    def read(self, name: str, raw: Value, convert: Callable[[Value], T], default: D) -> T | D:
        """Return a keyword's value, or `default` when it is not given, empty or omitted."""
        if raw is None:
            return default
        value = self.render(name, raw)
        if value is None or value is OMIT or value == "":
            return default
        try:
            return convert(value)
        except ValueError:
            kind = _TYPE_NAMES[convert]
            why = f"The value {value!r} could not be converted to {kind!r}."
            raise KeywordInvalid(name, why, getattr(raw, "span", None)) from None

    def render(self, name: str, raw: Value) -> Value:
        """Return a keyword's value rendered; a failure names the keyword."""
        try:
            return render(raw, self.scope, io_allowed=self.io_allowed)
        except TemplateFailed as failure:
            failure.within(f"Error processing keyword {name!r}: ")
            raise
