"""Handlers: who notified which, and what a flush runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import chain, groupby

from understudy.playbook.model import Task


class HandlerUnknown(Exception):  # noqa: N818 (names what is so)
    """A task notifies what no handler is called and none listens to."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The requested handler '{name}' was not found in either the main handlers list"
            " nor in the listening handlers list"
        )


@dataclass(slots=True)
class Handlers:
    """The handlers of a play, and the hosts that are due for each."""

    tasks: tuple[Task, ...]
    name_of: Callable[[Task], str]
    topics_of: Callable[[Task], list[str]]
    """Renders `listen` of a handler to names."""
    _notified: dict[str, dict[str, None]] = field(default_factory=dict)
    """The names that each host was notified of since its last flush."""
    _due: dict[int, dict[str, None]] = field(default_factory=dict)
    _topics: dict[str, list[int]] | None = None

    def add(self, tasks: Iterable[Task]) -> None:
        """Add the handlers of a role that is included while the play runs."""
        added = tuple(tasks)
        if added:
            self.tasks += added
            self._topics = None

    def notify(self, name: str, host: str) -> list[Task]:
        """Note a name, or topic, for a host and return its handlers; raise HandlerUnknown.

        Which handlers run is decided at the flush: a role may have brought others by then.
        """
        indexes = self._found(name)
        if not indexes:
            raise HandlerUnknown(name)
        self._notified.setdefault(host, {})[name] = None
        return [self.tasks[index] for index in indexes]

    def _found(self, name: str) -> list[int]:
        """Return the one handler of that name, and those that listen to it."""
        if self._topics is None:
            self._topics = self._index()
        return self._topics.get(name, [])

    def _index(self) -> dict[str, list[int]]:
        order = self._search_order()
        topics: dict[str, list[int]] = {}
        for index in order:
            for name in self._names(self.tasks[index]):
                topics.setdefault(name, [index])
        listeners: dict[tuple[str, str], int] = {}
        for index in order:
            task = self.tasks[index]
            for topic in self.topics_of(task):
                own = self.name_of(task) if task.name else str(index)
                listeners.setdefault((topic, own), index)
        for (topic, _), index in listeners.items():
            if index not in topics.setdefault(topic, []):
                topics[topic].append(index)
        return topics

    def _search_order(self) -> list[int]:
        """Return the handlers as names are looked up: the last role's, or the play's own, first.

        Of two that have one name the first to be found counts, so within a list the upper one.
        """
        indexed = range(len(self.tasks))
        lists = [list(found) for _, found in groupby(indexed, lambda i: id(self.tasks[i].role))]
        return list(chain.from_iterable(reversed(lists)))

    def _names(self, task: Task) -> tuple[str, ...]:
        """Return what a handler is notified by: its name, also with that of its role."""
        if task.name is None:
            return ()
        name = self.name_of(task)
        return (name, f"{task.role.name} : {name}") if task.role else (name,)

    def notify_now(self, name: str, host: str) -> list[Task]:
        """Make the handlers of a name due at once: a handler of this flush asks for them."""
        found = self.notify(name, host)
        self.flush(host)
        return found

    def flush(self, host: str) -> bool:
        """Make due what a host was notified of; tell whether there is anything to do."""
        for name in self._notified.pop(host, ()):
            for index in self._found(name):
                self._due.setdefault(index, {})[host] = None
        return any(host in hosts for hosts in self._due.values())

    def is_due(self, task: Task, host: str) -> bool:
        """Tell whether a handler is due on a host; what a handler has included always is."""
        indexes = [index for index, handler in enumerate(self.tasks) if handler is task]
        return not indexes or any(host in self._due.get(index, ()) for index in indexes)

    def done(self, task: Task, host: str) -> None:
        """Take a handler off a host's list."""
        for index, hosts in self._due.items():
            if self.tasks[index] is task:
                hosts.pop(host, None)
