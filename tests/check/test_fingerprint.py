from __future__ import annotations

from pathlib import Path

import pytest

from tests.check.findings import finding
from understudy.check.sieve.fingerprint import Fingerprint, fingerprints
from understudy.text.diagnostic import Diagnostic
from understudy.text.source import Source

HERE = Path.cwd()


def source(*lines: str, name: str = "site.yml", secret: bool = False) -> Source:
    """Return a text of lines."""
    return Source(name, "\n".join(lines), secret)


def one(found: Diagnostic, root: Path = HERE) -> Fingerprint:
    """Return the fingerprint of a finding that stands alone."""
    return fingerprints([found], root)[0]


def test_a_moved_and_indented_line_keeps_its_fingerprint() -> None:
    """Neither the number of a line nor its spaces matter."""
    before = finding(source("retries:  3"), 1)
    after = finding(source("a", "b", "   retries: 3  "), 3)
    assert one(before) == one(after)


@pytest.mark.parametrize(
    "other",
    [
        finding(source("retries: 4"), 1),
        finding(source("retries: 3", name="other.yml"), 1),
        finding(source("retries: 3"), 1, code="another-rule"),
    ],
)
def test_another_line_file_or_rule_is_another_finding(other: Diagnostic) -> None:
    """What it is made of tells findings apart, in its digest too."""
    mine = one(finding(source("retries: 3"), 1))
    assert mine != one(other)
    assert mine.digest != one(other).digest


def test_equal_lines_are_told_apart_by_their_order() -> None:
    """The second of two equal lines has the number 2."""
    text = source("retries: 3", "x", "retries: 3")
    first, second = fingerprints([finding(text, 1), finding(text, 3)], HERE)
    assert (first.number, second.number) == (1, 2)
    assert first.digest != second.digest


def test_files_are_named_as_seen_from_the_root(tmp_path: Path) -> None:
    """However a file was named, and wherever the check was started, it is the same file."""
    absolute = finding(source("x", name=str(tmp_path / "roles" / "a.yml")), 1)
    assert one(absolute, tmp_path).file == "roles/a.yml"
    assert one(finding(source("x", name="./site.yml"), 1)).file == "site.yml"


def test_no_word_of_a_secret_text_is_in_a_fingerprint() -> None:
    """Two secret lines have one hash: it cannot be guessed from."""
    a, b = (finding(source(text, secret=True), 1) for text in ("one", "two"))
    assert one(a).line == one(b).line


def test_what_has_no_place_is_known_by_its_message() -> None:
    """A finding without a span has a fingerprint too."""
    a, b = (Diagnostic(code="missing-file", message=text) for text in ("no `a`", "no `b`"))
    assert one(a).file == ""
    assert one(a).line != one(b).line


def test_a_name_that_is_no_utf8_has_a_digest() -> None:
    """File names are bytes: any of them can be told."""
    assert one(finding(source("x", name="a\udcff.yml"), 1)).digest
