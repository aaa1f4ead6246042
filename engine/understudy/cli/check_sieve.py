"""What a check does not tell: what a baseline knows, and what lies on lines that are not new."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from understudy.check.checked import Checked
from understudy.check.mending.whole_file import write_whole
from understudy.check.settings.settings import Settings, SettingsInvalid
from understudy.check.sieve.baseline import baseline_of, read_baseline, to_text
from understudy.check.sieve.filters import Sieve, Sifted
from understudy.check.sieve.since import Changes
from understudy.cli.check_outputs import why
from understudy.cli.exits import Exit
from understudy.text.diagnostic import Diagnostic
from understudy.text.source import Source


def add_sieve_options(parser: argparse.ArgumentParser) -> None:
    """Add the flags that no configuration has."""
    parser.add_argument(
        "--write-baseline",
        metavar="FILE",
        help="write what is found to a file for `--baseline`, and tell nothing",
    )
    parser.add_argument(
        "--since",
        metavar="REV",
        help="tell only what lies on lines that have changed since a revision of git",
    )


def sieve_of(
    options: argparse.Namespace,
    settings: Settings,
    paths: Sequence[Path],
) -> Sieve:
    """Return what findings are held back by, but for comments. Raises SettingsInvalid."""
    is_written = options.write_baseline is not None
    folders = [path if path.is_dir() else path.parent for path in paths]
    return Sieve(
        settings,
        frozenset(path for path in paths if not path.is_dir()),
        changes=_changes(options.since, folders) if options.since is not None else None,
        baseline=read_baseline(settings.baseline) if settings.baseline and not is_written else None,
    )


def _changes(revision: str, folders: Sequence[Path]) -> Changes:
    from understudy.cli.changed_lines import changes_since  # what asks git costs milliseconds

    return changes_since(revision, folders)


def with_comments(sieve: Sieve, sources: Mapping[str, Source]) -> Sieve:
    """Return a sieve that holds back what comments in texts silence, too."""
    return replace(sieve, noqa=partial(_not_silenced, sources=sources))


def hidden(sifted: Sifted) -> Mapping[str, int]:
    """Return how many findings are not told, by reason."""
    return {
        "in the baseline": sifted.known,
        "gone since the baseline was written": sifted.gone,
    }


def write_baseline(path: Path, checked: Checked, sieve: Sieve) -> int:
    """Write what was found as a baseline; return the exit code. Raises SettingsInvalid."""
    if os.path.realpath(path) in map(os.path.realpath, checked.sources):
        raise SettingsInvalid(f"{path}: this is a file that is checked: it is not overwritten")
    findings = with_comments(sieve, checked.sources).asked_for(checked.findings)
    text = to_text(baseline_of(findings, path.resolve().parent))
    try:
        write_whole(path, text.encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise SettingsInvalid(f"{path}: the baseline cannot be written: {why(error)}") from None
    number = len(findings)
    print(f"{path}: {number} {'finding' if number == 1 else 'findings'}", file=sys.stderr)
    return Exit.NOT_CHECKED if checked.unchecked else Exit.OK


def _not_silenced(findings: list[Diagnostic], sources: Mapping[str, Source]) -> list[Diagnostic]:
    """Return the findings that no comment silences; most texts have none, and cost nothing."""
    texts = {
        source.name: source.text for one in findings if one.span and (source := one.span.source)
    }
    if not any("noqa" in text.lower() for text in texts.values()):
        return findings
    from understudy.check.sieve.noqa import not_silenced

    return not_silenced(findings, sources)
