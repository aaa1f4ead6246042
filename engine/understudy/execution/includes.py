"""Dynamic includes: the files that hosts ask for in one turn, loaded once, inserted for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from understudy.execution.effects import IncludeFile
from understudy.playbook.model import Step, Task
from understudy.values.texts import Value

IncludedTasks: TypeAlias = Callable[[Path, Task, Mapping[str, Value]], tuple[Step, ...]]
"""Gives the tasks of a file for an include task and its `apply`; raises PlaybookInvalid."""
LoadTasks: TypeAlias = Callable[[Path, Task, Mapping[str, Value], Path], tuple[Step, ...]]
"""Reads them from the file; the last argument is the playbook's directory."""


@dataclass(slots=True)
class Inclusion:
    """A file with the variables of one item, and the hosts that include it so."""

    path: Path
    include: IncludeFile
    rank: int
    hosts: list[str] = field(default_factory=list)


def resolve(name: str, task: Task, playbook_dir: Path) -> Path:
    """Return the file that an include names: beside the including file, or beside the playbook."""
    own = Path(task.span.source.name).resolve().parent
    for base in (own, own / "tasks", playbook_dir, playbook_dir / "tasks"):
        if (base / name).is_file():
            return base / name
    return own / name


def group(
    asked: Mapping[str, Sequence[IncludeFile]], task: Task, playbook_dir: Path
) -> list[Inclusion]:
    """Return each distinct file and item once, in the order in which they were first asked for."""
    found: dict[tuple[Path, str], Inclusion] = {}
    for host, includes in asked.items():
        for include in includes:
            path = resolve(include.name, task, playbook_dir)
            key = (path, repr(include.vars))
            if key not in found:
                found[key] = Inclusion(path, include, len(found))
            found[key].hosts.append(host)
    return list(found.values())
