"""A host's place in a play: pure moves over blocks, without hosts, variables or I/O.

The place is a stack of frames. A frame is a block and how far it is: which section (body, rescue,
always) and which step of it. There are three moves:

- `advance()`: the step succeeded, or was skipped. At the end of a section comes the next one: a
  body that ends well goes to `always`; so does a `rescue`, which thereby takes the failure away.
- `fail()`: the step failed. A body with a `rescue` goes there; anything else goes to `always` with
  the failure pending, and when that is through the failure is one of the enclosing block.
- `insert(steps)`: a dynamic include puts its steps right after the task that included them.

`position` orders the places of all hosts as the text is ordered (body, rescue, always), so that a
lockstep strategy lets the hosts with the smallest position go first and the others wait.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TypeAlias

from understudy.playbook.model import Block, Step, Task
from understudy.values.texts import Value

DEPTH_LIMIT = 1000
"""How deep includes may include, before it is taken for an endless loop."""

Position: TypeAlias = tuple[int, ...]


class IncludeTooDeep(Exception):  # noqa: N818 (names what is so)
    """Includes are nested deeper than `DEPTH_LIMIT`."""


class Section(IntEnum):
    """The part of a block that a frame is in, in the order of the text."""

    BODY = 0
    RESCUE = 1
    ALWAYS = 2


@dataclass(slots=True)
class Frame:
    """A block and how far it is. `base` is the position of the block itself."""

    block: Block
    base: Position
    depth: int
    vars: tuple[Mapping[str, Value], ...] = ()
    section: Section = Section.BODY
    index: int = 0
    failed: bool = False

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of the current section."""
        if self.section is Section.BODY:
            return self.block.body
        return self.block.rescue if self.section is Section.RESCUE else self.block.always


@dataclass(frozen=True, slots=True)
class Insertion:
    """Steps to insert, the variables they get, and their rank among the insertions of one task."""

    steps: tuple[Step, ...]
    vars: tuple[Mapping[str, Value], ...] = ()
    rank: int = 0


@dataclass(slots=True)
class Cursor:
    """Where a host is. `task` is what it does next; None means that it is through, or failed."""

    plan: Block
    task: Task | None = field(init=False, default=None)
    position: Position = field(init=False, default=())
    failed: bool = field(init=False, default=False)
    _frames: list[Frame] = field(init=False)

    def __post_init__(self) -> None:
        self._frames = [Frame(self.plan, (), 0)]
        self._settle()

    @property
    def vars(self) -> tuple[Mapping[str, Value], ...]:
        """Variables that the includes around the current task brought, innermost first."""
        return self._frames[-1].vars if self._frames else ()

    @property
    def rescuing(self) -> bool:
        """Whether the current task stands in a rescue section, at any depth."""
        return any(f.section is Section.RESCUE for f in self._frames)

    @property
    def would_rescue(self) -> bool:
        """Whether a failure of the current task would lead into a rescue section."""
        return any(f.section is Section.BODY and f.block.rescue for f in self._frames)

    @property
    def doomed(self) -> bool:
        """Whether the play has failed for the host, with something left that runs all the same."""
        return any(frame.failed for frame in self._frames[:2] if frame.block.span is None)

    def advance(self) -> None:
        """Go on after the current step."""
        self._frames[-1].index += 1
        self._settle()

    def fail(self) -> None:
        """Go where a failure of the current step leads."""
        self._fail_frame(self._frames[-1])
        self._settle()

    def insert(self, insertions: Sequence[Insertion]) -> None:
        """Go on after the current step with inserted steps, in the order given."""
        frame = self._frames[-1]
        depth = frame.depth + 1
        if depth > DEPTH_LIMIT:
            raise IncludeTooDeep(f"includes are nested more than {DEPTH_LIMIT} deep")
        place = (*frame.base, frame.section, frame.index)
        frame.index += 1
        for one in reversed(insertions):
            block = Block(span=None, body=one.steps)
            inner = (*one.vars, *frame.vars)
            self._frames.append(Frame(block, (*place, 1 + one.rank), depth, inner))
        self._settle()

    def clear_failures(self) -> None:
        """Forget every failure, also one that is pending until an `always` section is through."""
        self.failed = False
        for frame in self._frames:
            frame.failed = False

    def finish(self) -> None:
        """Leave the play at once, without its `always` sections."""
        self._frames.clear()
        self._settle()

    def _settle(self) -> None:
        """Walk on until a task is reached, or the end."""
        while self._frames:
            frame = self._frames[-1]
            steps = frame.steps
            if frame.index >= len(steps):
                self._leave_section(frame)
                continue
            step = steps[frame.index]
            here = (*frame.base, frame.section, frame.index)
            if isinstance(step, Task):
                self.task, self.position = step, here
                return
            frame.index += 1
            self._frames.append(Frame(step, (*here, 0), frame.depth, frame.vars))
        self.task, self.position = None, ()

    def _leave_section(self, frame: Frame) -> None:
        if frame.section is Section.RESCUE:
            frame.failed = False
        if frame.section is not Section.ALWAYS:
            frame.section, frame.index = Section.ALWAYS, 0
            return
        self._frames.pop()
        if frame.failed:
            self._fail_enclosing()

    def _fail_enclosing(self) -> None:
        if self._frames:
            self._fail_frame(self._frames[-1])
        else:
            self.failed = True

    def _fail_frame(self, frame: Frame) -> None:
        frame.failed = True
        if frame.section is Section.BODY and frame.block.rescue:
            frame.section, frame.index = Section.RESCUE, 0
        elif frame.section is not Section.ALWAYS:
            frame.section, frame.index = Section.ALWAYS, 0
        else:
            self._frames.pop()
            self._fail_enclosing()
