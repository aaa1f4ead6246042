"""Values that are known before a run: literals, and templates over variables that are literals.

What can be different on another host, in another run or by `-e` on purpose is UNKNOWN, and nothing
is ever reported about it. A variable of the text counts as what the text says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from understudy.check.reads import facts_of
from understudy.values.errors import TemplateFailed
from understudy.values.scope import Scope
from understudy.values.texts import Decrypted, Expression, Template, Value, VaultText, texts_in

Layers: TypeAlias = tuple[Mapping[str, Value], ...]
"""Variables, highest precedence first."""


class Unknown(Enum):
    """What only a run can tell."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN
_DEPTH = 20
_IMPURE = frozenset({"lookup", "query", "q", "now", "undef", "lipsum"})
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
    if not isinstance(value, (Template, Expression, VaultText, list, dict)):
        return UNKNOWN if isinstance(value, Decrypted) else value
    needed: dict[str, Value] = {}
    if not _gather(value, names, needed, _DEPTH):
        return UNKNOWN
    from understudy.values.template import render

    try:
        return render(value, Scope((needed,)))
    except (TemplateFailed, ArithmeticError):
        return UNKNOWN


def _gather(value: Value, names: Names, needed: dict[str, Value], depth: int) -> bool:
    """Put every variable that a value is made of into `needed`; tell whether all are known."""
    for text in texts_in(value):
        facts = facts_of(text)
        if facts.failure or facts.calls & _IMPURE or facts.filters & _IMPURE_FILTERS:
            return False
        for chain in facts.chains:
            if chain.name in needed:
                continue
            raw = names.get(chain.name) if depth else UNKNOWN
            if raw is UNKNOWN or isinstance(raw, VaultText | Decrypted):
                return False
            needed[chain.name] = raw
            if not _gather(raw, names, needed, depth - 1):
                return False
    return True


def number(value: Value) -> float | None:
    """Return a value as a number of seconds or times, or None: a text of digits is one."""
    if isinstance(value, bool) or value is UNKNOWN:
        return None
    if isinstance(value, int | float):
        return value
    try:
        return float(value) if isinstance(value, str) else None
    except ValueError:
        return None
