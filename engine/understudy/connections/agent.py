"""The agent: the one process of a controller on a target. It forks modules and sends their results.

One `selectors` loop in one thread: it forks, so there must be no second one. It takes messages on
its input, starts children, and sends results as they end. At the end of its input it kills what is
attached to it and leaves; jobs live on. Runs on the target: standard library and Python 3.6 only.

Messages to the agent: `module` (a source), `run` and `job` (a call), `put` (a chunk of a file),
`resume` (how much of a file has come to an agent before), `get` (a file), `cancel`, `await` and
`unawait` (a job file), `tunnel` (a program), `data` for it.
From it: `hello`, `part` and `result` (of a call, a result in JSON as payload; of a `get`, the file
itself), `ended` (a job), `data` of a tunnel, `output` of a running command or job.
"""

import contextlib
import fcntl
import marshal
import os
import resource
import selectors
import signal
import sys
import time
from collections import deque

from understudy.connections import children, frames, jobs, supervisor
from understudy.connections.commands import GRACE_S
from understudy.connections.direct import Direct
from understudy.connections.live import Sources
from understudy.connections.outbox import PART, Outbox
from understudy.connections.transfers import FileSource, Uploads
from understudy.connections.tunnels import Tunnels
from understudy.connections.waker import Waker
from understudy.connections.warden import Warden
from understudy.connections.watch import Watch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from understudy.connections.base import JsonObject

_AT_ONCE = 256
_PIPES_OF_A_RUN = 3
_SPARE_DESCRIPTORS = 48


