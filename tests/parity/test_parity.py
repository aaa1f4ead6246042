"""Every case gives with understudy what it gave with Ansible; the harness keeps its promises."""

from __future__ import annotations

import pytest
from _pytest.mark import ParameterSet

from tests.parity import recording
from tests.parity.__main__ import against
from tests.parity.case import Case, all_cases
from tests.parity.facts import GOTCHAS
from tests.parity.forking import ForkServer
from tests.parity.masks import FORBIDDEN, MASKS, mask
from tests.parity.runner import OURS, run_cases
from tests.parity.shapes import Json, Run
from tests.parity.table import TABLE, missing, table

CASES = {case.slug: case for case in all_cases()}
AT_ONCE = 6


def _parameter(case: Case) -> ParameterSet:
    marks = [pytest.mark.xfail(reason=case.excuse, strict=True)] if case.excuse else []
    if case.in_sandbox:
        marks.append(pytest.mark.root)
    marks += [getattr(pytest.mark, tier) for tier in case.needs]
    return pytest.param(case.slug, id=case.slug, marks=marks)


@pytest.fixture(scope="session")
def runs(request: pytest.FixtureRequest) -> dict[str, Run | str]:
    """Run every selected case once, several at a time, since most of them wait."""
    wanted = [item for item in request.session.items if not item.get_closest_marker("skip")]
    chosen = [CASES[slug] for slug in map(_slug, wanted) if slug in CASES]
    forks = ForkServer()
    ended = run_cases(chosen, OURS, AT_ONCE, forks)
    forks.close()
    return dict(zip([c.slug for c in chosen], ended, strict=True))


def _slug(item: pytest.Item) -> str:
    spec = getattr(item, "callspec", None)
    return str(spec.params.get("slug", "")) if spec else ""


@pytest.mark.slow
@pytest.mark.parametrize("slug", [_parameter(case) for case in CASES.values()])
def test_case_is_as_recorded(slug: str, runs: dict[str, Run | str]) -> None:
    """A run of understudy shows the same tasks, results, lines, recap and exit code."""
    found = against(CASES[slug], runs[slug])
    assert not found, "\n".join(found)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_recording_is_current(case: Case) -> None:
    """A case that was changed is recorded anew."""
    assert recording.is_current(case), f"run: python -m tests.parity --record {case.slug}"


def test_table_is_current() -> None:
    """The table in the repository is the one that the cases give."""
    assert TABLE.read_text(encoding="utf-8") == table(list(CASES.values()))


def test_every_fact_has_a_case_or_a_reason() -> None:
    """No fact is forgotten, and no GOTCHA is excused."""
    assert missing(list(CASES.values())) == []
    covered = {word for case in CASES.values() for word in case.covers}
    assert {f"S{number}" for number in GOTCHAS} <= covered


def test_masks_leave_the_meaning_alone() -> None:
    """No mask covers a key that carries meaning, and none changes the set of keys."""
    assert not FORBIDDEN & {m.key for m in MASKS}
    masked_keys: Json = {m.key: 1 for m in MASKS}
    result: dict[str, Json] = {**dict.fromkeys(FORBIDDEN, 0), "inner": masked_keys}
    after = mask(result)
    assert isinstance(after, dict)
    assert after.keys() == result.keys()
    assert {key: after[key] for key in FORBIDDEN} == dict.fromkeys(FORBIDDEN, 0)


def test_every_mask_has_a_reason() -> None:
    """A mask without a reason is a hole."""
    assert all(m.reason for m in MASKS)
