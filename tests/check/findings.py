"""Findings made by hand, for tests of what is done with them."""

from __future__ import annotations

from understudy.text.diagnostic import Diagnostic, Severity
from understudy.text.source import Position, Source, span_at


def finding(
    source: Source, line: int, code: str = "some-rule", severity: Severity = Severity.WARNING
) -> Diagnostic:
    """Return a finding at the first column of a line."""
    return Diagnostic(
        code=code,
        message="something is odd",
        span=span_at(source, Position(line, 1)),
        severity=severity,
    )
