"""Dynamic includes: what hosts ask for in one turn is loaded once, and inserted for each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from understudy.events import HostEnded, Included, ItemEnded, Status, TaskRef
from understudy.execution.actions.base import is_there
from understudy.execution.cursor import IncludeTooDeep, Insertion
from understudy.execution.diagnosis import of_result
from understudy.execution.effects import Include
from understudy.execution.host import HostState
from understudy.execution.task import TaskEnd
from understudy.execution.turn import Turns
from understudy.playbook.model import Brought, Task
from understudy.playbook.role_files import tasks_path
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid
from understudy.values.texts import Value

Result = dict[str, Any]
_ANSIBLE_SAYS = "Ansible says: "
_FAILS_THE_HOST = frozenset(
    (
        "argument-value import-loop import-name missing-file not-a-list not-utf-8 play-as-tasks"
        " unknown-role unreadable-file unsupported-role"
    ).split()
)
"""What is no mistake in a task's text: it can be rescued. Any other ends the run, as in Ansible."""


class IncludedInvalid(PlaybookInvalid):
    """What an include has read cannot be run."""


@dataclass(slots=True)
class Asked:
    """A file or role with the variables of one item, and the hosts that include it so."""

    what: str
    """The file's path, or the role's name."""
    include: Include
    rank: int
    hosts: list[str] = field(default_factory=list)


Load: TypeAlias = Callable[[Asked, Task], Brought]
"""Reads what an include asks for; raises PlaybookInvalid."""


@dataclass(slots=True)
class Includes:
    """Carries out the includes of a batch. `fail` moves the cursor of a host that cannot go on."""

    turns: Turns
    load: Load
    fail: Callable[[HostState], None]
    _broken: set[str] = field(default_factory=set)

    def insert(self, task: Task, ref: TaskRef, ends: Mapping[str, TaskEnd]) -> set[str]:
        """Insert for every host what it asks for, in the order of its loop.

        Return the hosts for which that failed.
        """
        asked = {name: files for name, end in ends.items() if (files := asked_by(end))}
        self._broken = set()
        insertions: dict[str, list[Insertion]] = {name: [] for name in asked}
        brought: dict[tuple[str, str], Brought] = {}
        for one in group(asked, task, self.turns.playbook_dir):
            self._bring(task, ref, one, brought, insertions)
        for name, inserted in insertions.items():
            if name not in self._broken:
                self._insert(task, ref, name, inserted)
        for name in self._broken:
            self.fail(self.turns.services.world.state(name))
        return self._broken

    def _bring(
        self,
        task: Task,
        ref: TaskRef,
        asked: Asked,
        known: dict[tuple[str, str], Brought],
        insertions: Mapping[str, list[Insertion]],
    ) -> None:
        """Load what is asked for, if this turn has not yet, and note it for its hosts."""
        key = asked.what, repr(asked.include.args)
        try:
            if key not in known:
                known[key] = self.load(asked, task)
        except PlaybookInvalid as invalid:
            if not {found.code for found in invalid.diagnostics} <= _FAILS_THE_HOST:
                raise IncludedInvalid(invalid.diagnostics) from None
            for name in asked.hosts:
                self._tell_broken(ref, name, asked, invalid)
            return
        self.turns.services.emit(
            Included(
                task=ref,
                path=asked.what,
                hosts=tuple(asked.hosts),
                label=asked.include.label,
            )
        )
        brought = known[key]
        layers = (asked.include.vars, *own_vars(task))
        for name in asked.hosts:
            insertions[name].append(Insertion(brought.steps, layers, asked.rank))

    def _insert(self, task: Task, ref: TaskRef, name: str, inserted: list[Insertion]) -> None:
        try:
            self.turns.cursors[name].insert(inserted)
        except IncludeTooDeep as deep:
            self._broken.add(name)
            result = {"failed": True, "changed": False, "msg": str(deep)}
            self._tell(ref, name, result, of_result(task, result))

    def _tell_broken(self, ref: TaskRef, name: str, asked: Asked, invalid: PlaybookInvalid) -> None:
        """Tell that a host's include cannot be carried out; it had counted as ok."""
        self._broken.add(name)
        result, found = _not_included(asked, invalid), invalid.diagnostics[0]
        if asked.include.label is None:
            self._tell(ref, name, result, found)
            return
        self._count(name)
        self.turns.services.emit(
            ItemEnded(
                task=ref,
                host=name,
                status=Status.FAILED,
                result=result,
                label=asked.include.label,
                diagnostic=found,
            )
        )

    def _tell(self, ref: TaskRef, name: str, result: Result, why: Diagnostic) -> None:
        self._count(name)
        self.turns.services.emit(
            HostEnded(task=ref, host=name, status=Status.FAILED, result=result, diagnostic=why)
        )

    def _count(self, name: str) -> None:
        """Count a failure, also of an include that is rescued: that is Ansible's arithmetic."""
        tally = self.turns.services.world.state(name).tally
        tally.ok -= 1
        tally.failed += 1


