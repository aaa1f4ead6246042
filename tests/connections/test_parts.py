"""A module of several files travels as one text and is several modules again on the target."""

from pathlib import Path

import pytest

from understudy.connections.parts import with_parts


def run(source: bytes) -> dict[str, object]:
    """Execute a source as the agent does, and return its names."""
    namespace: dict[str, object] = {"__name__": "understudy.modules.sample"}
    exec(compile(source, "<sample>", "exec"), namespace)
    return namespace


def test_parts_are_imported_by_the_module_and_by_each_other(tmp_path: Path) -> None:
    """A part that another imports is made first, whatever their names are."""
    (tmp_path / "zero.py").write_text("value = 1\n")
    (tmp_path / "first.py").write_text(
        "from understudy.modules.sample import zero\nvalue = zero.value + 1\n"
    )
    main = b"from understudy.modules.sample import first, zero\nfound = first.value, zero.value\n"
    assert run(with_parts("sample", main, tmp_path))["found"] == (2, 1)


def test_quotes_and_backslashes_arrive_as_they_are(tmp_path: Path) -> None:
    """A part's text is not read twice."""
    (tmp_path / "odd.py").write_text("value = '\\'\"\\n' + \"ä\"\n", "utf-8")
    main = b"from understudy.modules.sample import odd\nfound = odd.value\n"
    assert run(with_parts("sample", main, tmp_path))["found"] == "'\"\nä"


def test_a_ring_of_imports_is_an_error(tmp_path: Path) -> None:
    """There is no order in which such parts could be made."""
    (tmp_path / "a.py").write_text("from understudy.modules.sample import b\n")
    (tmp_path / "b.py").write_text("from understudy.modules.sample import a\n")
    with pytest.raises(ValueError, match="cycle"):
        with_parts("sample", b"", tmp_path)
