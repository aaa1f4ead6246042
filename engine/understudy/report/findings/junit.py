"""JUnit's XML, as CI systems read it: a suite for each file, a failed case for each finding."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TextIO
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from understudy.report.diagnostics import render
from understudy.report.findings.base import Report
from understudy.text.diagnostic import Diagnostic

_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(report: Report, out: TextIO) -> None:
    """Write a suite for each file; one without findings has one case that passed."""
    by_file: dict[str, list[Diagnostic]] = {name: [] for name in report.files}
    for found in report.all:
        by_file.setdefault(found.span.source.name if found.span else "", []).append(found)
    root = Element("testsuites", name="understudy check")
    for name, findings in by_file.items():
        _suite(root, name, findings, report)
    root.set("tests", str(sum(max(1, len(found)) for found in by_file.values())))
    root.set("failures", str(len(report.all)))
    indent(root)
    out.write('<?xml version="1.0" encoding="utf-8"?>\n')
    out.write(tostring(root, encoding="unicode") + "\n")


def _suite(root: Element, name: str, findings: Sequence[Diagnostic], report: Report) -> None:
    shown = _text(report.path(name) if name else "(no file)")
    cases = max(1, len(findings))
    suite = SubElement(
        root, "testsuite", name=shown, tests=str(cases), failures=str(len(findings)), errors="0"
    )
    if not findings:
        SubElement(suite, "testcase", name="check", classname=shown)
    for found in findings:
        line = str(found.span.start.line) if found.span else "0"
        case = SubElement(
            suite, "testcase", name=f"{found.code}:{line}", classname=shown, file=shown, line=line
        )
        failure = SubElement(
            case, "failure", type=f"{found.severity.value}", message=_text(found.message)
        )
        failure.text = _text(render(found))


def _text(text: str) -> str:
    """Return a text without what XML cannot hold."""
    return _NOT_IN_XML.sub("\ufffd", text)
