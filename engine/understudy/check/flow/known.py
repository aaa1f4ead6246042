"""Values that are known before a run: literals, and templates over variables that are literals.

What can be different on another host, in another run or by `-e` on purpose is UNKNOWN, and nothing
is ever reported about it. A variable of the text counts as what the text says.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from understudy.check.flow.reads import facts_of
from understudy.values.errors import TemplateFailed
from understudy.values.overriding import Overriding
from understudy.values.scope import Scope
from understudy.values.texts import Decrypted, Expression, Template, Value, VaultText, texts_in

Layers: TypeAlias = tuple[Mapping[str, Value], ...]
"""Variables, highest precedence first."""


class Unknown(Enum):
    """What only a run can tell."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN
_DEPTH = 20
_LONGEST = 20_000
"""Characters: what is longer is nothing that a rule asks for, and may grow beyond every bound."""
_IMPURE_FILTERS = frozenset(
    "fileglob password_hash random shuffle expanduser realpath unvault vault".split()
)


@dataclass(frozen=True, slots=True)
class Names:
    """The variables that a text may name: those of the text, and which of them a run changes."""

    layers: Layers
    is_fixed: Callable[[str], bool]
    """Tells whether nothing before this place may have given the name another value."""

    def get(self, name: str) -> Value:
        """Return a variable as it was written, or UNKNOWN."""
        if not self.is_fixed(name):
            return UNKNOWN
        return next((layer[name] for layer in self.layers if name in layer), UNKNOWN)


def known(value: Value, names: Names) -> Value:
    """Return what a value will be, or UNKNOWN."""
    if isinstance(value, Overriding):
        value = value.own  # what is around it holds if this is `omit`, which is never known
    if not isinstance(value, (Template, Expression, VaultText, list, dict)):
        return UNKNOWN if isinstance(value, Decrypted) else value
    gathering = _Gathering(names)
    if gathering.length(value, _DEPTH) is None:
        return UNKNOWN
    from understudy.values.template import render

    try:
        return render(value, Scope((gathering.needed,)))
    except (TemplateFailed, ArithmeticError, RecursionError):
        return UNKNOWN


@dataclass(frozen=True, slots=True)
class _Gathering:
    """Every variable that a value is made of, and how many characters each can become."""

    names: Names
    needed: dict[str, Value] = field(default_factory=dict)
    lengths: dict[str, int] = field(default_factory=dict)

    def length(self, value: Value, depth: int) -> int | None:
        """Return how long a value can become; None if it is not known, or too long to ask."""
        total = _written(value)
        for text in texts_in(value):
            facts = facts_of(text)
            if facts.failure or not facts.is_bounded or facts.filters & _IMPURE_FILTERS:
                return None
            for chain in facts.chains:
                length = self._of_variable(chain.name, depth)
                if length is None or total + length > _LONGEST:
                    return None
                total += length
            # a text times a number could fill the memory
            if any(not isinstance(self.needed[name], int | float) for name in facts.factors):
                return None
        return total

    def _of_variable(self, name: str, depth: int) -> int | None:
        if name in self.needed:
            return self.lengths[name]
        raw = self.names.get(name) if depth else UNKNOWN
        if raw is UNKNOWN or isinstance(raw, VaultText | Decrypted):
            return None
        self.needed[name], self.lengths[name] = raw, 0
        length = self.length(raw, depth - 1)
        if length is not None:
            self.lengths[name] = length
        return length


def _written(value: Value) -> int:
    """Return how many characters of text are in a value."""
    if isinstance(value, Template | Expression):
        return len(value.text)
    if isinstance(value, dict):
        return sum(map(_written, value.values()))
    if isinstance(value, list):
        return len(value) + sum(map(_written, value))
    return len(value) if isinstance(value, str) else 1


def number(value: Value) -> float | None:
    """Return a value as a number of seconds or times, or None: a text of digits is one."""
    if isinstance(value, bool) or value is UNKNOWN:
        return None
    try:
        found = float(value) if isinstance(value, float | int | str) else math.nan
    except (OverflowError, ValueError):
        return None
    if not math.isfinite(found):
        return None
    return value if isinstance(value, int) else found
