"""Programs on the target whose streams the controller holds: how an agent starts another one.

A tunnel is a child with pipes, or with a terminal as its input where the program asks for a
password only there (`su`, `doas`): its output and errors are pipes all the same, so what it sends
is clean. Runs on the target: standard library and Python 3.6 only.
"""

import fcntl
import os
import selectors
import termios

from understudy.connections.commands import encoded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import NoReturn

    from understudy.connections.base import JsonObject
    from understudy.connections.children import Signals

FULL = 4 << 20
"""Bytes that wait for a program above which the controller is not listened to."""
_CANNOT_START = 127
_CHUNK = 1 << 16


class Tunnel:
    """A running program: the descriptor it reads from, and those it writes to by their names."""

    def __init__(self, number: int, pid: int, sink: int, sources: "dict[int, str]") -> None:
        self.number = number
        self.pid = pid
        self.sink = sink  # type: int | None
        self.sources = sources
        self.backlog = bytearray()
        self._ending = False
        for descriptor in self.descriptors():
            os.set_blocking(descriptor, False)

    def descriptors(self) -> "list[int]":
        """Return what is open of it."""
        return list(self.sources) + ([] if self.sink is None else [self.sink])

    def add(self, data: bytes) -> None:
        """Take what the controller sends; nothing is the end."""
        self.backlog += data
        self._ending = self._ending or not data

    def write(self) -> None:
        """Write what the program takes now."""
        try:
            while self.backlog and self.sink is not None:
                del self.backlog[: os.write(self.sink, self.backlog[:_CHUNK])]
        except BlockingIOError:
            pass
        except OSError:
            self.backlog.clear()
            self._ending = True

    @property
    def is_through(self) -> bool:
        """Whether everything is written and nothing will follow."""
        return self._ending and not self.backlog


class Tunnels:
    """The tunnels of an agent, served by its selector."""

    def __init__(
        self,
        selector: selectors.BaseSelector,
        send: "Callable[[JsonObject, bytes], None]",
        signals: "Signals",
    ) -> None:
        self._selector = selector
        self._send = send
        self._signals = signals
        self._by_number = {}  # type: dict[int, Tunnel]
        self._by_pid = {}  # type: dict[int, Tunnel]

    def descriptors(self) -> "list[int]":
        """Return what a forked child must not keep."""
        return [one for tunnel in self._by_number.values() for one in tunnel.descriptors()]

    def is_full(self) -> bool:
        """Tell whether a program takes less than the controller sends."""
        return any(len(tunnel.backlog) > FULL for tunnel in self._by_number.values())

    def open(self, request: "JsonObject", inherited: "Iterable[int]") -> None:
        """Start a program that keeps none of the `inherited` descriptors; raise OSError."""
        tunnel = start(request, inherited, self._signals)
        self._by_number[tunnel.number] = self._by_pid[tunnel.pid] = tunnel
        self.attend()

    def attend(self) -> None:
        """Listen to every stream that is open and not listened to."""
        for tunnel in self._by_number.values():
            for source in tunnel.sources:
                if source not in self._selector.get_map():
                    handler = self._reader(tunnel, source)
                    self._selector.register(source, selectors.EVENT_READ, handler)

    def ignore(self) -> None:
        """Let every program wait with what it has to say, until `attend`."""
        for tunnel in self._by_number.values():
            for source in tunnel.sources:
                self._forget(source)

    def _reader(self, tunnel: Tunnel, source: int) -> "Callable[[], bool]":
        return lambda: self._relay(tunnel, source)

    def _relay(self, tunnel: Tunnel, source: int) -> bool:
        """Send what a stream has now; return whether there may be more at once."""
        if source not in tunnel.sources:
            return False
        try:
            data = os.read(source, _CHUNK)
        except BlockingIOError:
            return False
        except OSError:
            data = b""  # the end of a terminal
        if data:
            header = {"type": "data", "id": tunnel.number, "stream": tunnel.sources[source]}
            self._send(header, data)
        else:
            self._close(tunnel, source)
        return bool(data)

    def feed(self, number: int, data: bytes) -> None:
        """Give a program what the controller sends; nothing is the end of its input."""
        tunnel = self._by_number.get(number)
        if tunnel is not None:
            tunnel.add(data)
            self._push(tunnel)

    def _push(self, tunnel: Tunnel) -> None:
        tunnel.write()
        if tunnel.sink is None:
            return
        if tunnel.is_through:
            self._close(tunnel, tunnel.sink)
        elif tunnel.backlog and tunnel.sink not in self._selector.get_map():
            handler = self._writer(tunnel)
            self._selector.register(tunnel.sink, selectors.EVENT_WRITE, handler)
        elif not tunnel.backlog:
            self._forget(tunnel.sink)

    def _writer(self, tunnel: Tunnel) -> "Callable[[], None]":
        return lambda: self._push(tunnel)

    def ended(self, pid: int) -> "int | None":
        """Send what a program that has ended left to be read; return its number, if it is ours."""
        tunnel = self._by_pid.pop(pid, None)
        if tunnel is None:
            return None
        for source in list(tunnel.sources):
            while self._relay(tunnel, source):
                pass
        for descriptor in tunnel.descriptors():
            self._close(tunnel, descriptor)
        del self._by_number[tunnel.number]
        return tunnel.number

    def _close(self, tunnel: Tunnel, descriptor: int) -> None:
        self._forget(descriptor)
        if descriptor == tunnel.sink:
            tunnel.sink = None
            hung_up = [one for one, name in tunnel.sources.items() if name == "terminal"]
            for source in hung_up:
                self._close(tunnel, source)
        else:
            del tunnel.sources[descriptor]
        os.close(descriptor)

    def _forget(self, descriptor: int) -> None:
        if descriptor in self._selector.get_map():
            self._selector.unregister(descriptor)


def start(request: "JsonObject", inherited: "Iterable[int]", signals: "Signals") -> Tunnel:
    """Start the program `argv`, in a session of its own; raise OSError."""
    on_terminal = request["terminal"]
    sink, stdin = os.openpty() if on_terminal else os.pipe()[::-1]
    (output, child_output), (errors, child_errors) = os.pipe(), os.pipe()
    pid = os.fork()
    if not pid:
        ours = (sink, output, errors, *inherited)
        _be_program(request, (stdin, child_output, child_errors), ours, signals)
    for descriptor in (stdin, child_output, child_errors):
        os.close(descriptor)
    sources = {output: "output", errors: "messages"}
    if on_terminal:
        sources[os.dup(sink)] = "terminal"
    return Tunnel(request["id"], pid, sink, sources)


def _be_program(
    request: "JsonObject",
    streams: "tuple[int, int, int]",
    ours: "Iterable[int]",
    signals: "Signals",
) -> "NoReturn":
    """Become the program; a terminal that is its input is its controlling one, too."""
    try:
        os.setsid()
        signals.restore()
        for descriptor in ours:
            os.close(descriptor)
        if request["terminal"]:
            fcntl.ioctl(streams[0], termios.TIOCSCTTY, 0)
        for number, descriptor in enumerate(streams):
            os.dup2(descriptor, number)
        environment = dict(os.environb)
        environment.update((encoded(k), encoded(v)) for k, v in request["environment"].items())
        argv = [encoded(word) for word in request["argv"]]
        os.execvpe(argv[0], argv, environment)  # noqa: S606 (what starts it chose the program)
    except OSError as error:
        os.write(2, ("%s: %s\n" % (request["argv"][0], error.strerror)).encode())
    finally:
        os._exit(_CANNOT_START)
