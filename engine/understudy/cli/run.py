"""`understudy run`: from the command line to a run, and from its end to an exit code."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from understudy.cli.exits import Exit
from understudy.cli.extra_vars import extra_vars
from understudy.cli.listing import list_plays
from understudy.cli.options import not_yet, parser
from understudy.config import Config, load_config
from understudy.events import Report
from understudy.execution.settings import Settings
from understudy.execution.timing import STRICT_POLLING, UNDERSTUDY
from understudy.inventory.model import Inventory
from understudy.inventory.read import read_inventory
from understudy.playbook.model import Playbook
from understudy.report.diagnostics import print_diagnostics
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid
from understudy.values.texts import Value


def run(arguments: Sequence[str]) -> int:
    """Run playbooks as the arguments say; return the exit code."""
    options = parser().parse_args(arguments)
    missing = not_yet(options)
    if missing:
        print("\n".join(f"error: {line}" for line in missing), file=sys.stderr)
        return Exit.BAD_OPTION
    try:
        return _run(options)
    except PlaybookInvalid as invalid:
        print_diagnostics(invalid.diagnostics, sys.stderr)
        return Exit.INVALID
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return Exit.INTERRUPTED
