"""One program on the target, from its start to its end, with its output kept within bounds.

Runs on the target: standard library and Python 3.6 only.
"""

import os
import selectors
import subprocess
import time
from datetime import datetime

from understudy.connections.waker import Waker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import IO, Any

    from understudy.connections.live import Sink


OUTPUT_LIMIT = 32 << 20
"""Bytes kept of each output stream of a program; the rest is read, counted and let go."""
live: "Sink | None" = None
"""Where this process passes on what its commands write, if somebody wants to see it."""
GRACE_S = 1.0
"""How long the pipes of an ended program are still read: a background child may hold them."""
_CHUNK = 1 << 16


class Completed:
    """A program that has ended. Bytes of its output that are not UTF-8 are surrogate escapes."""

    def __init__(self, rc: int, stdout: "Stream", stderr: "Stream", start: datetime) -> None:
        self.rc = rc
        self.stdout = stdout.text()
        self.stderr = stderr.text()
        self.cut = {"stdout": stdout.cut, "stderr": stderr.cut}
        self.start = start
        self.end = datetime.now()  # noqa: DTZ005 (Ansible tells the local time)


class Stream:
    """The beginning of an output, and how many bytes of it were not kept."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self.cut = 0

    def add(self, data: bytes) -> None:
        """Take what was read."""
        room = OUTPUT_LIMIT - len(self._kept)
        self._kept += data[:room]
        self.cut += max(0, len(data) - room)

    @property
    def size(self) -> int:
        """How many bytes came."""
        return len(self._kept) + self.cut

    def text(self) -> str:
        """Return what was kept, without half a character at a cut."""
        if self.cut:
            return self._kept.decode("utf-8", "surrogateescape").rstrip(_HALVES)
        return self._kept.decode("utf-8", "surrogateescape")


_HALVES = "".join(chr(0xDC00 + byte) for byte in range(0x80, 0x100))


def encoded(text: "str | bytes") -> bytes:
    """Return a text as the kernel gets it, whatever the locale of this process."""
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")


class Call:
    """A program to be run: a list is a program and its arguments, a text goes to a shell."""

    def __init__(
        self,
        args: "Sequence[str] | str",
        stdin: "bytes | None" = None,
        cwd: "str | None" = None,
        environment: "Mapping[str, str] | None" = None,
        executable: "str | None" = None,
    ) -> None:
        self.args = args
        self.stdin = stdin
        self.cwd = cwd
        self.environment = environment
        self.executable = executable

    def popen_arguments(self) -> "dict[str, Any]":
        """Return what starts it with pipes for its output, as `subprocess.Popen` takes it."""
        args, executable = self.args, self.executable
        return {
            "args": encoded(args) if isinstance(args, str) else [encoded(word) for word in args],
            "shell": isinstance(args, str),
            "executable": executable and encoded(executable),
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "cwd": self.cwd and encoded(self.cwd),
            "env": _environment(self.environment),
        }


def run_command(call: Call) -> Completed:
    """Run a program to its end; raise OSError when it cannot be started.

    A background child that keeps the output open does not hold the program up for longer than
    GRACE_S; it lives on.
    """
    waker = Waker()
    start = datetime.now()  # noqa: DTZ005 (Ansible tells the local time)
    try:
        stdin = subprocess.DEVNULL if call.stdin is None else subprocess.PIPE
        process = subprocess.Popen(stdin=stdin, **call.popen_arguments())
        stdout, stderr = _Exchange(process, call.stdin or b"", waker).finish()
    finally:
        waker.close()
    return Completed(process.returncode, stdout, stderr, start)


def _environment(more: "Mapping[str, str] | None") -> "dict[bytes, bytes] | None":
    if not more:
        return None
    added = {encoded(name): encoded(value) for name, value in more.items()}
    merged = dict(os.environb)
    merged.update(added)
    return merged


class _Exchange:
    """A running program and its pipes, which are all served at once."""

    def __init__(self, process: "subprocess.Popen[bytes]", stdin: bytes, waker: Waker) -> None:
        self._process = process
        self._pending = memoryview(stdin)
        self._waker = waker
        self._selector = selectors.DefaultSelector()
        self._open = 0
        self._deadline = None  # type: float | None

    def finish(self) -> "list[Stream]":
        """Return both outputs when the program has ended and its pipes are closed, or overdue."""
        self._selector.register(self._waker.descriptor, selectors.EVENT_READ, self._waker.drain)
        pipes = (self._process.stdout, self._process.stderr)
        kinds = (b"o", b"e")
        outputs = [self._listen(pipe, kind) for pipe, kind in zip(pipes, kinds) if pipe is not None]
        self._talk()
        while self._is_going():
            for key, _ in self._selector.select(self._patience()):
                key.data()
        self._selector.close()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
        return outputs

    def _is_going(self) -> bool:
        if self._process.poll() is None:
            return True
        if self._deadline is None:
            self._deadline = time.monotonic() + GRACE_S
        return self._open > 0 and time.monotonic() < self._deadline

    def _patience(self) -> "float | None":
        return None if self._deadline is None else max(0, self._deadline - time.monotonic())

    def _listen(self, pipe: "IO[bytes]", kind: bytes) -> Stream:
        stream = Stream()
        os.set_blocking(pipe.fileno(), False)
        self._selector.register(
            pipe, selectors.EVENT_READ, lambda: self._receive(pipe, stream, kind)
        )
        self._open += 1
        return stream

    def _receive(self, pipe: "IO[bytes]", stream: Stream, kind: bytes) -> None:
        try:
            data = os.read(pipe.fileno(), _CHUNK)
        except BlockingIOError:
            return
        stream.add(data)
        if live is not None:
            live.write(kind, data)
        if not data:
            self._selector.unregister(pipe)
            self._open -= 1

    def _talk(self) -> None:
        pipe = self._process.stdin
        if pipe is not None:
            os.set_blocking(pipe.fileno(), False)
            self._selector.register(pipe, selectors.EVENT_WRITE, lambda: self._send(pipe))

    def _send(self, pipe: "IO[bytes]") -> None:
        """Write what fits; close the pipe when everything is written or nobody reads."""
        try:
            self._pending = self._pending[os.write(pipe.fileno(), self._pending[:_CHUNK]) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._pending = self._pending[:0]
        if not len(self._pending):
            self._selector.unregister(pipe)
            pipe.close()
