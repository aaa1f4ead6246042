"""The ends of jobs, as an agent learns of them: by pipes of its own supervisors, else by looking.

Runs on the target: standard library and Python 3.6 only.
"""

import os
import selectors
import time

from understudy.connections import jobs
from understudy.connections.outbox import Outbox

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from understudy.connections.base import JsonObject

LOOK_S = 0.2
"""How often the files of awaited jobs are looked at that are not this agent's own."""


class Watch:
    """The jobs that this agent has started, and those whose end somebody awaits, by their files."""

    def __init__(self, selector: selectors.BaseSelector, outbox: Outbox) -> None:
        self._selector = selector
        self._outbox = outbox
        self._started = {}  # type: dict[int, str]
        self._awaited = set()  # type: set[str]
        self._next_look = 0.0

    def descriptors(self) -> "list[int]":
        """Return what a forked child must not keep."""
        return list(self._started)

    def started(self, reader: int, path: str) -> None:
        """Take in a job of our own: `reader` is at its end when the supervisor has gone."""
        self._started[reader] = path
        self._selector.register(reader, selectors.EVENT_READ, self._ender(reader))

    def _ender(self, reader: int) -> "Callable[[], None]":
        return lambda: self._ended(reader)

    def _ended(self, reader: int) -> None:
        """Note the end of a job.

        A supervisor that was killed is not quite dead yet when its pipe closes: then the file is
        looked at like one of another agent.
        """
        self._selector.unregister(reader)
        os.close(reader)
        path = self._started.pop(reader)
        if path in self._awaited and jobs.has_ended(path):
            self._tell(path)

    def wait_for(self, header: "JsonObject", _payload: bytes) -> None:
        """Tell the controller when a job ends, at once if it has."""
        path = header["file"]
        self._awaited.add(path)
        if path not in self._started.values() and jobs.has_ended(path):
            self._tell(path)

    def forget(self, header: "JsonObject", _payload: bytes) -> None:
        """Tell nothing of a job any more."""
        self._awaited.discard(header["file"])

    def _tell(self, path: str) -> None:
        self._awaited.discard(path)
        self._outbox.send({"type": "ended", "file": path})

    def _foreign(self) -> "set[str]":
        """Return the awaited files of jobs that Ansible or another agent has started."""
        return self._awaited.difference(self._started.values()) if self._awaited else set()

    def next_look(self) -> "float | None":
        """Return when to look again, by the monotonic clock; None is never."""
        return self._next_look if self._foreign() else None

    def look(self) -> None:
        """Look at foreign jobs, if it is time."""
        if self._awaited and time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + LOOK_S
            for path in self._foreign():
                if jobs.has_ended(path):
                    self._tell(path)
