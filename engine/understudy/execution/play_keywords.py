"""The keywords of a play that its run is steered by: rendered, typed, and checked against a list.

A wrong one has no task that could fail for it, so it ends the run with its place.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from understudy.execution.keywords import (
    KeywordInvalid,
    Keywords,
    to_batch_size,
    to_bool,
    to_percent,
)
from understudy.execution.settings import Settings
from understudy.playbook.model import Play
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid
from understudy.values.errors import TemplateFailed
from understudy.values.scope import Scope
from understudy.values.texts import Value

T = TypeVar("T")
D = TypeVar("D")

_ORDERS: dict[str, Callable[[list[str]], list[str]]] = {
    "inventory": lambda names: names,
    "reverse_inventory": lambda names: names[::-1],
    "reverse_sorted": lambda names: sorted(names, reverse=True),
    "shuffle": lambda names: random.sample(names, len(names)),
    "sorted": sorted,
}


@dataclass(frozen=True, slots=True)
class PlayKeywords:
    """Reads a play's keywords in the scope of the play. Every method raises PlaybookInvalid."""

    play: Play
    scope: Scope
    settings: Settings

    def flag(self, name: str, raw: Value) -> bool:
        """Return a yes-or-no keyword; one that is not given is as the settings have it."""
        default: bool = getattr(self.settings, name)
        return self._read(name, raw, to_bool, default)

    def gathers(self, *, implied: bool) -> bool:
        """Tell whether facts are gathered."""
        return self._read("gather_facts", self.play.gather_facts, to_bool, implied)

    def hosts(self) -> Value:
        """Return the pattern, or list of patterns, of the play's hosts."""
        value = self._rendered("hosts", self.play.hosts)
        if isinstance(value, list):
            return [str(one) for one in value]
        if isinstance(value, (str, int, float)):
            return str(value)
        why = f"`hosts` must be a text or a list of texts, not {value!r}"
        raise self._invalid("hosts", "keyword-type", why)

    def max_fail_percentage(self) -> float | None:
        """Return how many percent of a batch may fail."""
        return self._read("max_fail_percentage", self.play.max_fail_percentage, to_percent, None)

    def ordered(self, names: list[str]) -> list[str]:
        """Return hosts in the order in which the play takes them."""
        order = self._read("order", self.play.order, str, "inventory")
        if order not in _ORDERS:
            raise self._unknown("order", order, _ORDERS)
        return _ORDERS[order](names)

    def sizes(self) -> list[Callable[[int], int]]:
        """Return what gives the size of each batch for a number of hosts; none is all at once."""
        found: list[Value] = []
        for raw in self.play.serial:
            value = self._rendered("serial", raw)
            found += value if isinstance(value, list) else [value]
        return [self._read("serial", value, to_batch_size, _everyone) for value in found]

    def strategy(self, known: Sequence[str]) -> str:
        """Return the name of the strategy, one of `known`."""
        name = self._read("strategy", self.play.strategy, str, self.settings.strategy)
        name = name.removeprefix("ansible.builtin.")
        if name not in known:
            raise self._unknown("strategy", name, known)
        return name

    def _read(self, name: str, raw: Value, convert: Callable[[Value], T], default: D) -> T | D:
        try:
            return Keywords(self.scope, io_allowed=True).read(name, raw, convert, default)
        except (KeywordInvalid, TemplateFailed) as failure:
            raise self._invalid(name, "keyword-type", str(failure)) from None

    def _rendered(self, name: str, raw: Value) -> Value:
        try:
            return Keywords(self.scope, io_allowed=True).render(name, raw)
        except TemplateFailed as failure:
            raise self._invalid(name, "keyword-type", str(failure)) from None

    def _unknown(self, name: str, given: str, known: Iterable[str]) -> PlaybookInvalid:
        listed = ", ".join(f"`{one}`" for one in known)
        message = f"there is no {name} `{given}`"
        return self._invalid(name, "unknown-plugin", message, f"there is {listed}")

    def _invalid(
        self, name: str, code: str, message: str, help_: str | None = None
    ) -> PlaybookInvalid:
        place = self.play.keyword_spans.get(name, self.play.span)
        return PlaybookInvalid([Diagnostic(code=code, message=message, span=place, help=help_)])


def _everyone(total: int) -> int:
    return total


def batches(hosts: Sequence[T], sizes: Sequence[Callable[[int], int]]) -> Iterator[Sequence[T]]:
    """Split hosts by the sizes of `serial`; the last one is that of all the rest."""
    start, turn = 0, 0
    while start < len(hosts):
        size = sizes[min(turn, len(sizes) - 1)](len(hosts)) if sizes else len(hosts)
        yield hosts[start : start + size]
        start, turn = start + size, turn + 1
