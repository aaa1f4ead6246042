"""`--format`: in which forms a check tells what it found, and where each goes."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import NamedTuple

from understudy import __version__
from understudy.check.checked import Checked
from understudy.cli import streams
from understudy.config import usable_config
from understudy.report.colour import wants_colour
from understudy.report.diagnostics import WIDEST
from understudy.report.findings import FORMATS, write
from understudy.report.findings.base import About, Report
from understudy.text.diagnostic import did_you_mean

_NARROWEST = 40
_FOR_READERS = frozenset({"human", "line", "pep8"})
"""Forms in the encoding of who reads them; those for programs are in UTF-8 everywhere."""
DOCUMENTS = frozenset({"json", "sarif", "gitlab", "junit"})
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
    form, equals, file = text.partition("=")
    if form not in FORMATS:
        near = did_you_mean(form, FORMATS)
        hint = f"did you mean `{near}`?" if near else f"write one of {', '.join(FORMATS)}"
        raise argparse.ArgumentTypeError(f"there is no form `{form}`: {hint}")
    if equals and not file:
        # such as of a variable that is not set: a report for a file would fill the screen
        raise argparse.ArgumentTypeError(f"a file must follow `{text}`")
    return Output(form, Path(file) if file not in ("", "-") else None)


def report_of(checked: Checked, color: str) -> Report:
    """Return the report of a check; `color` is what `--color` says."""
    config, _ = usable_config()
    coloured = wants_colour(config, os.environ, is_terminal=sys.stdout.isatty(), asked=color)
    return Report(
        findings=checked.findings,
        unchecked=checked.unchecked,
        files=sorted(checked.sources),
        root=_root(os.environ),
        about=about,
        hidden=checked.hidden,
        coloured=coloured,
        width=_width(),
        version=__version__,
    )


def _root(environ: Mapping[str, str]) -> Path:
    """Return what CI systems take paths from, also of a check in a folder of the repository."""
    here = Path.cwd()
    named = (environ.get("GITHUB_WORKSPACE"), environ.get("CI_PROJECT_DIR"))
    tops = (Path(os.path.realpath(one)) for one in named if one)
    return next((top for top in tops if here.is_relative_to(top)), here)


def _width() -> int:
    """Return how many columns an excerpt may have: no terminal is to wrap it."""
    if not sys.stdout.isatty():
        return WIDEST
    return max(_NARROWEST, min(WIDEST, shutil.get_terminal_size().columns))


def why(error: OSError) -> str:
    """Return what hinders, as a diagnostic says it."""
    return (error.strerror or str(error)).lower()


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
    else:
        read = set(map(os.path.realpath, report.files))
        for form, file in outputs or (Output("human", None),):
            if file and os.path.realpath(file) in read:
                raise CannotWrite(f"`{file}` is a file that is checked: it is not overwritten")
            try:
                _write_one(form, file, report)
            except BrokenPipeError:
                raise
            except OSError as error:
                place = f"`{file}`" if file else "the standard output"
                raise CannotWrite(f"cannot write {place}: {why(error)}") from None


def _write_one(form: str, file: Path | None, report: Report) -> None:
    if file is not None:
        with file.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as out:
            write(form, report.for_file(), out)
        return
    if form not in _FOR_READERS and isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        write(form, report, sys.stdout)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError:
        streams.abandon()
        raise
