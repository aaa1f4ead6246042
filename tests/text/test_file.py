"""Reading an author's files."""

from __future__ import annotations

from pathlib import Path

import pytest

from understudy.text.diagnostic import Diagnostic, PlaybookInvalid
from understudy.text.file import read_source
from understudy.text.source import Position


def refused(path: Path) -> Diagnostic:
    """Return why a file is refused."""
    with pytest.raises(PlaybookInvalid) as invalid:
        read_source(path)
    (found,) = invalid.value.diagnostics
    return found


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    """A file that begins with a byte order mark is read without it."""
    path = tmp_path / "a.yml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read_source(path).text == "a: 1\n"


def test_a_byte_that_is_no_text_has_a_place(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are refused with line and column, counted in characters."""
    path = tmp_path / "a.yml"
    path.write_bytes("a: 1\nü: caf".encode() + b"\xe9\n")
    found = refused(path)
    assert found.code == "not-utf-8"
    assert found.span is not None
    assert found.span.start == Position(2, 7)


def test_what_cannot_be_read(tmp_path: Path) -> None:
    """A missing file and a directory are findings, not exceptions of the system."""
    assert refused(tmp_path / "none.yml").code == "missing-file"
    assert refused(tmp_path).code == "unreadable-file"


def test_other_encodings_are_refused(tmp_path: Path) -> None:
    """UTF-16 is no UTF-8."""
    path = tmp_path / "a.yml"
    path.write_text("a: 1\n", "utf-16")
    assert refused(path).code == "not-utf-8"
