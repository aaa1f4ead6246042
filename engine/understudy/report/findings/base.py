"""What every form of a check's report is made of."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TextIO

from understudy.check.sieve.filters import RANK
from understudy.check.sieve.fingerprint import fingerprints
from understudy.report.diagnostics import WIDEST
from understudy.text.diagnostic import Diagnostic, Severity
from understudy.text.source import Span

__all__ = ["RANK", "WORDS", "About", "Report", "counted", "dump"]

_NO_TEXT = re.compile("[\ud800-\udfff]")
WORDS = {
    Severity.ERROR: ("error", "errors"),
    Severity.WARNING: ("warning", "warnings"),
    Severity.INFO: ("info", "info"),
}


@dataclass(frozen=True, slots=True)
class About:
    """What a form says of a rule beside its findings."""

    summary: str
    text: str = ""
    severity: Severity = Severity.WARNING


def _nothing(_slug: str) -> About | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that a form may tell."""

    findings: Sequence[Diagnostic]
    unchecked: Sequence[Diagnostic] = ()
    """Why files could not be looked at."""
    files: Sequence[str] = ()
    """The files that were checked, sorted."""
    root: Path = field(default_factory=Path.cwd)
    """What paths are relative to for programs that read the report."""
    about: Callable[[str], About | None] = _nothing
    hidden: Mapping[str, int] = field(default_factory=dict)
    """How many findings were not told, by reason: `in the baseline`."""
    fixed: int = 0
    """How many findings were mended."""
    coloured: bool = False
    width: int = WIDEST
    """How many columns there are for people to read in."""
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    version: str = ""

    def for_file(self) -> Report:
        """Return this report for a file."""
        return replace(self, coloured=False, width=WIDEST)

    @property
    def all(self) -> list[Diagnostic]:
        """Every finding, with what hindered the check first."""
        return [*self.unchecked, *self.findings]

    @property
    def fingerprints(self) -> list[str]:
        """What each of the findings, without what hindered, is known by when lines move."""
        return [one.digest for one in fingerprints(self.findings, self.root)]

    def path(self, place: Span | str) -> str:
        """Return the path of a file as seen from the root."""
        name = place if isinstance(place, str) else place.source.name
        return os.path.relpath(name, self.root)


def dump(data: object, out: TextIO, indent: int | None = 2) -> None:
    """Write JSON and a line end; bytes of names that are no text are replaced."""
    text = json.dumps(data, indent=indent, ensure_ascii=False)
    out.write(_NO_TEXT.sub("\ufffd", text) + "\n")


def counted(number: int, one: str, many: str) -> str:
    """Return a number with its noun."""
    return f"{number} {one if number == 1 else many}"
