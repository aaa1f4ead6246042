"""Module runs on the target: a forked child in a process group of its own, its result on a pipe.

The agent forks, so a module's source is compiled once and every run inherits it. What a module
prints goes to two further pipes and is told only when it dies: nothing of it can reach the agent's
own stream. The result is its length (8 bytes, big-endian) and JSON, so that it is known to be whole
although a daemon that the module left may hold the pipe. Runs on the target: Python 3.6.
"""

import json
import os
import signal
import struct
import sys
import time

from understudy.connections import commands
from understudy.connections.commands import encoded
from understudy.connections.live import Sink
from understudy.connections.target import ModuleFailed, Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import CodeType
    from typing import Any, NoReturn, Protocol

    from understudy.connections.base import JsonObject

    class Work(Protocol):
        """What a child is forked for."""

        def answer(self, request: JsonObject, sink: int) -> None:
            """Do it, and write the length (8 bytes) and the bytes of the answer."""


SECRET = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"  # noqa: S105 (stands for one)
PRINTED_LIMIT = 1 << 16
"""Bytes kept of what a module prints, for each of its two streams."""
VERBOSITY_OF_TRACES = 3
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_LENGTH = struct.Struct(">Q")
_CHUNK = 1 << 16


class Program:
    """A module's source, compiled on first use. `steps` and `blocks` are what `direct` needs."""

    def __init__(self, name: str, source: "str | bytes | CodeType") -> None:
        self.name = name
        self._source = source
        self._run = None  # type: Callable[[JsonObject, Target], Any] | None
        self.steps = None  # type: Any
        self.blocks = None  # type: Callable[[JsonObject], bool] | None

    def load(self) -> "Callable[[JsonObject, Target], Any]":
        """Return the module's `run`, so that later forks inherit it. What fails, fails again."""
        if self._run is None:
            namespace = {"__name__": "understudy.modules." + self.name}  # type: dict[str, Any]
            code = self._source
            if isinstance(code, (str, bytes)):
                code = compile(code, "<%s>" % self.name, "exec")
            exec(code, namespace)  # noqa: S102 (it is a module)
            self._run = namespace["run"]
            self.steps, self.blocks = namespace.get("steps"), namespace.get("blocks")
        return self._run

    def answer(self, request: "JsonObject", sink: int) -> None:
        """Run the module and write its reply."""
        started = time.monotonic()
        result = run(self, request)
        write_answer(sink, encoded_reply(result, time.monotonic() - started))


class Child:
    """A module that runs: its process, and what its pipes have given so far.

    `pipes` are the descriptors that are still open; `status` is the wait status once it has ended.
    """

    def __init__(self, pid: int, result: int, stdout: int, stderr: int) -> None:
        self.pid = pid
        self.status = None  # type: int | None
        self.result = result
        self._received = {descriptor: bytearray() for descriptor in (result, stdout, stderr)}
        self._printed = (stdout, stderr)
        self.pipes = set(self._received)
        self._missing = None  # type: int | None
        for descriptor in self.pipes:
            os.set_blocking(descriptor, False)

    def receive(self, descriptor: int) -> bool:
        """Read what a pipe has now; return False at its end, which closes it."""
        try:
            data = os.read(descriptor, _CHUNK)
        except BlockingIOError:
            return True
        if not data:
            self._close(descriptor)
            return False
        kept = self._received[descriptor]
        if descriptor == self.result:
            kept += data
            self._measure()
        else:
            kept += data[: PRINTED_LIMIT - len(kept)]
        return True

    def _measure(self) -> None:
        kept = self._received[self.result]
        if self._missing is None and len(kept) >= _LENGTH.size:
            self._missing = _LENGTH.unpack_from(kept)[0]
            del kept[: _LENGTH.size]

    def take(self) -> bytes:
        """Hand over the part of the result that has come so far."""
        part = bytes(self._received[self.result])
        if self._missing is not None:
            self._missing -= len(part)
            del self._received[self.result][:]
            return part
        return b""

    def waiting(self) -> int:
        """Return how many bytes of the result have come and were not taken."""
        return len(self._received[self.result])

    def finish(self) -> bool:
        """Read what an ended child left in its pipes; return whether its result is whole."""
        for descriptor in tuple(self.pipes):
            before = -1
            while descriptor in self.pipes and len(self._received[descriptor]) != before:
                before = len(self._received[descriptor])
                self.receive(descriptor)
        for descriptor in tuple(self.pipes):
            self._close(descriptor)
        return self._missing == self.waiting()

    def reap(self) -> bool:
        """Take note of the end of the process, if it has ended; return whether it has."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if pid:
            self.status = status
        return bool(pid)

    def reply(self) -> "JsonObject":
        """Return the whole reply of a child that has finished: `result` and `module_s`."""
        return json.loads(self.take().decode("ascii"))  # type: ignore[no-any-return]

    def _close(self, descriptor: int) -> None:
        os.close(descriptor)
        self.pipes.discard(descriptor)

    def printed(self) -> "tuple[str, str]":
        """Return what the module wrote to its standard output and standard error."""
        texts = [self._received[one].decode("utf-8", "replace") for one in self._printed]
        return texts[0], texts[1]

    def why_dead(self) -> str:
        """Tell how a child ended that left no whole result."""
        status = self.status or 0
        if os.WIFSIGNALED(status):
            number = os.WTERMSIG(status)
            return "the module was killed by signal %d before it returned a result" % number
        code = os.WEXITSTATUS(status)
        return "the module exited with status %d without returning a result" % code

    def post_mortem(self) -> "JsonObject":
        """Return the result of a child that left none, under the keys that Ansible uses."""
        status = self.status or 0
        stdout, stderr = self.printed()
        return {
            "failed": True,
            "changed": False,
            "msg": self.why_dead(),
            "module_stdout": stdout,
            "module_stderr": stderr,
            "rc": exit_code(status),
        }


class Signals:
    """What signals did before the agent took them: a child gets that back."""

    def __init__(self) -> None:
        self._before = [(number, signal.getsignal(number)) for number in _SIGNALS]

    @property
    def all_default(self) -> bool:
        """Whether a program that is started anew gets the same without our help."""
        return all(handler is not signal.SIG_IGN for _, handler in self._before)

    def restore(self) -> None:
        """Put every handler back, and let no signal wake a loop of the parent."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number, handler in self._before:
            signal.signal(number, signal.SIG_DFL if handler is None else handler)


