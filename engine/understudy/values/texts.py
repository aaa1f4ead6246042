"""The kinds of text: a template, an author's text without one, and a condition.

Plain `str` is what a host, a command, a lookup or a filter produced. It is never evaluated: there
is no way from a plain `str` to a `Template`, so trust can be lost and never gained.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from typing import Any, Self, TypeAlias

from understudy.text.source import Span

Value: TypeAlias = Any
"""None, bool, int, float, str, date, list or dict of values; an authored one may hold Templates."""


class Authored(str):
    """An author's text that holds no template. Every string operation gives a plain `str`."""

    __slots__ = ("span",)
    span: Span | None

    def __new__(cls, text: str, span: Span | None = None) -> Self:
        """Make a text that knows its place."""
        self = super().__new__(cls, text)
        self.span = span
        return self


@dataclass(frozen=True, slots=True)
class Template:
    """An author's text with `{{`, `{%` or `{#`. Not a `str`: nothing can mistake it for a value."""

    text: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Expression:
    """The text of a condition or of `debug: var=`: one Jinja expression without braces."""

    text: str
    span: Span | None = None
    is_condition: bool = field(default=False, compare=False)
    """In a condition the strings that hold templates are rendered."""


@dataclass(frozen=True, slots=True)
class VaultText:
    """A value encrypted in the file (`!vault`): decrypted when it is read."""

    ciphertext: str
    span: Span | None = None


VARIABLE_NAME = re.compile(r"(?!(?:[Tt]rue|[Ff]alse|[Nn]one|not)$)[A-Za-z_][A-Za-z0-9_]*")
"""What a variable may be called: a name that Jinja does not take for a word of its own."""


class Decrypted(str):
    """A value that was encrypted in the file: it is never a template, and must not be shown."""

    __slots__ = ("ciphertext",)
    ciphertext: str


Text: TypeAlias = Template | Authored
Condition: TypeAlias = Expression | Template | bool


def is_template(text: str) -> bool:
    """Tell whether a text holds a Jinja delimiter."""
    return "{" in text and ("{{" in text or "{%" in text or "{#" in text)


def texts_in(value: Value) -> Iterator[Template | Expression]:
    """Yield every text of the author in a value that is to be evaluated, however deep it lies."""
    if isinstance(value, (Template, Expression)):
        yield value
    elif value is None or isinstance(value, (str, int, Span)):
        return
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts_in(item)
    elif isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
        for item in value:
            yield from texts_in(item)
    else:
        kind: Any = type(value)
        for name in _names_of_fields(kind):
            yield from texts_in(getattr(value, name))


@cache
def _names_of_fields(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()
