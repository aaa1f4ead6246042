from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.check.record import from_record, to_record
from understudy.text.diagnostic import Diagnostic, Edit, Fix, Label, Severity
from understudy.text.source import Position, Source, Span

SOURCES = {
    "site.yml": Source("site.yml", "- hosts: all\n"),
    "vault.yml": Source("vault.yml", "a: b\n", secret=True),
}
TEXTS = st.text(max_size=20)
POSITIONS = st.builds(Position, st.integers(1, 99), st.integers(1, 99))
SPANS = st.builds(Span, st.sampled_from(list(SOURCES.values())), POSITIONS, POSITIONS)
FIXES = st.builds(
    Fix,
    message=TEXTS,
    edits=st.lists(st.builds(Edit, SPANS, TEXTS), max_size=3).map(tuple),
    is_safe=st.booleans(),
)
FINDINGS = st.builds(
    Diagnostic,
    code=TEXTS,
    message=TEXTS,
    span=st.none() | SPANS,
    severity=st.sampled_from(Severity),
    label=TEXTS,
    others=st.lists(st.builds(Label, SPANS, TEXTS), max_size=3).map(tuple),
    notes=st.lists(TEXTS, max_size=3).map(tuple),
    help=st.none() | TEXTS,
    fix=st.none() | FIXES,
)


@given(FINDINGS)
def test_a_finding_goes_through_json_unchanged(found: Diagnostic) -> None:
    """What is made of a record is equal to what the record was made of, secrecy included."""
    asked: list[tuple[str, bool]] = []

    def source_of(name: str, secret: bool) -> Source:  # noqa: FBT001 (as it is called)
        asked.append((name, secret))
        return SOURCES[name]

    record = json.loads(json.dumps(to_record(found)))
    assert from_record(record, source_of) == found
    assert all(secret == SOURCES[name].secret for name, secret in asked)


def test_a_record_holds_no_text_of_a_file() -> None:
    """Only names and places of sources are in it."""
    source = Source("site.yml", "top: secret\n")
    found = Diagnostic(
        code="x", message="y", span=Span(source, Position(1, 1), Position(1, 4)), label="here"
    )
    assert "secret" not in json.dumps(to_record(found))


@pytest.mark.parametrize(
    "broken",
    [
        {"severity": "fatal"},
        {"span": {"file": "site.yml"}},
        {"span": [1, 2]},
        {"others": 3},
        {"fix": {"message": "x"}},
    ],
)
def test_what_is_no_record_is_refused(broken: dict[str, object]) -> None:
    """A record that was tampered with raises one of a few errors."""
    record = to_record(Diagnostic(code="x", message="y")) | broken
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
        from_record(record, lambda name, _secret: SOURCES[name])
