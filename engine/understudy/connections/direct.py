"""A module that is one program: the agent starts it itself, with no child in between.

Forking a Python costs several times what starting a program costs, and `command` and `shell` are
most of what playbooks do. Such a module has a generator `steps(args, target)`: it yields the
program that is to run, is sent how that ended, and returns the result. Where deciding could block,
or wants an environment of its own, a child runs it after all. Runs on the target: Python 3.6.
"""

import os
import subprocess
import time
from datetime import datetime

from understudy.connections.children import (
    Program,
    encoded_reply,
    failure,
    target_of,
    told,
    write_answer,
)
from understudy.connections.commands import Completed, Stream
from understudy.connections.target import ModuleFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import IO

    from understudy.connections.base import JsonObject
    from understudy.connections.commands import Call

    Steps = Generator[Call, Completed, JsonObject]

_CHUNK = 1 << 16
_LONG = 1 << 20
"""Bytes of output above which a reply is not made in the agent: others would wait for it."""


class Direct:
    """A program that runs for a module: its process, and what its pipes have given so far.

    It has the face of `children.Child`.
    """

    result = None

    def __init__(self, request: "JsonObject", program: Program) -> None:
        self.status = None  # type: int | None
        self.pipes = set()  # type: set[int]
        self.pid = 0
        self.tell = None  # type: Callable[[str, bytes], None] | None
        self._request = request
        self._started_s = time.monotonic()
        self._target = target_of(request)
        self._steps = program.steps(dict(request["args"]), self._target)  # type: Steps
        self._files: "dict[int, IO[bytes]]" = {}
        self._streams = {}  # type: dict[int, Stream]

    def begin(self) -> "bytes | None":
        """Start the program; return the reply at once when there is nothing to start."""
        return self._advanced(lambda: next(self._steps))

    def _advanced(self, step: "Callable[[], Call]") -> "bytes | None":
        """Let the module decide what comes next; return the reply when it is done."""
        try:
            while True:
                call = step()
                try:
                    self._start(call)
                except (OSError, ValueError) as error:
                    step = _thrower(self._steps, error)
                else:
                    return None
        except StopIteration as done:
            return self._reply(done.value)
        except ModuleFailed as failed:
            return self._reply(failed.result)
        except Exception as error:
            return self._reply(failure(str(error) or type(error).__name__))

    def _start(self, call: "Call") -> None:
        self._start_time = datetime.now()  # noqa: DTZ005 (Ansible tells the local time)
        process = subprocess.Popen(
            stdin=subprocess.DEVNULL, start_new_session=True, **call.popen_arguments()
        )
        self.pid = process.pid
        process.returncode = 0  # the agent itself takes note of its end
        for pipe in (process.stdout, process.stderr):
            if pipe is None:
                raise AssertionError
            os.set_blocking(pipe.fileno(), False)
            self._files[pipe.fileno()] = pipe
            self._streams[pipe.fileno()] = Stream()
        self.pipes.update(self._files)

    def receive(self, descriptor: int) -> bool:
        """Read what a pipe has now; return False at its end, which closes it."""
        try:
            data = os.read(descriptor, _CHUNK)
        except BlockingIOError:
            return True
        if not data:
            self._close(descriptor)
            return False
        self._streams[descriptor].add(data)
        if self.tell is not None:
            is_output = descriptor == min(self._streams)
            self.tell("stdout" if is_output else "stderr", data)
        return True

    def read_out(self) -> None:
        """Read all that an ended program has left in its pipes."""
        for descriptor in tuple(self.pipes):
            before = -1
            while descriptor in self.pipes and self._streams[descriptor].size != before:
                before = self._streams[descriptor].size
                self.receive(descriptor)

    def _close(self, descriptor: int) -> None:
        self._files[descriptor].close()
        self.pipes.discard(descriptor)

    def close(self) -> None:
        """Close the pipes that are still open."""
        for descriptor in tuple(self.pipes):
            self._close(descriptor)

    @property
    def is_long(self) -> bool:
        """Whether there is so much output that a child has to make the reply of it."""
        return sum(stream.size for stream in self._streams.values()) > _LONG

    def answer(self, _request: "JsonObject", sink: int) -> None:
        """Write the reply, as work of a child."""
        write_answer(sink, self.reply())

    def reply(self) -> bytes:
        """Return the reply of a program that has ended."""
        stdout, stderr = self._streams.values()
        completed = Completed(_code(self.status or 0), stdout, stderr, self._start_time)
        self._target.note_cuts(completed)
        reply = self._advanced(lambda: self._steps.send(completed))
        return reply if reply is not None else self._reply(failure("it starts a second program"))

    def _reply(self, result: "JsonObject") -> bytes:
        shown = told(result, self._request, self._target.warnings)
        return encoded_reply(shown, time.monotonic() - self._started_s)


def _thrower(steps: "Steps", error: Exception) -> "Callable[[], Call]":
    """Return what lets a module know that its program cannot be started."""
    return lambda: steps.throw(error)


def _code(status: int) -> int:
    """Return how a program ended, as `subprocess` tells it: a signal is negative."""
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
