"""One line for each finding, as compilers and editors know it: `FILE:LINE:COLUMN: slug message`."""

from __future__ import annotations

from typing import TextIO

from understudy.report.columns import in_one_line
from understudy.report.findings.base import Report
from understudy.text.diagnostic import Diagnostic


def write(report: Report, out: TextIO) -> None:
    """Write a line for each finding."""
    out.writelines(_line(found) + "\n" for found in report.all)


def _line(found: Diagnostic) -> str:
    place = f"{found.span}: " if found.span else ""
    # a file's name that begins so would be a command to the runner of GitHub
    place = f"./{place}" if place.startswith("::") else place
    message = " ".join(found.message.split())
    return in_one_line(f"{place}{found.severity.value}[{found.code}] {message}")
