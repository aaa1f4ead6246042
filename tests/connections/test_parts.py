"""A module of several files travels as one text and is several modules again on the target."""

from pathlib import Path

import pytest

from understudy.connections.parts import with_parts


def run(source: bytes) -> dict[str, object]:
    """Execute a source as the agent does, and return its names."""
    namespace: dict[str, object] = {"__name__": "understudy.modules.sample"}
    exec(compile(source, "<sample>", "exec"), namespace)
    return namespace


def plant(root: Path, part: str, text: str) -> None:
    """Write a part's source."""
    path = root / f"{part}.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")


def test_parts_are_imported_by_the_module_and_by_each_other(tmp_path: Path) -> None:
    """A part that another imports is made first, whatever their names are."""
    plant(tmp_path, "sample/zero", "value = 1\n")
    plant(
        tmp_path,
        "sample/first",
        "from understudy.modules.sample import zero\nvalue = zero.value + 1\n",
    )
    main = b"from understudy.modules.sample import first, zero\nfound = first.value, zero.value\n"
    assert run(with_parts(main, tmp_path))["found"] == (2, 1)


def test_quotes_and_backslashes_arrive_as_they_are(tmp_path: Path) -> None:
    """A part's text is not read twice."""
    plant(tmp_path, "sample/odd", "value = '\\'\"\\n' + \"ä\"\n")
    main = b"from understudy.modules.sample import odd\nfound = odd.value\n"
    assert run(with_parts(main, tmp_path))["found"] == "'\"\nä"


def test_a_ring_of_imports_is_an_error(tmp_path: Path) -> None:
    """There is no order in which such parts could be made."""
    plant(tmp_path, "sample/a", "from understudy.modules.sample import b\n")
    plant(tmp_path, "sample/b", "from understudy.modules.sample import a\n")
    with pytest.raises(ValueError, match="cycle"):
        with_parts(b"from understudy.modules.sample import a\n", tmp_path)


def test_what_is_shared_travels_with_what_it_imports(tmp_path: Path) -> None:
    """A part of another folder is carried too; what nothing imports stays at home."""
    plant(
        tmp_path, "shared/web", "from understudy.modules.shared import words\nvalue = words.value\n"
    )
    plant(tmp_path, "shared/words", "value = 'hello'\n")
    plant(tmp_path, "shared/unused", "1 / 0\n")
    main = b"from understudy.modules.shared import web\nfound = web.value\n"
    assert run(with_parts(main, tmp_path))["found"] == "hello"


def test_a_module_without_parts_is_as_it_is(tmp_path: Path) -> None:
    """Nothing is put in front of it."""
    assert with_parts(b"found = 1\n", tmp_path) == b"found = 1\n"
