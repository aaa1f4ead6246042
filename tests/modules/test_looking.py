"""Modules that look or run, by tables: their results are Ansible's, and they leave files alone."""

from pathlib import Path

import pytest

from tests.modules.case import Case, read_cases, verify
from tests.modules.runner import Host

CASES = (
    read_cases("stat", {"path": "{w}/x"})
    + read_cases("find", {"paths": ["{w}/d"]})
    + read_cases("slurp", {"src": "{w}/x"})
    + read_cases("wait_for", {"path": "{w}/x", "timeout": 0})
    + read_cases("command", {"chdir": "{w}"})
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.module}-{case}")
def test_look(case: Case, host: Host, tmp_path: Path) -> None:
    """Check mode predicts, the run does it, a second run finds it done."""
    verify(case, host, tmp_path, tmp_path)
