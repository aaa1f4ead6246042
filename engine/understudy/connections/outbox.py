"""What an agent has to say to its controller: sent as fast as that takes it, and bounded.

Runs on the target: standard library and Python 3.6 only.
"""

import json
import os
import selectors

from understudy.connections import frames

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from understudy.connections.base import JsonObject

PART = 1 << 18
"""Bytes of a result that are sent at once: a long one flows while it is made."""
PAUSE_ABOVE = 4 << 20
"""Bytes that wait for the controller above which no result is read: its module waits, too."""


class Outbox:
    """Frames on their way to the controller.

    `on_full` is called when nothing more should come, `on_room` when it may again.
    """

    def __init__(self, sink: int, selector: selectors.BaseSelector) -> None:
        self._sink = sink
        self._selector = selector
        self._waiting = bytearray()
        self._paused = []  # type: list[Callable[[], None]]
        self._unsent = 0
        self.broken = False
        self.on_full = _nothing  # type: Callable[[], None]
        self.on_room = _nothing  # type: Callable[[], None]
        os.set_blocking(sink, False)

    @property
    def is_full(self) -> bool:
        """Whether the controller is slower than what is to be said."""
        return len(self._waiting) > PAUSE_ABOVE

    def send(self, header: "JsonObject", payload: bytes = b"") -> None:
        """Send a message."""
        idle = not self._waiting
        self._waiting += frames.encode(header, payload)
        if idle:
            self._flush()

    def answer(self, number: int, result: "JsonObject") -> None:
        """Send a result that the agent itself has made, in the place of what was sent in parts."""
        payload = json.dumps({"result": result}).encode("ascii")
        self.send({"type": "result", "id": number, "instead": True}, payload)

    def output(self, about: "JsonObject", stream: str, data: bytes) -> None:
        """Send what a command wrote; what the controller is too slow for is counted."""
        if self.is_full:
            self._unsent += int(data) if stream == "lost" else len(data)
            return
        self.tell_loss(about)
        self.send(dict(about, stream=stream), data)

    def tell_loss(self, about: "JsonObject") -> None:
        """Send how much of commands' output was not sent, if any."""
        if self._unsent:
            self.send(dict(about, stream="lost"), b"%d" % self._unsent)
            self._unsent = 0

    def later(self, go_on: "Callable[[], None]") -> None:
        """Call something when there is room again."""
        self._paused.append(go_on)

    def _flush(self) -> None:
        """Write what the controller takes now, and the rest when it can take more."""
        try:
            while self._waiting:
                del self._waiting[: os.write(self._sink, self._waiting[:PART])]
        except BlockingIOError:
            if self._sink not in self._selector.get_map():
                self._selector.register(self._sink, selectors.EVENT_WRITE, self._flush)
        except OSError:
            self.broken = True
        else:
            if self._sink in self._selector.get_map():
                self._selector.unregister(self._sink)
        if self.is_full:
            self.on_full()
            return
        self.on_room()
        paused, self._paused = self._paused, []
        for go_on in paused:
            go_on()


def _nothing() -> None:
    """Do nothing: nobody wants to know."""
