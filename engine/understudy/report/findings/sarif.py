"""SARIF 2.1.0, the standard form for code scanning.

Every finding has the slug of its own rule, a fingerprint that survives moved lines, and paths
relative to the root, as <https://docs.github.com/code-security/reference/code-scanning/sarif-files>
asks for. Columns count characters (`unicodeCodePoints`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import quote

from understudy.report.findings.base import Report, dump
from understudy.text.diagnostic import Diagnostic, Edit, Fix, Label, Severity
from understudy.text.source import Span

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT = "ROOT"
_Json = dict[str, Any]


def write(report: Report, out: TextIO) -> None:
    """Write one run with all findings."""
    slugs = sorted({found.code for found in report.findings})
    driver = {
        "name": "understudy",
        "semanticVersion": report.version or "0.0.0",
        "rules": [_rule(slug, report) for slug in slugs],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"uri": report.root.absolute().as_uri().rstrip("/") + "/"}},
        "invocations": [_invocation(report)],
        "results": [
            {
                **_result(found, slugs.index(found.code), report),
                "partialFingerprints": {"primaryLocationLineHash": fingerprint},
            }
            for found, fingerprint in zip(report.findings, report.fingerprints, strict=True)
        ],
    }
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    dump(document, out)


def _rule(slug: str, report: Report) -> _Json:
    about = report.about(slug)
    summary = about.summary if about else slug
    rule: _Json = {
        "id": slug,
        "name": slug,
        "shortDescription": {"text": summary},
        "help": {"text": f"understudy rule {slug}"},
    }
    if about:
        rule["fullDescription"] = {"text": about.text or summary}
        rule["defaultConfiguration"] = {"level": _LEVELS[about.severity]}
    return rule


def _invocation(report: Report) -> _Json:
    """Return whether everything was looked at, and what was not."""
    return {
        "executionSuccessful": not report.unchecked,
        "toolExecutionNotifications": [
            {
                "level": "error",
                "message": {"text": found.message},
                "descriptor": {"id": found.code},
            }
            for found in report.unchecked
        ],
    }


def _result(found: Diagnostic, index: int, report: Report) -> _Json:
    result: _Json = {
        "ruleId": found.code,
        "ruleIndex": index,
        "level": _LEVELS[found.severity],
        "message": {"text": _message(found)},
        "locations": [_location(found.span, found.label, report)] if found.span else [],
    }
    if found.others:
        result["relatedLocations"] = [
            _related(label, number, report) for number, label in enumerate(found.others)
        ]
    if found.fix:
        result["fixes"] = [_fix(found.fix, report)]
    return result


def _message(found: Diagnostic) -> str:
    return "\n".join((found.message, *found.notes, *([found.help] if found.help else ())))


def _location(span: Span, label: str, report: Report) -> _Json:
    physical = {"artifactLocation": _artifact(span, report), "region": _region(span)}
    location: _Json = {"physicalLocation": physical}
    if label:
        location["message"] = {"text": label}
    return location


def _related(label: Label, number: int, report: Report) -> _Json:
    return {"id": number, **_location(label.span, label.text, report)}


def _artifact(span: Span, report: Report) -> _Json:
    """Return where a file lies; one outside of the root has a URI of its own."""
    path = report.path(span)
    if Path(path).parts[:1] == (os.pardir,):
        absolute = os.path.normpath(report.root.absolute() / path)
        return {"uri": "file://" + quote(os.fsencode(absolute))}
    return {"uri": quote(os.fsencode(path)), "uriBaseId": _ROOT}


def _region(span: Span) -> _Json:
    return {
        "startLine": span.start.line,
        "startColumn": span.start.column,
        "endLine": span.end.line,
        "endColumn": span.end.column,
    }


def _fix(fix: Fix, report: Report) -> _Json:
    by_file: dict[str, list[Edit]] = {}
    for edit in fix.edits:
        by_file.setdefault(edit.span.source.name, []).append(edit)
    return {
        "description": {"text": fix.message},
        "artifactChanges": [_change(edits, report) for edits in by_file.values()],
    }


def _change(edits: Iterable[Edit], report: Report) -> _Json:
    edits = list(edits)
    return {
        "artifactLocation": _artifact(edits[0].span, report),
        "replacements": [
            {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}}
            for edit in edits
        ],
    }
