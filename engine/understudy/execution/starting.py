"""Where a run begins in the playbook, if not at its first task."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path

from understudy.playbook.model import Block, Play, Step, Task
from understudy.values.texts import Template

Matches = Callable[[Task], bool]
Sections = tuple[tuple[Step, ...], ...]


@dataclass(slots=True)
class Start:
    """The task to start at. Plays before the one that has it are passed over."""

    matches: Matches
    found: bool = False

    def cut(self, sections: Sections) -> Sections | None:
        """Return what is left of a play's sections, None if the task is not in them.

        Once the task was found everything is left.
        """
        if self.found:
            return sections
        for number, section in enumerate(sections):
            rest = _from(section, self.matches)
            if rest is not None:
                self.found = True
                return ((),) * number + (rest, *sections[number + 1 :])
        return None


def by_name(pattern: str) -> Matches:
    """Return what tells a task by its name as written, alone or with its role's; `*` may stand."""

    def matches(task: Task) -> bool:
        name = task.action.written if task.name is None else task.name
        text = name.text if isinstance(name, Template) else str(name)
        names = [text, f"{task.role.name} : {text}"] if task.role else [text]
        return not task.implicit and any(one == pattern or fnmatch(one, pattern) for one in names)

    return matches


def by_place(file: str, line: int, plays: Iterable[Play]) -> Matches | None:
    """Return what tells the task that stands at a line of a file, None if there is none."""
    path = Path(file).resolve()
    here = [
        task
        for play in plays
        for task in _tasks((*play.pre_tasks, *play.tasks, *play.post_tasks))
        if Path(task.span.source.name).resolve() == path and task.span.start.line <= line
    ]
    if not here:
        return None
    wanted = max(here, key=lambda task: task.span.start.line)
    return lambda task: task is wanted


def _tasks(steps: Sequence[Step]) -> Iterable[Task]:
    for step in steps:
        if isinstance(step, Block):
            yield from _tasks((*step.body, *step.rescue, *step.always))
        elif not step.implicit:
            yield step


def _from(steps: Sequence[Step], matches: Matches) -> tuple[Step, ...] | None:
    """Return the steps from the first task that matches, which may stand in a block."""
    for index, step in enumerate(steps):
        if isinstance(step, Task):
            if matches(step):
                return tuple(steps[index:])
            continue
        body = _from(step.body, matches)
        always = None if body is not None else _from(step.always, matches)
        if body is not None or always is not None:
            rest = replace(step, body=body or (), always=step.always if always is None else always)
            return (rest, *steps[index + 1 :])
    return None
