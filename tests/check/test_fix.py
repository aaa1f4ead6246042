"""Fixes are made of what a check finds, again and again, and no file is written for it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from understudy.check.checked import Checked
from understudy.check.mending.mend import ROUNDS, Look, mend
from understudy.text.diagnostic import Diagnostic, Edit, Fix
from understudy.text.file import read_source
from understudy.text.source import Source


def replacing(path: Path, pattern: str, new: str, *, is_safe: bool = True) -> Look:
    """Return a check that finds a pattern in a file, and would write something in its place."""

    def check(sources: Iterable[Source] = ()) -> Checked:
        source = next((one for one in sources if one.name == str(path)), None)
        source = source or read_source(path)
        places = [source.span(*one.span()) for one in re.finditer(pattern, source.text)]
        found = [_finding(Edit(place, new), is_safe=is_safe) for place in places]
        return Checked(found, sources={source.name: source})

    return check


def _finding(edit: Edit, *, is_safe: bool) -> Diagnostic:
    fix = Fix(message="", edits=(edit,), is_safe=is_safe)
    return Diagnostic(code="bad", message="bad", span=edit.span, fix=fix)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give a file with two mistakes."""
    path = tmp_path / "site.yml"
    path.write_text("a: bad\nb: bad\n", "utf-8")
    return path


def test_all_fixes_are_made_and_what_is_left_is_told(path: Path) -> None:
    """The texts before and after are told; the file is as it was."""
    mended = mend(replacing(path, "bad", "good"), unsafe=False)
    assert mended.after == {path: "a: good\nb: good\n"}
    assert mended.before[path].text == path.read_text("utf-8") == "a: bad\nb: bad\n"
    assert (mended.count, len(mended.found.findings), mended.checked.findings) == (2, 2, [])


def test_an_unsafe_fix_must_be_asked_for(path: Path) -> None:
    """Without, the finding is left."""
    check = replacing(path, "bad", "good", is_safe=False)
    assert mend(check, unsafe=False).after == {}
    assert mend(check, unsafe=True).count == 2


def test_fixes_may_need_the_result_of_others(path: Path) -> None:
    """What a fix leaves is checked again: here each takes one letter."""
    path.write_text("a: xxxx\n", "utf-8")
    mended = mend(replacing(path, "x(?=x)(?<!xx)", ""), unsafe=False)
    assert (mended.after, mended.count) == ({path: "a: x\n"}, 3)


def test_fixes_without_end_come_to_an_end(path: Path) -> None:
    """After some rounds what is left is told."""
    mended = mend(replacing(path, ": bad", ": bad."), unsafe=False)
    assert (mended.count, len(mended.checked.findings)) == (2 * ROUNDS, 2)


def test_a_fix_that_changes_nothing_is_not_repeated(path: Path) -> None:
    """It is no reason to check again."""
    mended = mend(replacing(path, "bad", "bad"), unsafe=False)
    assert (
        mended.after.get(path, mended.found.findings and "a: bad\nb: bad\n") == "a: bad\nb: bad\n"
    )
    assert len(mended.checked.findings) == 2


def test_a_file_is_left_alone_that_would_be_no_yaml(path: Path) -> None:
    """Nothing of it is mended, and that is told."""
    mended = mend(replacing(path, "bad", "["), unsafe=False)
    assert (mended.after, mended.count) == ({}, 0)
    assert [found.code for found in mended.checked.findings] == ["bad", "bad", "fix-failed"]


def test_a_text_that_is_not_the_one_of_its_file_is_left_alone(path: Path) -> None:
    """Such as a decrypted one, or one that is in no file."""
    for source in (
        Source(str(path), "other: bad\n"),
        Source(str(path), path.read_text("utf-8"), secret=True),
        Source("host1,", "bad"),
    ):
        found = Checked([_finding(Edit(source.span(0, 3), "X"), is_safe=True)])
        if source.secret:
            found.sources[source.name] = source
        assert mend(lambda *_, found=found: found, unsafe=False).after == {}


def test_a_file_with_two_names_is_one(path: Path) -> None:
    """A link names a file as well; its fixes are made once, and both have the new text."""
    link = path.parent / "link.yml"
    link.symlink_to(path.name)
    checks = [replacing(one, "bad", "good") for one in (path, link)]

    def check(sources: Iterable[Source] = ()) -> Checked:
        one, other = (each([*sources]) for each in checks)
        return Checked([*one.findings, *other.findings], sources=one.sources | other.sources)

    mended = mend(check, unsafe=False)
    assert (mended.after, mended.count) == ({path: "a: good\nb: good\n"}, 2)
    assert mended.checked.findings == []
