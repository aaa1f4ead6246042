"""A process beside the agent that kills what the agent leaves running when it is killed itself.

An agent that leaves by itself cleans up by itself. One that is killed cannot, and its modules would
run on, attached to nobody. Runs on the target: standard library and Python 3.6 only.
"""

import os
import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import NoReturn


class Warden:
    """Knows the process groups that must not outlive this process."""

    def __init__(self) -> None:
        self._pipe = None  # type: int | None

    def start(self, inherited: "Iterable[int]") -> None:
        """Fork the process, which keeps none of the `inherited` descriptors; raise OSError."""
        reader, writer = os.pipe()
        if not os.fork():
            _be_warden(reader, (*inherited, writer))
        os.close(reader)
        self._pipe = writer

    @property
    def started(self) -> bool:
        """Whether there is such a process."""
        return self._pipe is not None

    def descriptors(self) -> "list[int]":
        """Return what a forked child must not keep: the warden waits for the last writer's end."""
        return [] if self._pipe is None else [self._pipe]

    def watch(self, group: int) -> None:
        """Let a process group die with this process."""
        self._tell("+%d\n" % group)

    def release(self, group: int) -> None:
        """Forget a process group: its leader has ended, and what it left may live on."""
        self._tell("-%d\n" % group)

    def _tell(self, line: str) -> None:
        try:
            if self._pipe is not None:
                os.write(self._pipe, line.encode())
        except OSError:
            pass  # it was killed: then nobody watches


def _be_warden(reader: int, inherited: "Iterable[int]") -> "NoReturn":
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        for descriptor in inherited:
            os.close(descriptor)
        _kill_all(_watched(reader))
    finally:
        os._exit(0)


def _watched(reader: int) -> "set[int]":
    """Follow what the agent tells; return what is left at its end."""
    groups = set()  # type: set[int]
    with os.fdopen(reader) as lines:
        for line in lines:
            change = groups.add if line[0] == "+" else groups.discard
            change(int(line[1:]))
    return groups


def _kill_all(groups: "set[int]") -> None:
    for group in groups:
        try:
            os.killpg(group, signal.SIGKILL)
        except OSError:
            continue
