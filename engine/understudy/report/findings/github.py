"""Annotations of GitHub Actions: the ten worst; all of them in the summary of the step.

GitHub shows ten errors, ten warnings and ten notices of a step and drops what comes after; so only
the ten worst are, and every finding is written where `GITHUB_STEP_SUMMARY` says (at most 1 MiB).
<https://docs.github.com/actions/reference/workflow-commands-for-github-actions>
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from understudy.report.columns import in_one_line, printable
from understudy.report.findings.base import RANK, Report, counted
from understudy.text.diagnostic import Diagnostic, Severity

SHOWN = 10
"""How many annotations are shown."""
_KINDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_LARGEST = 1024 * 1024
_MARKUP = re.compile(r"[\\`*_\[\]()!~#<>&|@$:]")


def write(report: Report, out: TextIO) -> None:
    """Write annotations; what is beyond the ten worst goes into the step's summary."""
    worst = sorted(report.all, key=lambda found: -RANK[found.severity])
    shown = worst[:SHOWN]
    out.writelines(_annotation(found, report) + "\n" for found in shown)
    file = report.environ.get("GITHUB_STEP_SUMMARY")
    is_told = bool(file and worst) and _append(Path(file or ""), _summary(worst, report))
    if worst[SHOWN:] and not is_told:
        more = counted(len(worst) - SHOWN, "more finding", "more findings")
        out.write(f"::notice title=understudy::{more}\n")


def _annotation(found: Diagnostic, report: Report) -> str:
    properties = {"title": found.code}
    if found.span:
        start, end = found.span.start, found.span.end
        properties |= {"file": report.path(found.span), "line": str(start.line)}
        properties |= {"endLine": str(end.line), "col": str(start.column)}
        # columns count only where a finding stands in one line
        if start.line == end.line:
            properties["endColumn"] = str(end.column)
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    text = found.message + (f"\nhelp: {found.help}" if found.help else "")
    lines = map(printable, text.splitlines())
    return f"::{_KINDS[found.severity]} {written}::{_data(chr(10).join(lines))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _append(path: Path, lines: Iterable[str]) -> bool:
    """Write what there is room for; tell whether there is such a file at all."""
    try:
        with path.open("ab") as summary:
            room = _LARGEST - summary.tell()
            for line in (text.encode(errors="backslashreplace") for text in lines):
                room -= len(line)
                if room < 0:
                    break
                summary.write(line)
    except OSError:
        return False
    return True


def _summary(findings: Iterable[Diagnostic], report: Report) -> Iterator[str]:
    yield "| place | finding | what |\n|---|---|---|\n"
    for found in findings:
        place = f"{report.path(found.span)}:{found.span.start.line}" if found.span else ""
        kind = f"{found.severity.value}[{found.code}]"
        yield f"| {_plain(place)} | {_plain(kind)} | {_cell(found.message)} |\n"


def _cell(message: str) -> str:
    """Return a message for a table, with what stands between its backquotes as code."""
    parts = re.split("`([^`]*)`", message)
    return "".join(
        f"<code>{_plain(part)}</code>" if number % 2 else _plain(part)
        for number, part in enumerate(parts)
    )


def _plain(text: str) -> str:
    """Return a text that is neither Markdown nor HTML, and cannot leave its cell."""
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", in_one_line(text))
