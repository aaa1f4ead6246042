"""`understudy check`: every mistake in the text of playbooks, without touching a host."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from understudy.check import RULES
from understudy.cli.exits import Exit
from understudy.cli.loading import loader_of
from understudy.config import load_config
from understudy.report.diagnostics import print_diagnostics
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid, Severity
from understudy.values.scope import Scope

_UNREADABLE = frozenset({"unreadable-file", "missing-file"})


class _Parser(argparse.ArgumentParser):
    """Ends with the exit code of a usage error, which differs from that of findings."""

    def error(self, message: str) -> None:  # type: ignore[override]
        """Print usage and message, and exit."""
        self.print_usage(sys.stderr)
        self.exit(Exit.ERROR, f"{self.prog}: error: {message}\n")


def parser() -> argparse.ArgumentParser:
    """Return the parser of `understudy check`."""
    made = _Parser(
        prog="understudy check", description="Find mistakes in playbooks.", allow_abbrev=False
    )
    made.add_argument("playbooks", nargs="+", metavar="PLAYBOOK", help="playbooks to check")
    made.add_argument(
        "--support",
        action="store_true",
        help="print which modules, plugins and keywords of a project run here and which do not; "
        "takes directories too",
    )
    return made


def check(arguments: Sequence[str]) -> int:
    """Check playbooks; return the exit code."""
    options = parser().parse_args(arguments)
    if options.support:
        from understudy.cli.support import support

        return support(options.playbooks)
    found: list[Diagnostic] = []
    for name in options.playbooks:
        found += findings(Path(name))
    print_diagnostics(found, sys.stderr)
    if any(diagnostic.code in _UNREADABLE and diagnostic.span is None for diagnostic in found):
        return Exit.NOT_CHECKED
    errors = sum(diagnostic.severity is Severity.ERROR for diagnostic in found)
    if errors:
        print(f"{errors} {'error' if errors == 1 else 'errors'}", file=sys.stderr)
        return Exit.FINDINGS
    return Exit.OK


def findings(path: Path) -> list[Diagnostic]:
    """Return everything that is found in a playbook."""
    loader, warnings = loader_of(Scope(()), load_config(), runs=False)
    try:
        playbook = loader.load_playbook(path)
    except PlaybookInvalid as invalid:
        return [*invalid.diagnostics, *warnings]
    return [found for rule in RULES for found in rule(playbook)] + warnings
