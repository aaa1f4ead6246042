"""The list of mutants is true: every one can be made, and no fact is forgotten."""

from __future__ import annotations

import pytest

from tests.mutants import LIST, ROOT, Mutant, read
from tests.parity.facts import GOTCHAS

MUTANTS = list(read(LIST.read_text("utf-8")))
ON_PURPOSE = frozenset({19})
"""Facts that understudy differs in on purpose."""


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.fact)
def test_a_mutant_can_be_made(mutant: Mutant) -> None:
    """The text that a mutant changes stands in its file, once."""
    assert (ROOT / mutant.file).read_text("utf-8").count(mutant.old) == 1


def test_every_gotcha_has_a_mutant() -> None:
    """A fact without a mutant could be lost without a test that fails."""
    assert {f"S{n}" for n in GOTCHAS - ON_PURPOSE} == {mutant.fact for mutant in MUTANTS}
