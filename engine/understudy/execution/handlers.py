"""Handlers: who notified which, and what a flush runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from understudy.playbook.model import Task
from understudy.values.texts import Value


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
    texts_of: Callable[[Iterable[Value]], list[str]]
    """Renders `listen` and the like to names."""
    _due: dict[int, dict[str, None]] = field(default_factory=dict)
    _topics: dict[str, list[int]] | None = None

    def notify(self, name: str, host: str) -> list[Task]:
        """Mark the handlers of a name, or topic, as due for a host; raise HandlerUnknown."""
        indexes = self._found(name)
        if not indexes:
            raise HandlerUnknown(name)
        for index in indexes:
            self._due.setdefault(index, {})[host] = None
        return [self.tasks[index] for index in indexes]

    def _found(self, name: str) -> list[int]:
        """Return the last handler of that name, and every one that listens to it."""
        if self._topics is None:
            self._topics = self._index()
        return self._topics.get(name, [])

    def _index(self) -> dict[str, list[int]]:
        topics: dict[str, list[int]] = {}
        names = {self.name_of(task): index for index, task in enumerate(self.tasks) if task.name}
        for name, index in names.items():
            topics[name] = [index]
        for index, task in enumerate(self.tasks):
            for topic in self.texts_of(task.listen):
                if index not in topics.setdefault(topic, []):
                    topics[topic].append(index)
        return topics

    def any_due(self, host: str) -> bool:
        """Tell whether a flush has anything to do on a host."""
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
