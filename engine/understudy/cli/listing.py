"""`--list-hosts`, `--list-tasks`, `--list-tags`: what a run would do, laid out as Ansible does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from understudy.execution.tags import TagFilter
from understudy.inventory.model import Inventory
from understudy.inventory.patterns import select
from understudy.playbook.model import Block, Play, Playbook, Step, Task
from understudy.values.errors import TemplateFailed
from understudy.values.scope import Scope
from understudy.values.template import render
from understudy.values.texts import Template, Value

Wanted: TypeAlias = Callable[[Play], TagFilter]
"""Gives the filter of a play's tasks: its variables may be in their tags."""


def hosts(playbook: Playbook, inventory: Inventory, limit: str | None, scope: Scope) -> str:
    """Return the hosts of every play."""

    def lines(play: Play) -> Iterator[str]:
        pattern = render(play.hosts, scope)
        parts = pattern if isinstance(pattern, list) else [pattern]
        yield f"    pattern: {[str(part) for part in parts]}"
        yield from _hosts(inventory, pattern, limit, "    ")

    return _plays(playbook, lines)


def hosts_of(inventory: Inventory, pattern: Value, limit: str | None) -> str:
    """Return the hosts of a pattern."""
    return "\n".join(_hosts(inventory, pattern, limit, "  "))


def _hosts(inventory: Inventory, pattern: Value, limit: str | None, indent: str) -> Iterator[str]:
    names = [host.name for host in select(inventory, pattern, limit).hosts]
    yield f"{indent}hosts ({len(names)}):"
    yield from (f"{indent}  {name}" for name in names)


def tasks(playbook: Playbook, wanted: Wanted) -> str:
    """Return the tasks of every play, those of dynamic includes not among them."""

    def lines(play: Play) -> Iterator[str]:
        yield "    tasks:"
        shown = wanted(play)
        for task in _tasks(shown.steps((*play.pre_tasks, *play.tasks, *play.post_tasks))):
            yield f"      {_name(task)}\tTAGS: [{', '.join(sorted(shown.names(task)))}]"

    return _plays(playbook, lines)


def tags(playbook: Playbook, wanted: Wanted) -> str:
    """Return the tags of every play's tasks."""

    def lines(play: Play) -> Iterator[str]:
        shown = wanted(play)
        steps = shown.steps((*play.pre_tasks, *play.tasks, *play.post_tasks))
        found = sorted({tag for task in _tasks(steps) for tag in shown.names(task)})
        yield f"      TASK TAGS: [{', '.join(found)}]"

    return _plays(playbook, lines)


def _plays(playbook: Playbook, lines: Callable[[Play], Iterator[str]]) -> str:
    out = [f"\nplaybook: {playbook.path}"]
    for number, play in enumerate(playbook.plays, 1):
        pattern = _pattern(play)
        name = pattern if play.name is None else _text(play.name)
        own = ", ".join(map(_text, play.inherited.tags))
        out.append(f"\n  play #{number} ({pattern}): {name}\tTAGS: [{own}]")
        out.extend(lines(play))
    return "\n".join(out)


def _pattern(play: Play) -> str:
    parts = play.hosts if isinstance(play.hosts, list) else [play.hosts]
    return ",".join(map(_text, parts))


def _tasks(steps: Iterable[Step]) -> Iterator[Task]:
    for step in steps:
        if isinstance(step, Block):
            yield from _tasks(step.body)
        elif not step.implicit:
            yield step


def _name(task: Task) -> str:
    return task.action.written if task.name is None else _text(task.name)


def _text(value: Value) -> str:
    return value.text if isinstance(value, Template) else str(value)


def tag_filter(only: Iterable[str], skip: Iterable[str], scope: Scope) -> TagFilter:
    """Return the filter of `--tags` and `--skip-tags`; one that cannot be rendered stays."""

    def rendered(raw: Value) -> Value:
        try:
            return render(raw, scope)
        except TemplateFailed:
            return _text(raw)

    return TagFilter(frozenset(only), frozenset(skip), rendered)
