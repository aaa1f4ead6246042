"""`understudy config`: every setting that is read, its value, and where that comes from."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from understudy.cli.exits import Exit
from understudy.config import Config, load_config
from understudy.config.settings import DEFAULT, SETTINGS
from understudy.execution.masking import MASK
from understudy.report.diagnostics import print_diagnostics
from understudy.text.diagnostic import PlaybookInvalid

_HIDDEN = frozenset({"vault_encrypt_salt"})
"""Settings whose values are nobody's business."""


def config(arguments: Sequence[str]) -> int:
    """Show what the arguments ask for; return the exit code."""
    options = parser().parse_args(arguments)
    try:
        read = load_config()
    except PlaybookInvalid as invalid:
        print_diagnostics(invalid.diagnostics, sys.stderr)
        return Exit.ERROR
    print_diagnostics(read.warnings, sys.stderr)
    if options.action == "view":
        return _view(read)
    print(f"file = {read.file or 'none'}")
    for line in _lines(read, only_changed=options.only_changed):
        print(line)
    return Exit.OK


def parser() -> argparse.ArgumentParser:
    """Return the parser of `understudy config`."""
    made = argparse.ArgumentParser(
        prog="understudy config",
        description="Show the configuration: ansible.cfg, the environment, defaults.",
    )
    made.add_argument(
        "action",
        nargs="?",
        choices=("dump", "view"),
        default="dump",
        help="`dump` shows every setting with its origin, `view` the file that is read",
    )
    made.add_argument(
        "--only-changed", action="store_true", help="leave out what is at its default"
    )
    return made


def _view(read: Config) -> int:
    if read.file is None:
        print("error: there is no ansible.cfg here, and none is named", file=sys.stderr)
        return Exit.ERROR
    sys.stdout.write(Path(read.file).read_text("utf-8", "replace"))
    return Exit.OK


def _lines(read: Config, *, only_changed: bool) -> Iterator[str]:
    for name in SETTINGS:
        origin = read.origin(name)
        if only_changed and origin is DEFAULT:
            continue
        value = getattr(read, name)
        shown = list(value) if isinstance(value, tuple) else value
        if name in _HIDDEN and value is not None:
            shown = MASK
        yield f"{name}({origin}) = {shown}"
