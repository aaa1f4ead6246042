"""`assemble` of fragments on the controller: what is joined, and what is refused."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from understudy.values.texts import Value

assemble = import_module("understudy.execution.actions.assemble")
ARGS: dict[str, Value] = {"ignore_hidden": False, "decrypt": True}


@pytest.fixture
def fragments(tmp_path: Path) -> Path:
    """Return a folder with two fragments."""
    (tmp_path / "1").write_text("a")
    (tmp_path / "2").write_text("b")
    return tmp_path


@pytest.mark.parametrize(
    ("delimiter", "line"),
    [("é—", "é—\n"), (r"\t#\n", "\t#\n"), (r"\x41\d", "A\\d\n"), ("", "")],
)
def test_known_escapes_of_a_delimiter_are_replaced(
    fragments: Path, delimiter: str, line: str
) -> None:
    """All other text is as it was."""
    joined = assemble._joined(fragments, {**ARGS, "delimiter": delimiter})
    assert joined.decode() == f"a\n{line}b"


def test_half_an_escape_is_refused(fragments: Path) -> None:
    """It is told, not thrown."""
    with pytest.raises(assemble._BadDelimiter, match="the delimiter cannot be read"):
        assemble._joined(fragments, {**ARGS, "delimiter": r"\x"})


def test_a_vault_that_holds_nothing_adds_nothing(
    fragments: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And surely not its ciphertext."""
    monkeypatch.setattr(assemble, "decrypted_content", lambda _path: b"")
    assert assemble._joined(fragments, ARGS) == b"\n"


def test_an_empty_fragment_leaves_an_empty_line(fragments: Path) -> None:
    """Ansible's rule: what does not end with a line's end gets one before the next."""
    (fragments / "1").write_text("")
    assert assemble._joined(fragments, ARGS) == b"\nb"