class Agent:
    """Serves one controller over two descriptors."""

    def __init__(self, source: int, sink: int, complaints: int, signals: children.Signals) -> None:
        self._source = source
        self._signals = signals
        self._decoder = frames.Decoder()
        self._selector = selectors.DefaultSelector()
        self._waker = Waker()
        self._warden = Warden()
        self._programs = {}  # type: dict[str, children.Program]
        self._runs = {}  # type: dict[int, tuple[int, children.Child | Direct]]
        self._lingering = {}  # type: dict[int, tuple[float, Direct]]
        self._waiting = deque()  # type: deque[JsonObject]
        self._uploads = Uploads()
        self._files = FileSource()
        self._outbox = Outbox(sink, self._selector)
        self._live = Sources(self._selector, self._outbox)
        self._watch = Watch(self._selector, self._outbox)
        self._tunnels = Tunnels(self._selector, self._outbox.send, signals)
        self._outbox.on_full, self._outbox.on_room = self._tunnels.ignore, self._tunnels.attend
        self._own = (source, sink, complaints, self._selector.fileno(), *self._waker.descriptors())
        self._handlers = {
            "run": self._queue,
            "get": self._queue,
            "module": self._learn,
            "job": self._launch,
            "put": self._store,
            "resume": self._tell_received,
            "cancel": self._cancel,
            "tunnel": self._open_tunnel,
            "data": self._feed_tunnel,
            "await": self._watch.wait_for,
            "unawait": self._watch.forget,
        }  # type: dict[str, Callable[[JsonObject, bytes], None]]
        self._serving = True
        self._at_once = _room()

    def serve(self) -> None:
        """Serve until the input ends or a signal asks to leave; raise FrameError."""
        self._listen(self._source, self._receive)
        self._listen(self._waker.descriptor, self._woken)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._leave)
        version = "%d.%d.%d" % sys.version_info[:3]
        known = {"python": version, "executable": sys.executable, "pid": os.getpid()}
        self._outbox.send(dict(known, type="hello"))
        try:
            while self._serving and not self._outbox.broken:
                for key, _ in self._selector.select(self._patience()):
                    key.data()
                if self._source not in self._selector.get_map():
                    self._listen_or_not()
                self._watch.look()
                self._part_from_overdue()
        finally:
            for _, child in self._runs.values():
                children.kill(child.pid)
            self._uploads.clean_up()

    def _leave(self, _number: int, _frame: "Any") -> None:
        self._serving = False

    def _listen(self, descriptor: int, handler: "Callable[[], None]") -> None:
        self._selector.register(descriptor, selectors.EVENT_READ, handler)

    def _receive(self) -> None:
        try:
            data = os.read(self._source, 1 << 16)
        except OSError:
            data = b""
        if not data:
            self._serving = False
        for header, payload in self._decoder.feed(data):
            self._dispatch(header, payload)

    def _dispatch(self, header: "JsonObject", payload: bytes) -> None:
        handler = self._handlers.get(header["type"])
        if handler is None:
            raise frames.FrameError("no such message: %r" % header["type"])
        handler(header, payload)

    def _queue(self, header: "JsonObject", _payload: bytes) -> None:
        self._waiting.append(header)
        self._start_waiting()

    def _store(self, header: "JsonObject", payload: bytes) -> None:
        answer = self._uploads.add(header, payload)
        if answer is not None:
            self._outbox.answer(header["id"], answer)

    def _tell_received(self, header: "JsonObject", _payload: bytes) -> None:
        offset = self._uploads.received(header["transfer"], header["tmp"])
        self._outbox.answer(header["id"], {"offset": offset})

    def _feed_tunnel(self, header: "JsonObject", payload: bytes) -> None:
        self._tunnels.feed(header["id"], payload)
        self._listen_or_not()

    def _learn(self, header: "JsonObject", payload: bytes) -> None:
        """Compile a module here, so that every child inherits it."""
        source = marshal.loads(payload) if header["compiled"] else payload  # noqa: S302 (ours)
        program = self._programs[header["hash"]] = children.Program(header["name"], source)
        try:
            program.load()
        except BaseException:
            return  # the child that runs it fails in the same way, and tells

    def _start_waiting(self) -> None:
        while self._waiting and len(self._runs) < self._at_once:
            header = self._waiting.popleft()
            try:
                self._start(header)
            except OSError as error:
                self._outbox.answer(header["id"], _cannot_start(error))

    def _start(self, header: "JsonObject") -> None:
        """Start what a request asks for, in a child or as a program of its own; raise OSError."""
        if not self._warden.started:
            self._warden.start(self._own_descriptors())
        program = self._files if header["type"] == "get" else self._programs[header["module"]]
        if isinstance(program, children.Program) and self._may_start(program, header):
            self._start_program(program, header)
            return
        with self._listening({"type": "output", "id": header["id"]}, header) as live:
            self._attend_run(header["id"], self._fork(program, header, live))

    @contextlib.contextmanager
    def _listening(self, about: "JsonObject", header: "JsonObject") -> "Iterator[int | None]":
        """Give the end of a new pipe for what a command writes, if somebody wants to see it."""
        if not header.get("stream"):
            yield None
            return
        writer = self._live.new(about)
        try:
            yield writer
        finally:
            os.close(writer)

    def _may_start(self, program: children.Program, header: "JsonObject") -> bool:
        """Tell whether a module is but a program that the agent can start without a child."""
        if program.steps is None or header["environment"] or not self._signals.all_default:
            return False
        if header.get("open_files"):
            return False
        return program.blocks is None or not program.blocks(header["args"])

    def _start_program(self, program: children.Program, header: "JsonObject") -> None:
        direct = Direct(header, program)
        if header.get("stream"):
            about = {"type": "output", "id": header["id"]}
            direct.tell = lambda stream, data: self._outbox.output(about, stream, data)
        reply = direct.begin()
        if reply is None:
            self._attend_run(header["id"], direct)
        else:
            self._outbox.send({"type": "result", "id": header["id"]}, reply)

    def _attend_run(self, number: int, child: "children.Child | Direct") -> None:
        self._warden.watch(child.pid)
        self._runs[child.pid] = number, child
        for pipe in child.pipes:
            self._attend(number, child, pipe)

    def _fork(
        self, program: "children.Work", header: "JsonObject", live: "int | None" = None
    ) -> children.Child:
        return children.start(program, header, self._own_descriptors(), self._signals, live)

    def _own_descriptors(self) -> "list[int]":
        """Return what a child must not keep of this process."""
        own = list(self._own)
        own += [pipe for _, child in self._runs.values() for pipe in child.pipes]
        own += [pipe for _, child in self._lingering.values() for pipe in child.pipes]
        for held in (self._uploads, self._tunnels, self._watch, self._live, self._warden):
            own += held.descriptors()
        return own

    def _attend(self, number: int, child: "children.Child | Direct", pipe: int) -> None:
        if pipe in child.pipes:
            self._listen(pipe, lambda: self._read(number, child, pipe))

    def _read(self, number: int, child: "children.Child | Direct", pipe: int) -> None:
        if pipe not in child.pipes:
            return  # it ended in this very round, and the number may be another pipe's by now
        if not child.receive(pipe):
            self._selector.unregister(pipe)
            if number in self._lingering and not child.pipes:
                self._part_from(number)
        elif isinstance(child, children.Child):
            self._send_part(number, child, pipe)

    def _send_part(self, number: int, child: children.Child, pipe: int) -> None:
        """Send on what has come of a long result."""
        if pipe == child.result and child.waiting() >= PART:
            self._outbox.send({"type": "part", "id": number}, child.take())
            if self._outbox.is_full:
                self._selector.unregister(pipe)
                self._outbox.later(lambda: self._attend(number, child, pipe))

    def _woken(self) -> None:
        """Take leave of the children that have ended: of modules, and of supervisors."""
        self._waker.drain()
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            if pid in self._runs:
                self._conclude(pid, status)
                continue
            number = self._tunnels.ended(pid)
            if number is not None:
                self._outbox.answer(number, {"rc": children.exit_code(status)})

    def _conclude(self, pid: int, status: int) -> None:
        number, child = self._runs.pop(pid)
        self._warden.release(pid)
        child.status = status
        if isinstance(child, Direct):
            self._conclude_program(number, child)
        else:
            self._unlisten(child.pipes)
            if child.finish():
                self._outbox.send({"type": "result", "id": number}, child.take())
            else:
                self._outbox.answer(number, child.post_mortem())
        self._start_waiting()

    def _conclude_program(self, number: int, direct: Direct) -> None:
        """Answer, unless a background process still holds the output: that gets a moment."""
        self._unlisten(direct.pipes)
        direct.read_out()
        self._lingering[number] = time.monotonic() + GRACE_S, direct
        if not direct.pipes:
            self._part_from(number)
        for pipe in direct.pipes:
            self._attend(number, direct, pipe)

    def _part_from(self, number: int) -> None:
        _, direct = self._lingering.pop(number)
        self._unlisten(direct.pipes)
        direct.close()
        if direct.tell is not None:
            self._outbox.tell_loss({"type": "output", "id": number})
        if direct.is_long:
            self._attend_run(number, self._fork(direct, {}))
        else:
            self._outbox.send({"type": "result", "id": number}, direct.reply())

    def _unlisten(self, pipes: "set[int]") -> None:
        for pipe in pipes.intersection(self._selector.get_map()):
            self._selector.unregister(pipe)

    def _launch(self, header: "JsonObject", _payload: bytes) -> None:
        program = self._programs[header["module"]]
        inherited = self._own_descriptors()
        about = {"type": "output"}  # type: JsonObject
        try:
            with self._listening(about, header) as live:
                result, reader = supervisor.launch(program, header, inherited, self._signals, live)
        except (jobs.CannotStart, OSError) as error:
            failed = {"failed": True, "changed": True, "msg": str(error)}
            self._outbox.answer(header["id"], failed)
            return
        about["file"] = result["results_file"]
        self._uploads.release(header["job"].get("files") or ())
        self._watch.started(reader, result["results_file"])
        self._outbox.answer(header["id"], result)

    def _open_tunnel(self, header: "JsonObject", _payload: bytes) -> None:
        try:
            self._tunnels.open(header, self._own_descriptors())
        except OSError as error:
            self._outbox.answer(header["id"], _cannot_start(error))

    def _listen_or_not(self) -> None:
        """Let the controller wait while a program takes less than it is sent."""
        listening = self._source in self._selector.get_map()
        if self._tunnels.is_full() == listening:
            if listening:
                self._selector.unregister(self._source)
            else:
                self._listen(self._source, self._receive)

    def _cancel(self, header: "JsonObject", _payload: bytes) -> None:
        number = header["id"]
        self._waiting = deque(one for one in self._waiting if one["id"] != number)
        self._uploads.drop(number)
        for pid, (its_number, _) in self._runs.items():
            if its_number == number:
                children.kill(pid)

    def _patience(self) -> "float | None":
        """Return how long to wait for something to happen, in seconds; None is for ever."""
        moments = [moment for moment, _ in self._lingering.values()]
        next_look = self._watch.next_look()
        if next_look is not None:
            moments.append(next_look)
        return max(0, min(moments) - time.monotonic()) if moments else None

    def _part_from_overdue(self) -> None:
        now = time.monotonic()
        for number in [n for n, (moment, _) in self._lingering.items() if moment <= now]:
            self._part_from(number)