def start(
    work: "Work",
    request: "JsonObject",
    inherited: "Iterable[int]",
    signals: Signals,
    live: "int | None" = None,
) -> Child:
    """Fork a child that does the work, most often a module; raise OSError if it cannot be forked.

    `inherited` are descriptors of the parent that the child must not keep. `live` is where
    it passes on what its command writes.
    """
    pipes = _pipes(3)
    try:
        pid = os.fork()
    except OSError:
        _close_all(pipes)
        raise
    if not pid:
        commands.live = None if live is None else Sink(live)
        _be_child(work, request, inherited, signals, pipes)
    for _, writer in pipes:
        os.close(writer)
    return Child(pid, *(reader for reader, _ in pipes))


def _pipes(count: int) -> "list[tuple[int, int]]":
    pipes = []  # type: list[tuple[int, int]]
    try:
        while len(pipes) < count:
            pipes.append(os.pipe())
    except OSError:
        _close_all(pipes)
        raise
    return pipes


def _close_all(pipes: "list[tuple[int, int]]") -> None:
    for pair in pipes:
        for descriptor in pair:
            os.close(descriptor)


def _be_child(
    work: "Work",
    request: "JsonObject",
    inherited: "Iterable[int]",
    signals: Signals,
    pipes: "list[tuple[int, int]]",
) -> "NoReturn":
    """Do the work and leave, without the agent's descriptors, handlers and clean-up."""
    status = 1
    try:
        os.setpgid(0, 0)
        signals.restore()
        for descriptor in (*inherited, *(reader for reader, _ in pipes)):
            os.close(descriptor)
        for standard, (_, writer) in zip((1, 2), pipes[1:]):
            os.dup2(writer, standard)
        writer = pipes[0][1]
        work.answer(request, writer)
        status = 0
    except SystemExit as left:
        status = left.code if isinstance(left.code, int) else int(left.code is not None)
    except BaseException:
        import traceback  # costs milliseconds, and hardly any child needs it

        traceback.print_exc()
    finally:
        _flush()
        os._exit(status & 0xFF)


