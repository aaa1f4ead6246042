"""Which roles a host has had in a play: a second use of the same one is passed over."""

from __future__ import annotations

from dataclasses import dataclass, field

from understudy.events import Status
from understudy.playbook.model import Role, Task

_Use = tuple[str, tuple[str, ...]]


@dataclass(slots=True)
class RolesDone:
    """Counts a role as done on a host when it is through and one of its tasks has run there."""

    _begun: set[_Use] = field(default_factory=set)
    _done: set[_Use] = field(default_factory=set)

    def note(self, task: Task, host: str, status: Status) -> None:
        """Note that a task has ended on a host; one that was skipped has not run."""
        if task.role is not None and status not in (Status.SKIPPED, Status.UNREACHABLE):
            self._begun.add((host, task.role.identity))

    def complete(self, role: Role, host: str) -> None:
        """Note that a host has come to the end of a role."""
        if (host, role.identity) in self._begun:
            self._done.add((host, role.identity))

    def is_done(self, task: Task, host: str) -> bool:
        """Tell whether a task belongs to a role that the host has had and may not have again."""
        role = task.role
        return (
            role is not None and not role.allow_duplicates and (host, role.identity) in self._done
        )
