"""Findings as plain data and back: what JSON can hold, without the texts they point into."""

from __future__ import annotations

from collections.abc import Callable
from typing import NotRequired, TypeAlias, TypedDict

from understudy.text.diagnostic import Diagnostic, Edit, Fix, Label, Severity
from understudy.text.source import Position, Source, Span

SourceOf: TypeAlias = Callable[[str, bool], Source]
"""Returns the text of a name; it is told whether the text is secret."""


class SpanRecord(TypedDict):
    """A place. Lines and columns count from 1, the end is exclusive."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    is_secret: NotRequired[bool]


class LabelRecord(TypedDict):
    """A further place, or an edit: there `text` is what to put in the place's stead."""

    span: SpanRecord
    text: str


class FixRecord(TypedDict):
    """Edits that belong together."""

    message: str
    is_safe: bool
    edits: list[LabelRecord]


class FindingRecord(TypedDict):
    """One finding."""

    code: str
    severity: str
    message: str
    span: SpanRecord | None
    label: str
    others: list[LabelRecord]
    notes: list[str]
    help: str | None
    fix: FixRecord | None


def to_record(found: Diagnostic) -> FindingRecord:
    """Return a finding as plain data."""
    return {
        "code": found.code,
        "severity": found.severity.value,
        "message": found.message,
        "span": span_record(found.span) if found.span else None,
        "label": found.label,
        "others": [_label_record(other) for other in found.others],
        "notes": list(found.notes),
        "help": found.help,
        "fix": _fix_record(found.fix) if found.fix else None,
    }


def from_record(record: FindingRecord, source_of: SourceOf) -> Diagnostic:
    """Return the finding that a record was made of.

    Raises KeyError, TypeError, ValueError or AttributeError for what is none.
    """
    span, fix = record["span"], record["fix"]
    return Diagnostic(
        code=record["code"],
        severity=Severity(record["severity"]),
        message=record["message"],
        span=_span(span, source_of) if span else None,
        label=record["label"],
        others=tuple(Label(_span(one["span"], source_of), one["text"]) for one in record["others"]),
        notes=tuple(record["notes"]),
        help=record["help"],
        fix=_fix(fix, source_of) if fix else None,
    )


def span_record(span: Span) -> SpanRecord:
    """Return a place as plain data."""
    record: SpanRecord = {
        "file": span.source.name,
        "line": span.start.line,
        "column": span.start.column,
        "end_line": span.end.line,
        "end_column": span.end.column,
    }
    if span.source.secret:
        record["is_secret"] = True
    return record


def _label_record(one: Label | Edit) -> LabelRecord:
    return {"span": span_record(one.span), "text": one.text}


def _fix_record(fix: Fix) -> FixRecord:
    edits = [_label_record(edit) for edit in fix.edits]
    return {"message": fix.message, "is_safe": fix.is_safe, "edits": edits}


def _span(record: SpanRecord, source_of: SourceOf) -> Span:
    return Span(
        source_of(record["file"], record.get("is_secret", False)),
        Position(record["line"], record["column"]),
        Position(record["end_line"], record["end_column"]),
    )


def _fix(record: FixRecord, source_of: SourceOf) -> Fix:
    edits = tuple(Edit(_span(one["span"], source_of), one["text"]) for one in record["edits"])
    return Fix(message=record["message"], edits=edits, is_safe=record["is_safe"])
