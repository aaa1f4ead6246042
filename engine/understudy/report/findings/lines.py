"""JSON lines: one object for each finding, in the order in which they stand in the files."""

from __future__ import annotations

from typing import TextIO

from understudy.check.record import to_record
from understudy.report.findings.base import Report, dump


def write(report: Report, out: TextIO) -> None:
    """Write a line for each finding; `checked` is false where a file could not be looked at."""
    for findings, checked in ((report.unchecked, False), (report.findings, True)):
        for found in findings:
            dump({"checked": checked, **to_record(found)}, out, indent=None)
