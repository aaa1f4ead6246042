"""Questions on a terminal: what is shown, what is read, and that nothing else is held up."""

from __future__ import annotations

import asyncio
import os
import pty
import termios
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from understudy.cli.asking import Asker, asker
from understudy.text.diagnostic import PlaybookInvalid

ECHO = 3
"""The place of the flag in what `tcgetattr` gives."""


@dataclass
class Terminal:
    """Both ends of a terminal; what is standard input here is its lower one."""

    upper: int
    lower: int
    echoes: list[bool] = field(default_factory=list)

    def fileno(self) -> int:
        """Return the lower end, as `sys.stdin` does."""
        return self.lower

    def isatty(self) -> bool:
        """Tell that it is one."""
        return True

    async def type(self, text: str) -> None:
        """Type after a moment, and note whether it is shown."""
        await asyncio.sleep(0.01)
        self.echoes.append(self.echo)
        os.write(self.upper, text.encode())

    @property
    def echo(self) -> bool:
        """Whether what is typed is shown."""
        return bool(termios.tcgetattr(self.lower)[ECHO] & termios.ECHO)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    """Make a terminal the standard input."""
    made = Terminal(*pty.openpty())
    monkeypatch.setattr("sys.stdin", made)
    yield made
    os.close(made.lower)
    os.close(made.upper)


async def answered(terminal: Terminal, text: str, *, private: bool) -> str:
    """Ask, and type an answer meanwhile."""
    answer, _ = await asyncio.gather(Asker().enter("Which: ", private), terminal.type(text))
    return answer


def test_an_answer_is_a_line(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    """Without its end; braces and spaces stay."""
    given = asyncio.run(answered(terminal, " {{ a }} \n", private=False))
    assert (given, capsys.readouterr().out) == (" {{ a }} ", "Which: ")
    assert terminal.echoes == [True]


def test_a_private_answer_is_not_shown(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    """The terminal does not echo it, and does so again afterwards."""
    given = asyncio.run(answered(terminal, "secret\n", private=True))
    assert (given, capsys.readouterr().out) == ("secret", "Which: \n")
    assert (terminal.echoes, terminal.echo) == ([False], True)


def test_what_was_shown_of_the_run_comes_first(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    """The report is flushed before the question."""

    async def run() -> None:
        asking = Asker(lambda: print("report"))
        await asyncio.gather(asking.enter("Which: ", False), terminal.type("a\n"))

    asyncio.run(run())
    assert capsys.readouterr().out == "report\nWhich: "


def test_an_interrupted_question_leaves_the_terminal_as_it_was(terminal: Terminal) -> None:
    """A run that is cancelled while it asks in private must not leave the user blind."""

    async def run() -> None:
        task = asyncio.create_task(Asker().enter("Which: ", True))
        await asyncio.sleep(0.01)
        assert not terminal.echo
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert terminal.echo


def test_the_end_of_input_is_no_answer(terminal: Terminal) -> None:
    """It ends the run; an empty line is an answer."""
    with pytest.raises(PlaybookInvalid, match="terminal was closed"):
        asyncio.run(answered(terminal, "\x04", private=False))
    assert asyncio.run(answered(terminal, "\n", private=False)) == ""


def test_without_a_terminal_nobody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe does not count as one."""
    monkeypatch.setattr("sys.stdin", None)
    assert asker() is None
    with Path(os.devnull).open() as nothing:
        monkeypatch.setattr("sys.stdin", nothing)
        assert asker() is None