def _flush() -> None:
    """Write out what the module printed: `os._exit` would lose it."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            pass


def encoded_reply(result: "JsonObject", module_s: float) -> bytes:
    """Return the JSON of what a run gave, or of why it cannot be told."""
    try:
        text = json.dumps({"result": result, "module_s": module_s})
    except (TypeError, ValueError, RecursionError) as error:
        text = json.dumps({"result": failure("its result is not JSON: %s" % error)})
    return text.encode("ascii")


def run(program: Program, request: "JsonObject") -> "JsonObject":
    """Run a module in this process and return its result; lets SystemExit through."""
    target = target_of(request)
    try:
        _enter(request)
        return told(_returned(program, dict(request["args"]), target), request, target.warnings)
    except Exception as error:
        return failure(str(error) or type(error).__name__, _trace_for(target))
    finally:
        target.clean_up()


def _trace_for(target: Target) -> str:
    if target.verbosity < VERBOSITY_OF_TRACES:
        return ""
    import traceback

    return traceback.format_exc()


def target_of(request: "JsonObject") -> Target:
    """Return what a module gets for a request."""
    return Target(
        check_mode=request.get("check_mode", False),
        diff=request.get("diff", False),
        verbosity=request.get("verbosity", 0),
        no_log=request.get("no_log", False),
        cwd=directory_of(request),
    )


def _returned(program: Program, args: "JsonObject", target: Target) -> "Any":
    try:
        return program.load()(args, target)
    except ModuleFailed as failed:
        return failed.result
    except (OSError, ValueError) as error:
        result = target.told_of_start(error)
        if result is None:
            raise
        return result


def directory_of(request: "JsonObject") -> "str | None":
    """Return where commands run: elsewhere if this user may not be there, as in Ansible."""
    wanted = request.get("cwd")
    if not wanted:
        return None
    places = (wanted, os.path.expanduser("~"), os.environ.get("TMPDIR", "/tmp"))  # noqa: S108
    usable = (one for one in places if os.access(encoded(one), os.R_OK | os.X_OK))
    return next(usable, None)


def _enter(request: "JsonObject") -> None:
    """Go to the task's directory and take over its environment."""
    for name, value in (request.get("environment") or {}).items():
        os.environb[encoded(name)] = encoded(value)
    cwd = directory_of(request)
    if cwd:
        os.chdir(encoded(cwd))
    if request.get("open_files"):
        _limit_open_files(request["open_files"])


def _limit_open_files(wanted: int) -> None:
    """Set how many files this process may have open, at most what the host allows."""
    import resource

    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def told(result: "Any", request: "JsonObject", warnings: "list[str]") -> "JsonObject":
    """Return a module's result with its warnings and the arguments that it was called with."""
    if not isinstance(result, dict):
        return failure("it returned %s, not a dict" % type(result).__name__)
    is_job = bool(request.get("job"))
    broken = None if is_job else _not_utf8(result)
    if broken is not None:
        return {"failed": True, "changed": False, "msg": "Task failed: %s" % broken}
    if warnings:
        said = result.get("warnings") or []
        result["warnings"] = (said if isinstance(said, list) else [said]) + warnings
    if not (is_job and request.get("no_log")):
        result.setdefault("invocation", {"module_args": _shown(request)})
    if result.get("invocation") is None:
        result.pop("invocation", None)
    return result


def _shown(request: "JsonObject") -> "JsonObject":
    hidden = request.get("secret_args") or ()
    args = request["args"]
    return {name: SECRET if name in hidden else _without_password(args[name]) for name in args}


def _without_password(value: "Any") -> "Any":
    """Return an argument as it is shown: the password of a URL is hidden."""
    if isinstance(value, list):
        return [_without_password(one) for one in value]
    if isinstance(value, dict):
        return {name: _without_password(one) for name, one in value.items()}
    if not isinstance(value, str) or "://" not in value or "@" not in value:
        return value
    import re  # few agents need it

    return re.sub(r"(\w+://[^/@\s:']*:)[^/\s']+(@)", r"\1********\2", value)


def _not_utf8(value: "Any") -> "str | None":
    """Tell of the first text in a result that is no UTF-8: Ansible refuses the whole result."""
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            return "Refusing to deserialize an invalid UTF8 string value: %s" % error
        return None
    if isinstance(value, dict):
        value = list(value) + list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            broken = _not_utf8(item)
            if broken is not None:
                return broken
    return None


def failure(why: str, trace: str = "") -> "JsonObject":
    """Return the result of a module that broke."""
    result = {"failed": True, "changed": False, "msg": "Task failed: Module failed: %s" % why}
    if trace:
        result["exception"] = trace
    return result


def exit_code(status: int) -> int:
    """Return how a process ended, as a shell tells it."""
    return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def kill(pid: int) -> None:
    """Kill a child's process group, or the child where it has none yet."""
    for killer in (os.killpg, os.kill):
        try:
            killer(pid, signal.SIGKILL)
        except OSError:
            continue
        return


def write_answer(descriptor: int, data: bytes) -> None:
    """Write the length and the bytes of an answer."""
    view = memoryview(_LENGTH.pack(len(data)) + data)
    while view:
        view = view[os.write(descriptor, view[: 1 << 20]) :]
