"""`understudy check`: every mistake in the text of a project, without touching a host."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from understudy.check.checked import Checked
from understudy.check.filters import fails
from understudy.check.settings import Settings, SettingsInvalid
from understudy.cli.check_cache import found_in
from understudy.cli.check_fixes import add_fix, fixed_as_asked, misuse
from understudy.cli.check_options import add_settings_options, settings_for
from understudy.cli.check_outputs import CannotWrite, add_format, clash, report_of, write_all
from understudy.cli.check_places import places_of
from understudy.cli.check_sieve import (
    add_sieve_options,
    hidden,
    sieve_of,
    with_comments,
    write_baseline,
)
from understudy.cli.exits import Exit
from understudy.text.source import Source


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
    made.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="playbooks, files of tasks, variables or hosts, and directories with all below them; "
        "- is the standard input",
    )
    made.add_argument(
        "--filename",
        metavar="NAME",
        help="the file that the standard input stands for (default: stdin.yml)",
    )
    add_format(made)
    add_settings_options(made)
    add_sieve_options(made)
    add_fix(made)
    made.add_argument(
        "--support",
        action="store_true",
        help="print which modules, plugins and keywords of a project run here and which do not; "
        "takes directories too",
    )
    return made


def check(arguments: Sequence[str]) -> int:
    """Check playbooks; return the exit code."""
    made = parser()
    options = made.parse_args(arguments)
    if why := misuse(options) or clash(options.format, beside_diff=options.diff):
        made.error(why)
    if options.support:
        from understudy.cli.support import support

        return support(options.paths)
    try:
        return _check(options)
    except SettingsInvalid as invalid:
        lines = "".join(f"{made.prog}: error: {line}\n" for line in str(invalid).splitlines())
        made.exit(Exit.ERROR, lines)
    except CannotWrite as error:
        made.error(str(error))


def _check(options: argparse.Namespace) -> int:
    paths = list(places_of(options.paths, options.filename))
    settings = settings_for(options, paths[0])
    # a mistake of use is told before anything is checked
    sieve = sieve_of(options, settings, paths)
    if options.write_baseline is not None:
        checked = found_in(options.paths, settings, options.filename)
        return write_baseline(Path(options.write_baseline), checked, sieve)

    def look(sources: Iterable[Source] = ()) -> Checked:
        checked = found_in(options.paths, settings, options.filename, sources)
        # fixes that were written have changed lines
        now = sieve_of(options, settings, paths) if options.fix and options.since else sieve
        now = with_comments(now, checked.sources)
        sifted = now.sift(checked.findings, [*checked.files, *paths])
        checked.findings, checked.hidden = list(sifted.told), hidden(sifted)
        return checked

    outcome = fixed_as_asked(options, look)
    report = replace(report_of(outcome.checked, options.color), fixed=outcome.fixed)
    write_all(options.format, report, beside_diff=options.diff)
    if outcome.is_unsaved:
        return Exit.ERROR
    code = exit_code(outcome.checked, settings)
    return Exit.FINDINGS if not code and options.exit_on_fix and outcome.fixed else code


def exit_code(checked: Checked, settings: Settings) -> Exit:
    """Return what the end of a check means."""
    if checked.unchecked:
        return Exit.NOT_CHECKED
    return Exit.FINDINGS if fails(checked.findings, settings) else Exit.OK
