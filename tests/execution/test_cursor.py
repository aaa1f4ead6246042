"""A host's place in a play, against a naive recursive interpreter."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.execution.cursor import Cursor, IncludeTooDeep, Insertion
from understudy.playbook.model import Action, Block, Inherited, Step, Task
from understudy.text.source import Position, Source, Span

HERE = Span(Source("play.yml", ""), Position(1, 1), Position(1, 1))


def task(name: str) -> Task:
    """Make a task whose action tells its name."""
    action = Action(name=name, written=name, span=HERE)
    return Task(span=HERE, name=None, action=action, inherited=Inherited())


def block(body: list[Step], rescue: list[Step] = [], always: list[Step] = []) -> Block:  # noqa: B006
    """Make a block."""
    return Block(span=None, body=tuple(body), rescue=tuple(rescue), always=tuple(always))


def interpret(steps: tuple[Step, ...], failing: set[str], trace: list[str]) -> bool:
    """Run steps the simple way; return whether they succeeded."""
    return all(_run_step(step, failing, trace) for step in steps)


def _run_step(step: Step, failing: set[str], trace: list[str]) -> bool:
    if isinstance(step, Task):
        trace.append(step.action.name)
        return step.action.name not in failing
    good = interpret(step.body, failing, trace)
    if not good and step.rescue:
        good = interpret(step.rescue, failing, trace)
    return interpret(step.always, failing, trace) and good


def walk(plan: Block, failing: set[str]) -> tuple[list[str], bool, list[tuple[int, ...]]]:
    """Run a plan with a cursor; return the names met, whether it succeeded, and the positions."""
    cursor, trace, positions = Cursor(plan), [], []
    while cursor.task is not None:
        trace.append(cursor.task.action.name)
        positions.append(cursor.position)
        if cursor.task.action.name in failing:
            cursor.fail()
        else:
            cursor.advance()
    return trace, not cursor.failed, positions


@st.composite
def plans(draw: st.DrawFn) -> tuple[Block, list[str]]:
    """Draw a nested plan and the names of its tasks."""
    numbers, names = count(), []

    def new_task() -> Task:
        names.append(f"t{next(numbers)}")
        return task(names[-1])

    def steps(depth: int) -> list[Step]:
        return [step(depth) for _ in range(draw(st.integers(0, 3)))]

    def step(depth: int) -> Step:
        if depth == 0 or draw(st.booleans()):
            return new_task()
        return block(steps(depth - 1), steps(depth - 1), steps(depth - 1))

    return block(steps(3)), names


@given(plans(), st.data())
def test_a_cursor_goes_where_a_recursive_interpreter_goes(
    drawn: tuple[Block, list[str]], data: st.DataObject
) -> None:
    """Whatever fails, the same tasks run in the same order with the same end, in text order."""
    plan, names = drawn
    failing = set(data.draw(st.lists(st.sampled_from(names)))) if names else set()
    expected: list[str] = []
    good = interpret(plan.body, failing, expected)
    trace, cursor_good, positions = walk(plan, failing)
    assert (trace, cursor_good) == (expected, good)
    assert positions == sorted(set(positions))


def test_inserted_steps_come_right_after_their_include_and_before_the_next_task() -> None:
    """An insertion runs next, with its variables, and the following task has a greater position."""
    cursor = Cursor(block([task("include"), task("after")]))
    cursor.insert([Insertion((task("a"),), ({"x": 1},)), Insertion((task("b"),), rank=1)])
    seen = []
    while cursor.task is not None:
        seen.append((cursor.task.action.name, cursor.vars))
        cursor.advance()
    assert seen == [("a", ({"x": 1},)), ("b", ()), ("after", ())]


def test_a_failure_in_inserted_steps_is_rescued_by_the_block_around_the_include() -> None:
    """Inserted steps belong to the block that their include stands in."""
    cursor = Cursor(block([block([task("include")], rescue=[task("mend")])]))
    cursor.insert([Insertion((task("a"),))])
    cursor.fail()
    assert cursor.task is not None
    assert cursor.task.action.name == "mend"
    assert cursor.rescuing


def test_an_endless_include_is_stopped_at_the_depth_limit() -> None:
    """A file that includes itself for ever is an error, not a hang."""
    cursor = Cursor(block([task("include")]))

    def include_for_ever() -> None:
        while True:
            cursor.insert([Insertion((task("include"),))])

    with pytest.raises(IncludeTooDeep):
        include_for_ever()


def test_hosts_that_insert_the_same_block_share_its_positions() -> None:
    """Two cursors with the same moves stand at equal positions, so they go in lockstep."""
    plan = block([task("include"), task("after")])
    one, other = Cursor(plan), Cursor(plan)
    for cursor in (one, other):
        cursor.insert([Insertion((task("a"),))])
    assert one.position == other.position
