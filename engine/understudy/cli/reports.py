"""The reports that the options of `run` ask for: a console, and a stream of events."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

from understudy.config import Config
from understudy.report import colour
from understudy.report.banner import width_of
from understudy.report.console import Console
from understudy.report.settings import ConsoleSettings
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid


def open_console(options: argparse.Namespace, config: Config, stack: ExitStack) -> Console:
    """Return the console on standard output; it is flushed at the end of `stack`."""
    settings = ConsoleSettings.of(
        config,
        verbosity=max(options.verbose, config.verbosity),
        classic=options.classic_output,
        width=width_of(sys.stdout),
        coloured=colour.wants_colour(
            config, os.environ, is_terminal=sys.stdout.isatty(), asked=options.color
        ),
    )
    console = Console(settings, sys.stdout, sys.stderr)
    stack.callback(console.flush)
    return console


def open_events(name: str, stack: ExitStack) -> TextIO:
    """Open the file for `--events`; `-` is standard output. Raises PlaybookInvalid."""
    if name == "-":
        return sys.stdout
    try:
        return stack.enter_context(Path(name).open("w", encoding="utf-8"))
    except OSError as error:
        message = f"cannot write events to `{name}`: {error.strerror}"
        raise PlaybookInvalid([Diagnostic(code="unwritable-file", message=message)]) from None
