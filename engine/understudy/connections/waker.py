"""Waking a `selectors` loop when a child process ends, without a thread and without looking.

Runs on the target: standard library and Python 3.6 only.
"""

import os
import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Waker:
    """While it is open, `descriptor` becomes readable when a child of this process ends.

    Only for the main thread. Other signals that have a handler in Python make it readable too.
    """

    def __init__(self) -> None:
        self.descriptor, self._writer = os.pipe()
        os.set_blocking(self.descriptor, False)
        os.set_blocking(self._writer, False)
        self._handler = signal.signal(signal.SIGCHLD, _notice)
        self._before = signal.set_wakeup_fd(self._writer)

    def drain(self) -> None:
        """Forget what woke the loop."""
        try:
            while os.read(self.descriptor, 512):
                pass
        except BlockingIOError:
            pass

    def close(self) -> None:
        """Put back what was there before."""
        signal.set_wakeup_fd(self._before)
        signal.signal(signal.SIGCHLD, self._handler)
        os.close(self.descriptor)
        os.close(self._writer)

    def descriptors(self) -> "tuple[int, int]":
        """Return what a forked child must not keep."""
        return self.descriptor, self._writer


def _notice(_number: int, _frame: "Any") -> None:
    """Handle the signal by doing nothing: what counts is that the loop wakes."""
