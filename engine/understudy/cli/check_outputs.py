"""`--format`: in which forms a check tells what it found, and where each goes."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from understudy import __version__
from understudy.check.checked import Checked
from understudy.config import usable_config
from understudy.report.colour import wants_colour
from understudy.report.diagnostics import WIDEST
from understudy.report.findings import FORMATS, write
from understudy.report.findings.base import About, Report

_NARROWEST = 40
_DOCUMENTS = frozenset({"json", "sarif", "gitlab", "junit"})
"""Forms of which one fills a stream: a second text beside it would break it."""


class Output(NamedTuple):
    """One form; `file` is None for standard output."""

    form: str
    file: Path | None


class CannotWrite(Exception):  # noqa: N818 (names what is so, as the diagnostics do)
    """A report's file cannot be written: why, in one line."""


def add_format(parser: argparse.ArgumentParser) -> None:
    """Give a parser the option `--format`."""
    parser.add_argument(
        "--format",
        action="append",
        type=_output,
        default=[],
        metavar="FORM[=FILE]",
        help=f"how to tell what was found: {', '.join(FORMATS)}; repeat it for several at once",
    )
    parser.add_argument(
        "--color", choices=("auto", "always", "never"), default="auto", help="when to use colour"
    )


def _output(text: str) -> Output:
    form, _, file = text.partition("=")
    if form not in FORMATS:
        message = f"there is no form `{form}`: write one of {', '.join(FORMATS)}"
        raise argparse.ArgumentTypeError(message)
    return Output(form, Path(file) if file else None)


def clash(outputs: Sequence[Output], *, beside_diff: bool = False) -> str | None:
    """Return why outputs cannot all go to standard output, or None."""
    shown = [one.form for one in outputs if one.file is None]
    document = next((form for form in shown if form in _DOCUMENTS), None)
    if document is None or len(shown) + beside_diff == 1:
        return None
    return f"`{document}` must be alone on standard output: write `--format {document}=FILE`"


def report_of(checked: Checked, color: str) -> Report:
    """Return the report of a check; `color` is what `--color` says."""
    config, _ = usable_config()
    coloured = wants_colour(config, os.environ, is_terminal=sys.stdout.isatty(), asked=color)
    return Report(
        findings=checked.findings,
        unchecked=checked.unchecked,
        files=sorted(checked.sources),
        about=about,
        hidden=checked.hidden,
        coloured=coloured,
        width=_width(),
        version=__version__,
    )


def _width() -> int:
    """Return how many columns an excerpt may have: no terminal is to wrap it."""
    if not sys.stdout.isatty():
        return WIDEST
    return max(_NARROWEST, min(WIDEST, shutil.get_terminal_size().columns))


def about(slug: str) -> About | None:
    """Return what a rule says of itself."""
    from understudy.check.rule_book import described

    found = described(slug)
    if found is None:
        return None
    return About(found.text.summary, found.text.body, found.severity)


def write_all(outputs: Sequence[Output], report: Report, *, beside_diff: bool = False) -> None:
    """Write a report in every form that is asked for; raise CannotWrite.

    If none is, it is for people, who see it beside a patch on standard output as well.
    """
    if beside_diff and not outputs:
        write("human", report, sys.stderr)
        return
    for form, file in outputs or (Output("human", None),):
        if file is None:
            write(form, report, sys.stdout)
            continue
        try:
            with file.open("w", encoding="utf-8", newline="\n") as out:
                write(form, report.for_file(), out)
        except OSError as error:
            raise CannotWrite(f"cannot write `{file}`: {error.strerror}") from None
