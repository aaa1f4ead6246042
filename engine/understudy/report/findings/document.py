"""JSON: one document with everything that a check found."""

from __future__ import annotations

from typing import TextIO

from understudy.check.record import to_record
from understudy.report.findings.base import Report, dump

FORM = 1
"""The version of this form: a key that goes or changes its meaning raises it."""


def write(report: Report, out: TextIO) -> None:
    """Write one document."""
    document = {
        "form": FORM,
        "version": report.version,
        "files": list(report.files),
        "findings": [to_record(found) for found in report.findings],
        "unchecked": [to_record(found) for found in report.unchecked],
        "hidden": dict(report.hidden),
        "fixed": report.fixed,
    }
    dump(document, out)
