"""Fixes of all rules together, on every case and every example, in every form of a file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.check.cases import CASES, cases, units_of
from understudy.check.checked import Checked
from understudy.check.mending.mend import Look, Mended, mend
from understudy.check.project.library import shown
from understudy.check.settings.settings import Settings
from understudy.check.targets import Target
from understudy.cli.check_paths import checked_units
from understudy.text.diagnostic import Severity
from understudy.text.layout import layout_of
from understudy.text.source import Source

pytestmark = pytest.mark.slow
EXAMPLES = Path(__file__).parents[2] / "examples"
TOLD_BY_A_WAIT = {"register-overwritten"}
"""That a first job is lost is told when the second one is waited for, which a fix may do."""
PATHS = [
    *(case.path for case in cases() if case.playbook.suffix == ".yml"),
    *sorted(EXAMPLES.glob("*/playbook.yml")),
]
NAMES = [str(path.relative_to(CASES if path.is_relative_to(CASES) else EXAMPLES)) for path in PATHS]


def looking_at(path: Path, target: Target, given: Iterable[Source] = ()) -> Look:
    """Return what checks a project; `given` stand for its files."""
    units, texts = list(units_of(path)), {one.name: one for one in given}

    def look(sources: Iterable[Source] = ()) -> Checked:
        now = {**texts, **{one.name: one for one in sources}}
        return checked_units(units, Settings(target=target), now.values())

    return look


def all_fixes(path: Path, target: Target, given: Iterable[Source] = ()) -> Mended:
    return mend(looking_at(path, target, given), unsafe=True)


def texts_of(mended: Mended) -> dict[str, str]:
    return {mended.before[path].name: text for path, text in mended.after.items()}


@pytest.mark.parametrize("target", [Target.UNDERSTUDY, Target.ANSIBLE_2_19])
@pytest.mark.parametrize("path", PATHS, ids=NAMES)
def test_all_fixes_come_to_an_end(path: Path, target: Target) -> None:
    """What they leave is YAML, has no fix left and no error that was not there before."""
    mended = all_fixes(path, target)
    assert mended.refused == {}
    assert [one.message for one in mended.checked.findings if one.fix] == []
    before, after = (
        {one.code for one in checked.findings if one.severity is Severity.ERROR}
        for checked in (mended.found, mended.checked)
    )
    assert after <= before | TOLD_BY_A_WAIT


@pytest.mark.parametrize("path", PATHS, ids=NAMES)
@pytest.mark.parametrize(("line_end", "ends"), [("\r\n", True), ("\n", False)])
def test_the_form_of_a_file_does_not_matter(path: Path, line_end: str, *, ends: bool) -> None:
    """A file with other line ends, or without the last one, is mended as it is with them."""
    mended = all_fixes(path, Target.ANSIBLE_2_19)
    if not mended.after:
        return

    def formed(text: str) -> str:
        text = text.replace("\n", line_end)
        return text if ends else text.removesuffix(line_end)

    given = [Source(one.name, formed(one.text)) for one in mended.before.values()]
    expected = {name: formed(text) for name, text in texts_of(mended).items()}
    result = texts_of(all_fixes(path, Target.ANSIBLE_2_19, given))
    if ends:
        assert result == expected
    assert {name: text.removesuffix("\n") for name, text in result.items()} == {
        name: text.removesuffix("\n") for name, text in expected.items()
    }


@pytest.mark.parametrize("path", PATHS, ids=NAMES)
def test_what_no_fix_names_stays(path: Path) -> None:
    """Each text outside of what the fixes of a round name is there, in its order."""
    mended = mend(looking_at(path, Target.ANSIBLE_2_19), unsafe=True, rounds=1)
    for file, before in mended.before.items():
        edits = [edit for fix in mended.made for edit in fix.edits if edit.span.source == before]
        named = [(before.offset(one.span.start), before.offset(one.span.end)) for one in edits]
        rest, place = mended.after[file], 0
        for scalar in layout_of(before).scalars:
            if not any(start < scalar.end and scalar.start < end for start, end in named):
                text = before.text[scalar.start : scalar.end].rstrip()
                place = rest.index(text, place) + len(text)


def test_the_paths_are_there() -> None:
    """The cases and examples are found: some have fixes."""
    names = {shown(path) for path in PATHS}
    assert len(names) > 50
    assert any("examples/" in name for name in names)
