"""Fixes are made as a whole or not at all, and names that are made are new."""

from __future__ import annotations

from understudy.check.meaning.waits import enough_retries, free_name
from understudy.check.mending.fixes import fix_replacing, fix_with
from understudy.text.diagnostic import Edit
from understudy.text.source import Position, Source, span_at

PLACE = span_at(Source("site.yml", "- hosts: all\n"), Position(1, 3), 5)


def test_a_fix_has_all_of_its_edits() -> None:
    """One edit that cannot be made leaves no fix, and neither do none at all."""
    edit = Edit(PLACE, "name")
    made = fix_with("write `name`", edit)
    assert made is not None
    assert made.edits == (edit,)
    assert not made.is_safe
    assert fix_with("write two", edit, None) is None
    assert fix_with("write nothing") is None


def test_a_place_that_is_not_known_has_no_fix() -> None:
    """What says so is what is written there."""
    made = fix_replacing(PLACE, "name", is_safe=True)
    assert made is not None
    assert made.message == "write `name`"
    assert made.is_safe
    assert fix_replacing(None, "name") is None


def test_a_name_is_free() -> None:
    """A name that is taken gets the first number that is not."""
    assert free_name("jobs", set()) == "jobs"
    assert free_name("jobs", {"jobs", "jobs_2"}) == "jobs_3"


def test_retries_last_as_long_as_the_job() -> None:
    """A last pause that is cut short counts as a whole one."""
    assert enough_retries(3600, 10) == 360
    assert enough_retries(45, 30) == 2
