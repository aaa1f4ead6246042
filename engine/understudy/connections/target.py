"""What a module gets on the target: how it is to run, and commands with bounded output.

A module is one file with `run(args, target) -> dict`. Runs on the target: standard library and
Python 3.6 only; this file travels with the agent.
"""

import os
import selectors
import signal
import subprocess
import tempfile
import time

OUTPUT_LIMIT = 32 << 20
"""Bytes kept of each output stream of a command; what is cut is told in a warning."""
GRACE_S = 1.0
"""How long the pipes of a command that has ended are still read: a background child may hold them."""
_CHUNK = 1 << 16


class ModuleFailed(Exception):
    """A module gives up: `result` is what it returns."""

    def __init__(self, msg, **more):
        super(ModuleFailed, self).__init__(msg)
        self.result = dict(more, failed=True, msg=msg)


class Completed(object):
    """A command that has ended. `stdout` and `stderr` are text; bytes beyond UTF-8 are escaped."""

    def __init__(self, rc, stdout, stderr):
        self.rc = rc
        self.stdout = stdout
        self.stderr = stderr


class Target(object):
    """The host that a module runs on, and how it is asked to run."""

    def __init__(self, check_mode=False, diff=False, verbosity=0, no_log=False, cwd=None):
        self.check_mode = check_mode
        self.diff = diff
        self.verbosity = verbosity
        self.no_log = no_log
        self.cwd = cwd
        self.warnings = []
        self._temporary = []

    def fail(self, msg, **more):
        """End the module with a failure; `more` are further keys of its result."""
        raise ModuleFailed(msg, **more)

    def warn(self, text):
        """Add a warning to the result."""
        self.warnings.append(text)

    def temporary(self, suffix="", directory=None):
        """Return the path of a new empty file that is removed when the module has ended."""
        handle, path = tempfile.mkstemp(prefix=".understudy-", suffix=suffix, dir=directory)
        os.close(handle)
        self._temporary.append(path)
        return path

    def clean_up(self):
        """Remove the temporary files that are still there."""
        for path in self._temporary:
            try:
                os.unlink(path)
            except OSError:
                pass

    def command(self, args, stdin=None, cwd=None, environment=None, executable=None, shell=False):
        """Run a program and return it Completed; raise OSError when it cannot be started.

        `args` is a list, or with `shell` a text. `stdin` is bytes. A background child that keeps
        the output open does not hold the command up for longer than GRACE_S.
        """
        process = subprocess.Popen(
            args,
            shell=shell,
            executable=executable,
            stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd or self.cwd,
            env=dict(os.environ, **environment) if environment else None,
        )
        streams = _read(process, stdin)
        for name, kept in zip(("stdout", "stderr"), streams):
            if kept.cut:
                text = "%s was cut after %d of %d bytes"
                self.warn(text % (name, OUTPUT_LIMIT, OUTPUT_LIMIT + kept.cut))
        return Completed(process.returncode, streams[0].text(), streams[1].text())


class _Stream(object):
    """The beginning of an output, and how many bytes of it were not kept."""

    def __init__(self):
        self.kept = bytearray()
        self.cut = 0

    def add(self, data):
        room = OUTPUT_LIMIT - len(self.kept)
        self.kept += data[:room]
        self.cut += max(0, len(data) - room)

    def text(self):
        return self.kept.decode("utf-8", "surrogateescape")


def _read(process, stdin):
    """Feed `stdin` and read both outputs until the process has ended and its pipes are closed."""
    streams = (_Stream(), _Stream())
    waker = _child_waker()
    selector = selectors.DefaultSelector()
    selector.register(waker, selectors.EVENT_READ, None)
    for pipe, stream in zip((process.stdout, process.stderr), streams):
        os.set_blocking(pipe.fileno(), False)
        selector.register(pipe, selectors.EVENT_READ, stream)
    pending = memoryview(stdin or b"")
    if process.stdin is not None:
        os.set_blocking(process.stdin.fileno(), False)
        selector.register(process.stdin, selectors.EVENT_WRITE, process.stdin)
    open_pipes, deadline = 2, None
    while open_pipes or process.poll() is None:
        if process.poll() is not None and deadline is None:
            deadline = time.time() + GRACE_S
        left = None if deadline is None else deadline - time.time()
        if left is not None and left <= 0:
            break
        for key, _ in selector.select(left):
            if key.data is None:
                _drain(waker)
            elif key.data is process.stdin:
                pending = _write(selector, process.stdin, pending)
            elif not _receive(key.fileobj, key.data):
                selector.unregister(key.fileobj)
                open_pipes -= 1
    selector.close()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
    return streams


def _receive(pipe, stream):
    """Read what there is; return False at the end of the stream."""
    try:
        data = os.read(pipe.fileno(), _CHUNK)
    except BlockingIOError:
        return True
    stream.add(data)
    return bool(data)


def _write(selector, pipe, pending):
    """Write what fits; close the pipe when everything is written or nobody reads."""
    try:
        pending = pending[os.write(pipe.fileno(), pending[:_CHUNK]) :]
    except BlockingIOError:
        return pending
    except BrokenPipeError:
        pending = pending[len(pending) :]
    if not len(pending):
        selector.unregister(pipe)
        pipe.close()
    return pending


def _drain(waker):
    try:
        while os.read(waker, 512):
            pass
    except BlockingIOError:
        pass


_waker = []


def _child_waker():
    """Return a descriptor that becomes readable when a child of this process ends."""
    if not _waker:
        reader, writer = os.pipe()
        os.set_blocking(reader, False)
        os.set_blocking(writer, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(writer)
        _waker.append(reader)
    return _waker[0]
