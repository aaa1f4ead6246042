"""A run may begin at a task: what stands before it is left out, also in plays and blocks."""

from __future__ import annotations

from pathlib import Path

import pytest

from understudy.execution.starting import Start, by_name, by_place
from understudy.playbook.files import Loader
from understudy.playbook.model import Block, Play, Step, Task

TEXT = """\
- hosts: all
  pre_tasks:
    - {name: before, ping: }
  tasks:
    - {name: one, ping: }
    - block:
        - {name: two, ping: }
        - {name: three, ping: }
      always:
        - {name: last, ping: }
    - {name: four, ping: }
"""


def names(steps: tuple[Step, ...]) -> list[str]:
    """Return the names of the tasks that are left, in order."""
    found: list[str] = []
    for step in steps:
        if isinstance(step, Block):
            found += names((*step.body, *step.always))
        else:
            found.append(str(step.name))
    return found


@pytest.fixture
def play(tmp_path: Path) -> Play:
    """Return the play of TEXT."""
    (tmp_path / "site.yml").write_text(TEXT)
    return Loader().load_playbook(tmp_path / "site.yml").plays[0]


def left(play: Play, start: Start) -> list[str] | None:
    """Return the names of the tasks that a start leaves, None if it leaves none."""
    sections = start.cut((play.pre_tasks, play.tasks))
    return None if sections is None else names(sections[0] + sections[1])


@pytest.mark.parametrize(
    ("pattern", "rest"),
    [
        ("one", ["one", "two", "three", "last", "four"]),
        ("three", ["three", "last", "four"]),
        ("l*t", ["last", "four"]),
        ("before", ["before", "one", "two", "three", "last", "four"]),
        ("nope", None),
    ],
)
def test_what_stands_before_is_left_out(play: Play, pattern: str, rest: list[str] | None) -> None:
    """A block keeps its `always`; a play without the task is passed over."""
    assert left(play, Start(by_name(pattern))) == rest


def test_only_the_first_match_counts(play: Play) -> None:
    """Plays after the one that has it are whole."""
    start = Start(by_name("t*"))
    assert left(play, start) == ["two", "three", "last", "four"]
    assert left(play, start) == ["before", "one", "two", "three", "last", "four"]


@pytest.mark.parametrize(("line", "name"), [(5, "one"), (6, "one"), (8, "three"), (99, "four")])
def test_a_place_is_that_of_the_task_that_stands_there(play: Play, line: int, name: str) -> None:
    """A line within a task, or after it, means that task."""
    file = play.span.source.name
    matches = by_place(file, line, [play])
    assert matches is not None
    found = [step for step in play.tasks if isinstance(step, Task) and matches(step)]
    rest = left(play, Start(matches))
    assert rest is not None
    assert rest[0] == name
    assert len(found) <= 1


def test_a_place_before_every_task_is_none(play: Play) -> None:
    """There is nothing to start at in the first line, or in another file."""
    assert by_place(play.span.source.name, 1, [play]) is None
    assert by_place("other.yml", 9, [play]) is None
