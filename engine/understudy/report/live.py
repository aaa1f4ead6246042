"""The live line at the foot of a terminal: who is still waiting for what, and who is at work.

Output that is written through a `stream` of the line goes above it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TextIO

from understudy.events import (
    Event,
    HostEnded,
    HostStarted,
    ItemEnded,
    JobEnded,
    JobStarted,
    Retrying,
    RunEnded,
    Stamp,
)
from understudy.report.columns import columns

_ERASE = "\r\033[2K"
_DIM = "\033[2m{}\033[0m"
_BETWEEN = " · "


@dataclass(frozen=True, slots=True)
class _Wait:
    """What a host waits for, since when, and how long at most."""

    what: str
    since_s: float
    limit_s: float

    def text(self, host: str, now_s: float) -> str:
        return f"{host}: {self.what} {now_s - self.since_s:.0f} s of {self.limit_s:.0f} s"


class LiveLine:
    """A report that keeps one line up to date. Call `tick` a few times a second."""

    def __init__(self, terminal: TextIO, width: Callable[[], int]) -> None:
        self._terminal = terminal
        self._width = width
        self._at_work: set[tuple[str, str]] = set()
        self._waits: dict[tuple[str, str], _Wait] = {}
        self._drawn = ""
        self._ended = False

    def __call__(self, stamp: Stamp, event: Event) -> None:
        """Take in an event. The line itself changes with the next tick or output."""
        if isinstance(event, HostStarted):
            self._at_work.add(_key(event))
        elif isinstance(event, JobStarted):
            if event.poll_s > 0:
                wait = _Wait(f"job {event.job_id}", stamp.t_s, event.limit_s)
                self._waits[_key(event)] = wait
        elif isinstance(event, Retrying):
            what = f"{event.task.name}, attempt {event.attempt + 1} of {event.retries + 1}"
            limit_s = event.retries * event.delay_s
            self._waits[_key(event)] = _Wait(what, stamp.t_s - event.waited_s, limit_s)
        elif isinstance(event, (JobEnded, ItemEnded, HostEnded)):
            self._waits.pop(_key(event), None)
            if isinstance(event, HostEnded):
                self._at_work.discard(_key(event))
        elif isinstance(event, RunEnded):
            self._ended = True
            self.erase()

    def tick(self, t_s: float) -> None:
        """Draw the line as it is at `t_s` seconds since the run's start."""
        text = "" if self._ended else self._text(t_s)
        if text != self._drawn:
            self._terminal.write(f"{_ERASE}{_DIM.format(text) if text else ''}")
            self._terminal.flush()
            self._drawn = text

    def erase(self) -> None:
        """Take the line away; the next tick draws it again."""
        if self._drawn:
            self._terminal.write(_ERASE)
            self._terminal.flush()
            self._drawn = ""

    def stream(self, out: TextIO) -> TextIO:
        """Return a stream that writes to `out`, on the same terminal, above the line."""
        above: Any = _Above(self, out)
        stream: TextIO = above
        return stream

    def _text(self, now_s: float) -> str:
        waits = list(self._waits.items())
        busy = len(self._at_work - self._waits.keys())
        tail = f"{busy} at work" if busy else ""
        room = self._width() - 1 - columns(tail) - len(_BETWEEN)
        shown = list(_fitting((wait.text(key[0], now_s) for key, wait in waits), room))
        more = [f"{len(waits) - len(shown)} more waiting"] if len(shown) < len(waits) else []
        return _BETWEEN.join([*shown, *more, *([tail] if tail else [])])


def _key(
    event: HostStarted | HostEnded | ItemEnded | JobStarted | JobEnded | Retrying,
) -> tuple[str, str]:
    return event.host, event.task.id


def _fitting(texts: Iterator[str], room: int) -> Iterator[str]:
    """Yield texts as long as they fit, and leave room to say how many do not."""
    room -= columns("999 more waiting")
    for text in texts:
        room -= columns(text) + len(_BETWEEN)
        if room < 0:
            return
        yield text


class _Above:
    """The part of a text stream that reports use, above a live line."""

    def __init__(self, line: LiveLine, out: TextIO) -> None:
        self._line = line
        self._out = out

    def write(self, text: str) -> int:
        """Erase the live line, and write."""
        self._line.erase()
        return self._out.write(text)

    def flush(self) -> None:
        """Hand over what was written."""
        self._out.flush()
