"""The page about checks shows the settings that there are."""

from __future__ import annotations

import re
from pathlib import Path

from understudy.check.settings.configuration import read_configuration
from understudy.check.settings.setting_values import READERS
from understudy.cli.check import parser

PAGE = (Path(__file__).parents[2] / "docs" / "CHECK.md").read_text("utf-8")
EXAMPLE = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)[1]
TABLE = [line for line in PAGE.splitlines() if line.startswith("| ") and "`--" in line]


def test_the_example_is_a_configuration(tmp_path: Path) -> None:
    """All that it says is understood, and it names every setting."""
    (tmp_path / ".understudy.toml").write_text(EXAMPLE, "utf-8")
    assert read_configuration(tmp_path / ".understudy.toml")
    named = re.findall(r"(?m)^(?:# )?([\w-]+) = ", EXAMPLE)
    assert sorted(named) == sorted(READERS)


def test_the_table_names_flags_that_there_are() -> None:
    """A flag that is renamed is renamed here."""
    flags = {flag for line in TABLE for flag in re.findall(r"`(--?[a-z-]+)", line)}
    known = {flag for action in parser()._actions for flag in action.option_strings}
    assert flags - {"--syntax-check"} <= known
    assert {"--select", "--fail-on", "--cache-dir", "--no-config"} <= flags
