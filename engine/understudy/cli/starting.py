"""`--start-at-task`, `--start-at` and `--step`: where a run begins, and what it asks on its way."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from understudy.execution.starting import Start, by_name, by_place
from understudy.playbook.model import Playbook
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid


def start_of(options: argparse.Namespace, playbooks: Iterable[Playbook]) -> Start | None:
    """Return where to begin, None for the first task; raise PlaybookInvalid."""
    if options.start_at_task:
        return Start(by_name(options.start_at_task))
    if not options.start_at:
        return None
    file, colon, line = options.start_at.rpartition(":")
    if not colon or not line.isdigit():
        raise _wrong(f"`--start-at {options.start_at}` is not FILE:LINE")
    plays = [play for playbook in playbooks for play in playbook.plays]
    matches = by_place(file, int(line), plays)
    if matches is None:
        raise _wrong(f"no task stands at line {line} of `{file}`, or before it")
    return Start(matches)


def _wrong(message: str) -> PlaybookInvalid:
    return PlaybookInvalid([Diagnostic(code="no-start", message=message)])


@dataclass(slots=True)
class Stepper:
    """Asks before each task, until the user lets the run go on."""

    flush: Callable[[], None] = lambda: None
    """Writes out what is shown of the run so far."""
    going_on: bool = False

    async def ask(self, name: str) -> bool:
        """Tell whether to do the task of this name."""
        if self.going_on:
            return True
        self.flush()
        answer = await asyncio.to_thread(_answer, f"Perform task: TASK: {name}")
        self.going_on = answer.startswith("c")
        return answer.startswith(("y", "c"))


def _answer(question: str) -> str:
    print(f"{question} (N)o/(y)es/(c)ontinue: ", end="", flush=True)
    return sys.stdin.readline().strip().lower()
