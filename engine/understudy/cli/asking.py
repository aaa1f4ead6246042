"""Questions of a run on the terminal, without holding up what else the run is doing."""

from __future__ import annotations

import asyncio
import os
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

from understudy.text.diagnostic import Diagnostic, PlaybookInvalid

_LONGEST = 4096


@dataclass(slots=True)
class Asker:
    """Asks for lines, on the terminal that is the standard input."""

    flush: Callable[[], None] = lambda: None
    """Writes out what is shown of the run so far."""

    async def enter(self, prompt: str, private: bool) -> str:  # noqa: FBT001
        """Return what the user types; a private line is not shown. Raise PlaybookInvalid."""
        self.flush()
        terminal = sys.stdin.fileno()
        with _unseen(terminal) if private else nullcontext():
            print(prompt, end="", flush=True)
            line = await _line(terminal)
        if private:
            print(flush=True)
        return line


def asker() -> Asker | None:
    """Return who asks, if there is a terminal to ask on."""
    return Asker() if sys.stdin is not None and sys.stdin.isatty() else None


async def _line(terminal: int) -> str:
    """Wait for a line; the terminal gives one at a time."""
    loop = asyncio.get_running_loop()
    there = asyncio.Event()
    loop.add_reader(terminal, there.set)
    try:
        await there.wait()
    finally:
        loop.remove_reader(terminal)
    line = os.read(terminal, _LONGEST)
    if not line:
        message = "the terminal was closed before an answer was given"
        raise PlaybookInvalid([Diagnostic(code="vars-prompt", message=message)])
    return line.decode(errors="surrogateescape").rstrip("\r\n")


@contextmanager
def _unseen(terminal: int) -> Iterator[None]:
    """Do not show what is typed."""
    before = termios.tcgetattr(terminal)
    silent = [*before]
    silent[3] &= ~termios.ECHO
    termios.tcsetattr(terminal, termios.TCSAFLUSH, silent)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSAFLUSH, before)
