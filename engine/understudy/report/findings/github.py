"""Annotations of GitHub Actions: the ten worst of each kind, the rest in the summary of the step.

GitHub shows ten errors, ten warnings and ten notices of a step and drops what comes after; so the
worst come first, and what is beyond is written where `GITHUB_STEP_SUMMARY` says (at most 1 MiB).
<https://docs.github.com/actions/reference/workflow-commands-for-github-actions>
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from understudy.report.findings.base import RANK, Report
from understudy.text.diagnostic import Diagnostic, Severity

SHOWN = 10
"""How many annotations of a kind are shown."""
_KINDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_LARGEST = 1024 * 1024


def write(report: Report, out: TextIO) -> None:
    """Write annotations; what is beyond the ten worst goes into the step's summary."""
    worst = sorted(report.all, key=lambda found: -RANK[found.severity])
    shown = worst[:SHOWN]
    out.writelines(_annotation(found, report) + "\n" for found in shown)
    file = report.environ.get("GITHUB_STEP_SUMMARY")
    if file and worst:
        _append(Path(file), _summary(worst, report))
    elif worst[SHOWN:]:
        out.write(f"::notice title=understudy::{len(worst) - SHOWN} more findings\n")


def _annotation(found: Diagnostic, report: Report) -> str:
    properties = {"title": found.code}
    if found.span:
        start, end = found.span.start, found.span.end
        properties |= {"file": report.uri(found.span), "line": str(start.line)}
        properties |= {"endLine": str(end.line), "col": str(start.column)}
        # columns count only where a finding stands in one line
        if start.line == end.line:
            properties["endColumn"] = str(end.column)
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    text = found.message + (f"\nhelp: {found.help}" if found.help else "")
    return f"::{_KINDS[found.severity]} {written}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _append(path: Path, lines: Iterable[str]) -> None:
    room = _LARGEST - (path.stat().st_size if path.exists() else 0)
    with path.open("a", encoding="utf-8") as summary:
        for line in lines:
            room -= len(line.encode())
            if room < 0:
                break
            summary.write(line)


def _summary(findings: Iterable[Diagnostic], report: Report) -> Iterator[str]:
    yield "| place | finding | what |\n|---|---|---|\n"
    for found in findings:
        place = f"{report.uri(found.span)}:{found.span.start.line}" if found.span else ""
        kind = f"{found.severity.value}[{found.code}]"
        yield f"| {_cell(place)} | {kind} | {_cell(found.message)} |\n"


def _cell(text: str) -> str:
    """Return a text that cannot leave its cell, nor be taken for HTML."""
    text = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("|", "\\|")
