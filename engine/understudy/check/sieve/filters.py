"""From all that was found to what is told: each step a function of findings alone.

The order is: rules that are asked for, how bad their findings are, files that are left out, `noqa`,
lines changed since a revision, the baseline, and last what fails the check.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from understudy.check.settings.settings import Settings
from understudy.check.sieve.baseline import Baseline
from understudy.check.sieve.since import Changes
from understudy.check.sieve.slugs import of_unreadable_texts
from understudy.text.diagnostic import Diagnostic, Severity

RANK: Mapping[Severity, int] = {Severity.INFO: 0, Severity.WARNING: 1, Severity.ERROR: 2}


@dataclass(frozen=True, slots=True)
class Sifted:
    """What is told of a check, and what is not."""

    told: tuple[Diagnostic, ...]
    known: int = 0
    """How many findings the baseline hides."""
    gone: int = 0
    """How many findings of the baseline are there no more."""


@dataclass(frozen=True, slots=True)
class Sieve:
    """What some findings are held back by."""

    settings: Settings
    named: frozenset[Path] = frozenset()
    """Files that were asked for by name: these are not left out."""
    noqa: Callable[[list[Diagnostic]], list[Diagnostic]] = list
    changes: Changes | None = None
    baseline: Baseline | None = None

    def asked_for(self, findings: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Return what belongs to the check at all: what a baseline is written of."""
        chosen = with_severities(selected(findings, self.settings), self.settings)
        return self.noqa(outside(chosen, self.settings, self.named))

    def sift(self, findings: Iterable[Diagnostic], files: Iterable[Path] = ()) -> Sifted:
        """Return what is told of findings; `files` are all that were looked at."""
        asked = self.asked_for(findings)
        told = touched(asked, self.changes)
        if self.baseline is None:
            return Sifted(tuple(told))
        # alike findings on lines that nobody touched are those of the baseline
        last = set(map(id, told))
        untouched = [found for found in asked if id(found) not in last]
        new = set(map(id, self.baseline.new([*untouched, *told])))
        fresh = tuple(found for found in told if id(found) in new)
        gone = self.baseline.gone(asked, files, self._is_told)
        return Sifted(fresh, len(told) - len(fresh), gone)

    def _is_told(self, slug: str) -> bool:
        """Tell whether the findings of a rule are told at all."""
        is_off = self.settings.severities.get(slug, Severity.INFO) is None
        return is_selected(slug, self.settings) and not is_off


def selected(findings: Iterable[Diagnostic], settings: Settings) -> list[Diagnostic]:
    """Return the findings of the rules that are asked for."""
    return [found for found in findings if is_selected(found.code, settings)]


def is_selected(slug: str, settings: Settings) -> bool:
    """Tell whether a rule is asked for.

    Who selects rules is told all the same where these could not look.
    """
    chosen = settings.select
    is_chosen = not chosen or slug in chosen or slug in of_unreadable_texts()
    return is_chosen and slug not in settings.ignore


def with_severities(findings: Iterable[Diagnostic], settings: Settings) -> list[Diagnostic]:
    """Return findings as bad as they are said to be, without those that are off."""
    changed = []
    for found in findings:
        severity = settings.severities.get(found.code, found.severity)
        if severity is not None:
            changed.append(
                found if severity is found.severity else replace(found, severity=severity)
            )
    return changed


def outside(
    findings: Iterable[Diagnostic], settings: Settings, named: frozenset[Path] = frozenset()
) -> list[Diagnostic]:
    """Return the findings in files that are not left out, or that were asked for by name."""
    asked = {os.path.normpath(path) for path in named}
    return [
        found
        for found in findings
        if found.span is None
        or os.path.normpath(found.span.source.name) in asked
        or not settings.exclude.covers(found.span.source.name)
    ]


def touched(findings: Iterable[Diagnostic], changes: Changes | None) -> list[Diagnostic]:
    """Return the findings on changed lines; all of them if no changes are asked for."""
    return [found for found in findings if changes is None or changes.touch(found)]


def fails(findings: Iterable[Diagnostic], settings: Settings) -> bool:
    """Tell whether findings are bad enough to fail the check."""
    if settings.fail_on is None:
        return False
    least = RANK[settings.fail_on]
    return any(RANK[found.severity] >= least for found in findings)
