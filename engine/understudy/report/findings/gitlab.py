"""GitLab's code quality report: a list of JSON objects.

<https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>
"""

from __future__ import annotations

from typing import TextIO

from understudy.report.findings.base import Report, dump
from understudy.text.diagnostic import Diagnostic, Severity
from understudy.text.source import Position

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


def write(report: Report, out: TextIO) -> None:
    """Write the findings. What hindered the check has no place in this form."""
    both = zip(report.findings, report.fingerprints, strict=True)
    dump([_issue(*one, report) for one in both], out)


def _issue(found: Diagnostic, fingerprint: str, report: Report) -> dict[str, object]:
    start = found.span.start if found.span else Position(1, 1)
    end = found.span.end if found.span else start
    return {
        "description": found.message,
        "check_name": found.code,
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[found.severity],
        "location": {
            "path": report.path(found.span) if found.span else ".",
            "positions": {
                "begin": {"line": start.line, "column": start.column},
                "end": {"line": end.line, "column": end.column},
            },
        },
    }