def asked_by(end: TaskEnd) -> list[Include]:
    """Return what a host asks to include, item by item."""
    return [effect for effect in end.effects if isinstance(effect, Include)]


def group(asked: Mapping[str, Sequence[Include]], task: Task, playbook_dir: Path) -> list[Asked]:
    """Return each distinct file or role and item once, in the order in which they were asked for.

    What one host asks for twice it gets twice.
    """
    found: dict[tuple[str, str, int], Asked] = {}
    for host, includes in asked.items():
        seen: Counter[tuple[str, str]] = Counter()
        for include in includes:
            what = _what(include, task, playbook_dir)
            same = what, repr((include.vars, include.args))
            key = (*same, seen[same])
            seen[same] += 1
            if key not in found:
                found[key] = Asked(what, include, len(found))
            found[key].hosts.append(host)
    return list(found.values())


def _what(include: Include, task: Task, playbook_dir: Path) -> str:
    if task.action.name == "include_role":
        return include.name
    beside = Path(task.span.source.name).resolve().parent
    place = beside, task.role, playbook_dir
    return str(tasks_path(include.name, *place, handlers=task.is_handler, dynamic=True))


def _not_included(asked: Asked, invalid: PlaybookInvalid) -> Result:
    """Return the result of an include that failed, in Ansible's words for a missing file."""
    reason = "\n".join(_reason(diagnostic) for diagnostic in invalid.diagnostics)
    result: Result = {"failed": True, "changed": False}
    if "file" not in asked.include.args:
        return {**result, "reason": reason}
    if not is_there(Path(asked.what)):
        reason = _no_file(asked.what)
    return {**result, "include": asked.include.name, "reason": reason}


def _no_file(path: str) -> str:
    missing = f"Could not find or access '{path}' on the Ansible Controller"
    return (
        f"{missing}: Unable to retrieve file contents.\n{missing}.\nIf you are using a module"
        " and expect the file to exist on the remote, see the remote_src option:"
        f" [Errno 2] No such file or directory: '{path}'"
    )


_GONE = re.compile("there is no file `(.+)`")


def _reason(found: Diagnostic) -> str:
    """Return a finding in Ansible's words, if it has them."""
    gone = _GONE.fullmatch(found.message)
    if gone is not None:
        return _no_file(gone[1])
    said = (note for note in found.notes if note.startswith(_ANSIBLE_SAYS))
    return next(said, found.message).removeprefix(_ANSIBLE_SAYS)


def own_vars(task: Task) -> tuple[Mapping[str, Value], ...]:
    """Return the `vars` of an include itself; those of its blocks come with the file's tasks."""
    around = task.enclosing.vars if task.enclosing else ()
    return task.inherited.vars[: len(task.inherited.vars) - len(around)]
