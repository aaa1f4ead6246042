"""`understudy check`: every mistake in the text of a project, without touching a host."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from understudy.check.checked import Checked
from understudy.check.settings.settings import Settings, SettingsInvalid
from understudy.check.sieve.filters import fails
from understudy.cli.check_cache import found_in
from understudy.cli.check_fixes import add_fix, fixed_as_asked
from understudy.cli.check_misuse import misuse
from understudy.cli.check_options import add_settings_options, settings_for
from understudy.cli.check_outputs import CannotWrite, add_format, report_of, write_all
from understudy.cli.check_places import places_of
from understudy.cli.check_sieve import (
    add_sieve_options,
    hidden,
    sieve_of,
    with_comments,
    write_baseline,
)
from understudy.cli.exits import Exit
from understudy.text.diagnostic import did_you_mean
from understudy.text.source import Source

_UNKNOWN = re.compile(r"unrecognized arguments: (-[^\s=]*)")


class _Parser(argparse.ArgumentParser):
    """Ends with the exit code of a usage error, which differs from that of findings."""

    def error(self, message: str) -> NoReturn:
        """Print each line of a message, and exit."""
        if unknown := _UNKNOWN.match(message):
            near = did_you_mean(unknown[1], self._option_string_actions)
            hint = f"did you mean `{near}`?" if near else f"`{self.prog} --help` shows all"
            message = f"there is no option `{unknown[1]}`; {hint}"
        lines = message.splitlines()
        self.exit(Exit.ERROR, "".join(f"{self.prog}: error: {line}\n" for line in lines))


def parser() -> argparse.ArgumentParser:
    """Return the parser of `understudy check`."""
    made = _Parser(
        prog="understudy check",
        usage="%(prog)s [OPTION]… [PATH]…",
        description="Find mistakes in playbooks, roles and inventories without touching a host.",
        epilog="Exit codes: 0 nothing found, 1 wrong use, 2 findings, 3 something was not checked. "
        "`understudy rule RULE` explains what is found.",
        allow_abbrev=False,
    )
    made.add_argument(
        "paths",
        nargs="*",
        default=["."],
        metavar="PATH",
        help="playbooks, files of tasks, variables or hosts, and directories with all below them; "
        "- is the standard input (default: the working directory)",
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
    if wrong := misuse(options):
        made.error(wrong)
    if options.support:
        from understudy.cli.support import support

        return support(options.paths)
    try:
        return _check(options)
    except (SettingsInvalid, CannotWrite) as error:
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
