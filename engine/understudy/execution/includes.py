"""Dynamic includes: the files that hosts ask for in one turn, loaded once, inserted for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from understudy.execution.effects import IncludeFile
from understudy.playbook.model import Step, Task
from understudy.text.diagnostic import PlaybookInvalid
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
    """Return each distinct file and item once, in the order in which they were first asked for.

    What one host asks for twice it gets twice.
    """
    found: dict[tuple[Path, str, int], Inclusion] = {}
    for host, includes in asked.items():
        seen: Counter[tuple[Path, str]] = Counter()
        for include in includes:
            path = resolve(include.name, task, playbook_dir)
            same = path, repr(include.vars)
            key = (*same, seen[same])
            seen[same] += 1
            if key not in found:
                found[key] = Inclusion(path, include, len(found))
            found[key].hosts.append(host)
    return list(found.values())


def why_not(path: Path, invalid: PlaybookInvalid) -> str:
    """Return why a file could not be included, in Ansible's words where it is not there."""
    if path.exists():
        return "\n".join(diagnostic.message for diagnostic in invalid.diagnostics)
    missing = f"Could not find or access '{path}' on the Ansible Controller"
    return (
        f"{missing}: Unable to retrieve file contents.\n{missing}.\nIf you are using a module and"
        " expect the file to exist on the remote, see the remote_src option:"
        f" [Errno 2] No such file or directory: '{path}'"
    )


def own_vars(task: Task) -> tuple[Mapping[str, Value], ...]:
    """Return the `vars` of an include itself; those of its blocks come with the file's tasks."""
    around = task.enclosing.vars if task.enclosing else ()
    return task.inherited.vars[: len(task.inherited.vars) - len(around)]
