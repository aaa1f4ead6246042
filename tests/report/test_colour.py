"""Who decides whether output is coloured."""

from __future__ import annotations

import pytest

from understudy.config import Config
from understudy.report.banner import banner, columns
from understudy.report.colour import paint, wants_colour


@pytest.mark.parametrize(
    ("settings", "environ", "is_terminal", "answer"),
    [
        ({}, {}, True, True),
        ({}, {}, False, False),
        ({}, {"NO_COLOR": "1"}, True, False),
        ({}, {"NO_COLOR": ""}, True, True),
        ({}, {"TERM": "dumb"}, True, False),
        ({}, {"FORCE_COLOR": "1"}, False, True),
        ({}, {"FORCE_COLOR": "0"}, False, False),
        ({}, {"CLICOLOR_FORCE": "1"}, False, True),
        ({}, {"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, False, True),
        ({"nocolor": True}, {}, True, False),
        ({"force_color": True}, {}, False, True),
        ({"force_color": True, "nocolor": True}, {}, False, True),
    ],
)
def test_colours_follow_setting_environment_and_terminal(
    settings: dict[str, bool], environ: dict[str, str], *, is_terminal: bool, answer: bool
) -> None:
    """To force wins over to forbid, both win over the terminal."""
    assert wants_colour(Config(**settings), environ, is_terminal=is_terminal) is answer


@pytest.mark.parametrize(("asked", "answer"), [("always", True), ("never", False)])
def test_the_option_wins_over_everything(asked: str, *, answer: bool) -> None:
    """`--color` was given for this very run."""
    environ = {"NO_COLOR": "1"} if answer else {"FORCE_COLOR": "1"}
    assert wants_colour(Config(), environ, is_terminal=not answer, asked=asked) is answer


def test_each_line_is_coloured_for_itself() -> None:
    """A pager may start anywhere."""
    assert paint("a\nb", "0;31") == "\033[0;31ma\033[0m\n\033[0;31mb\033[0m"


def test_a_banner_counts_columns_not_letters() -> None:
    """Wide letters take two columns, combining marks none."""
    assert columns("日本") == 4
    assert columns("e\u0301") == 1
    assert len(banner("TASK [x]", 79)) == 1 + 80
    assert banner("x" * 90, 79).endswith("x ***")
