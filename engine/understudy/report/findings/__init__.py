"""What a check found, in every form that people and programs read it in.

Each form is a file with one function `write(report, out)`, imported when it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TextIO

from understudy.report.findings.base import Report

FORMATS = {
    "human": "human",
    "line": "line",
    "pep8": "line",
    "json": "document",
    "jsonl": "lines",
    "sarif": "sarif",
    "github": "github",
    "gitlab": "gitlab",
    "junit": "junit",
}
"""Every form by its name, with the file that writes it."""


def write(name: str, report: Report, out: TextIO) -> None:
    """Write a report in one of FORMATS."""
    import_module(f"understudy.report.findings.{FORMATS[name]}").write(report, out)