def _room() -> int:
    """Return how many modules may run at once, by the pipes that this process may open."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return _AT_ONCE
    return max(1, min(_AT_ONCE, (soft - _SPARE_DESCRIPTORS) // _PIPES_OF_A_RUN))


def _cannot_start(error: OSError) -> "JsonObject":
    return {"failed": True, "changed": False, "msg": "cannot start: %s" % error.strerror}


def main() -> None:
    """Move the controller's stream away from 0 and 1, serve it, and leave."""
    signals = children.Signals()
    signal.signal(signal.SIGINT, _ignore)  # a program gets the default back, which SIG_IGN is not
    source, sink, complaints = (_moved(descriptor) for descriptor in (0, 1, 2))
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)
    status = 0
    try:
        Agent(source, sink, complaints, signals).serve()
    except frames.FrameError as error:
        os.write(complaints, ("the agent was sent no frames: %s\n" % error).encode())
        status = 1
    except BaseException:
        import traceback  # costs milliseconds, and hardly any agent needs it

        os.write(complaints, traceback.format_exc().encode())
        status = 1
    finally:
        os._exit(status)


def _ignore(_number: int, _frame: "Any") -> None:
    """Leave an interrupt to the controller."""


def _moved(descriptor: int) -> int:
    """Return a copy of a descriptor above 2, closed on exec."""
    return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 3)
