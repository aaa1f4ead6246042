"""What of the options of a check does not go together, and what would be passed over in silence."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from understudy.cli.check_outputs import DOCUMENTS, Output
from understudy.cli.check_places import STDIN


def misuse(options: argparse.Namespace) -> str | None:
    """Return the first thing that is wrong with options, or None."""
    return next(_wrong(options), None)


def _wrong(options: argparse.Namespace) -> Iterator[str]:
    is_stdin = STDIN in options.paths
    if "" in options.paths:
        # such as of a variable that is not set: it would name the working directory
        yield "a path is empty"
    if options.filename is not None and not is_stdin:
        yield "`--filename` needs the path `-`"
    if options.unsafe and not (options.fix or options.diff):
        yield "`--unsafe` needs `--fix` or `--diff`"
    if options.fix and is_stdin:
        yield "`--fix` cannot write the standard input: `--diff` shows what it would do"
    if options.exit_on_fix and not options.fix:
        yield "`--exit-on-fix` needs `--fix`"
    if options.support:
        yield from _beside("--support", options)
    if options.write_baseline is not None:
        yield from _beside("--write-baseline", options)
    yield from _of_outputs(options.format, beside_diff=options.diff)


def _beside(alone: str, options: argparse.Namespace) -> Iterator[str]:
    """Yield what has no meaning where no finding is told or mended."""
    for name in ("fix", "diff", "format", "since", "baseline"):
        if getattr(options, name) not in (None, False, []):
            yield f"`--{name}` and `{alone}` do not go together"


def _of_outputs(outputs: list[Output], *, beside_diff: bool) -> Iterator[str]:
    shown = [one.form for one in outputs if one.file is None]
    document = next((form for form in shown if form in DOCUMENTS), None)
    if document and len(shown) + beside_diff > 1:
        yield f"`{document}` must be alone on standard output: write `--format {document}=FILE`"
    files = [one.file for one in outputs if one.file]
    for file in files:
        if sum(file.absolute() == one.absolute() for one in files) > 1:
            yield f"`{file}` cannot hold two reports"
