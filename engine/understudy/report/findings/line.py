"""One line for each finding, as compilers and editors know it: `FILE:LINE:COLUMN: slug message`."""

from __future__ import annotations

from typing import TextIO

from understudy.report.findings.base import Report
from understudy.text.diagnostic import Diagnostic


def write(report: Report, out: TextIO) -> None:
    """Write a line for each finding."""
    out.writelines(_line(found) + "\n" for found in report.all)


def _line(found: Diagnostic) -> str:
    place = f"{found.span}: " if found.span else ""
    message = " ".join(found.message.split())
    return f"{place}{found.severity.value}[{found.code}] {message}"
