"""For people: each finding with its place in the text, and a line that sums up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import TextIO

from understudy.report import colour
from understudy.report.diagnostics import render
from understudy.report.findings.base import WORDS, Report, counted
from understudy.text.diagnostic import Diagnostic


def write(report: Report, out: TextIO) -> None:
    """Write every finding, and what they come to."""
    learnt: set[str] = set()
    paint = colour.paint if report.coloured else colour.plain
    for found in report.all:
        is_new = found.code not in learnt and report.about(found.code) is not None
        learnt.add(found.code)
        learn = f"understudy rule {found.code}" if is_new else ""
        out.write(render(_with_option(found), paint, learn, report.width) + "\n\n")
    out.writelines(line + "\n" for line in summary(report))


def _with_option(found: Diagnostic) -> Diagnostic:
    """Return a finding whose help names the option that mends it."""
    if found.fix is None:
        return found
    option = "--fix" if found.fix.is_safe else "--fix --unsafe"
    return replace(found, help=f"{found.help or found.fix.message}  (fix: {option})")


def summary(report: Report) -> Iterator[str]:
    """Yield what all comes to: nothing for a clean check but what was mended or hidden."""
    counts = Counter(found.severity for found in report.all)
    parts = [counted(counts[one], *words) for one, words in WORDS.items() if counts[one]]
    files = {found.span.source.name for found in report.findings if found.span}
    if parts:
        fixable = Counter(found.fix.is_safe for found in report.findings if found.fix)
        of_all = f" in {len(files)} of {counted(len(report.files), 'file', 'files')}"
        yield ", ".join(parts) + (of_all if files else "")
        for is_safe, option in ((True, "--fix"), (False, "--fix --unsafe")):
            if fixable[is_safe]:
                yield f"{fixable[is_safe]} can be mended with `{option}`"
    if report.fixed:
        yield f"{report.fixed} mended"
    for reason, number in report.hidden.items():
        if number:
            yield f"{number} {reason}"
