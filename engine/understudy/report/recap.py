"""The recap: a line of figures for each host."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from understudy.events import Tally
from understudy.report import colour

Painter = Callable[[str, str], str]

_FIGURES = {
    "ok": colour.OK,
    "changed": colour.CHANGED,
    "unreachable": colour.UNREACHABLE,
    "failed": colour.ERROR,
    "skipped": colour.SKIPPED,
    "rescued": colour.OK,
    "ignored": colour.WARNING,
}


def recap_lines(recap: Mapping[str, Tally], paint: Painter) -> Iterator[str]:
    """Yield the line of each host, by name; only figures above zero have a colour."""
    for host in sorted(recap):
        tally = recap[host]
        figures = " ".join(_figure(name, getattr(tally, name), paint) for name in _FIGURES)
        name = paint(host, _host_colour(tally)) + " " * (26 - len(host))
        yield f"{name} : {figures}"


def _figure(name: str, number: int, paint: Painter) -> str:
    text = f"{name}={number:<4}"
    return paint(text, _FIGURES[name]) if number else text


def _host_colour(tally: Tally) -> str:
    if tally.failed or tally.unreachable:
        return colour.ERROR
    return colour.CHANGED if tally.changed else colour.OK
