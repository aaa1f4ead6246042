"""What the project shows to learn from has nothing to mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.check.cases import checked
from understudy.report.diagnostics import render

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*/playbook.yml"))


@pytest.mark.parametrize("playbook", EXAMPLES, ids=lambda path: path.parent.name)
def test_no_rule_finds_anything(playbook: Path) -> None:
    """Not even an information."""
    assert [render(found) for found in checked(playbook).findings] == []
