"""The reports that the options of `run` ask for: a console, and a stream of events."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from understudy.config import Config
from understudy.events import Report
from understudy.report import colour
from understudy.report.banner import width_of
from understudy.report.console import Console
from understudy.report.jsonl import JsonLines
from understudy.report.live import LiveLine
from understudy.report.settings import ConsoleSettings
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid


@dataclass(frozen=True, slots=True)
class Reports:
    """The reports of a run. `refresh` is called a few times a second with the seconds so far."""

    reports: tuple[Report, ...]
    refresh: Callable[[float], None]


def open_reports(options: argparse.Namespace, config: Config, stack: ExitStack) -> Reports:
    """Open what the options ask for; everything is flushed at the end of `stack`."""
    is_terminal = sys.stdout.isatty()
    settings = ConsoleSettings.of(
        config,
        verbosity=max(options.verbose, config.verbosity),
        classic=options.classic_output,
        width=width_of(sys.stdout),
        coloured=colour.wants_colour(
            config, os.environ, is_terminal=is_terminal, asked=options.color
        ),
    )
    if settings.verbosity and config.file:
        print(f"Using {config.file} as config file")
    events = (JsonLines(open_events(options.events, stack)),) if options.events else ()
    if is_terminal and not options.classic_output:
        return _on_terminal(settings, events, stack)
    console = Console(settings, sys.stdout, sys.stderr)
    stack.callback(console.flush)

    def refresh(_elapsed_s: float) -> None:
        console.flush()
        for report in events:
            report.flush()

    return Reports((console, *events), refresh)


def _on_terminal(
    settings: ConsoleSettings, events: tuple[JsonLines, ...], stack: ExitStack
) -> Reports:
    """Return a console with a line below it that tells who is still waiting."""
    live = LiveLine(sys.stdout, lambda: shutil.get_terminal_size().columns)
    console = Console(settings, live.stream(sys.stdout), live.stream(sys.stderr))
    stack.callback(console.flush)

    def refresh(elapsed_s: float) -> None:
        console.flush()
        for report in events:
            report.flush()
        live.tick(elapsed_s)

    return Reports((live, console, *events), refresh)


def open_events(name: str, stack: ExitStack) -> TextIO:
    """Open the file for `--events`; `-` is standard output. Raises PlaybookInvalid."""
    if name == "-":
        return sys.stdout
    try:
        return stack.enter_context(Path(name).open("w", encoding="utf-8"))
    except OSError as error:
        message = f"cannot write events to `{name}`: {error.strerror}"
        raise PlaybookInvalid([Diagnostic(code="unwritable-file", message=message)]) from None
