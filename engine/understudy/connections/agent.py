"""The agent: the one process of a controller on a target. It forks modules and supervises nothing.

One `selectors` loop in one thread: it forks, so there must be no second one. It takes messages on
its input, starts children, and sends results as they end. At the end of its input it kills what is
attached to it and leaves; jobs live on. Runs on the target: standard library and Python 3.6 only.
"""

import fcntl
import os
import platform
import selectors
import signal
import tempfile
import time

from understudy.connections import children, frames, jobs

GRACE_S = 1.0
"""How long the pipe of a module that has ended is still read."""
LOOK_S = 0.2
"""How often the files of awaited jobs are looked at that are not this agent's own."""
_CHUNK = 1 << 16


class Run(object):
    """A module that runs: its child, and what its pipe has given so far."""

    def __init__(self, number, pid, reader):
        self.number = number
        self.pid = pid
        self.reader = reader
        self.output = []
        self.status = None
        self.deadline = None


class Agent(object):
    """Serves one controller over two descriptors."""

    def __init__(self, source, sink):
        self._source = source
        self._sink = sink
        self._decoder = frames.Decoder()
        self._outgoing = bytearray()
        self._selector = selectors.DefaultSelector()
        self._programs = {}
        self._runs = {}
        self._uploads = {}
        self._jobs = {}
        self._awaited = set()
        self._serving = True

    def serve(self):
        """Serve until the input ends."""
        os.set_blocking(self._sink, False)
        waker = self._wake_on_child()
        self._selector.register(self._source, selectors.EVENT_READ, self._receive)
        self._selector.register(waker, selectors.EVENT_READ, lambda: self._reap(waker))
        self._send({"type": "hello", "python": platform.python_version(), "pid": os.getpid()})
        while self._serving:
            for key, _ in self._selector.select(self._patience()):
                key.data()
            self._look_after()
        for run in list(self._runs.values()):
            children.kill(run.pid)

    def _wake_on_child(self):
        reader, writer = os.pipe()
        os.set_blocking(reader, False)
        os.set_blocking(writer, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(writer)
        self._waker = (reader, writer)
        return reader

    def _patience(self):
        """Return how long to wait for something to happen, in seconds; None is for ever."""
        deadlines = [run.deadline for run in self._runs.values() if run.deadline is not None]
        foreign = self._awaited.difference(self._jobs.values())
        if foreign:
            deadlines.append(time.time() + LOOK_S)
        return max(0, min(deadlines) - time.time()) if deadlines else None

    def _receive(self):
        try:
            data = os.read(self._source, _CHUNK)
        except OSError:
            data = b""
        if not data:
            self._serving = False
            return
        for header, payload in self._decoder.feed(data):
            getattr(self, "_on_" + header["type"])(header, payload)

    def _on_module(self, header, payload):
        program = children.Program(header["name"], payload.decode("utf-8"))
        self._programs[header["hash"]] = program
        try:
            program.load()
        except BaseException:
            return  # the child that runs it fails in the same way, and tells

    def _on_run(self, header, _):
        pid, reader = children.start(
            self._programs[header["module"]], header, self._descriptors()
        )
        run = Run(header["id"], pid, reader)
        self._runs[pid] = run
        self._selector.register(reader, selectors.EVENT_READ, lambda: self._read(run))

    def _on_job(self, header, _):
        program = self._programs[header["module"]]
        try:
            result, reader = jobs.launch(program, header, self._descriptors())
        except (jobs.CannotStart, OSError) as error:
            result = {"failed": True, "changed": False, "msg": str(error)}
        else:
            self._jobs[reader] = result["results_file"]
            self._selector.register(
                reader, selectors.EVENT_READ, lambda: self._job_ended(reader)
            )
        self._send({"type": "result", "id": header["id"], "result": result})

    def _on_cancel(self, header, _):
        for run in self._runs.values():
            if run.number == header["id"]:
                children.kill(run.pid)

    def _on_await(self, header, _):
        path = header["file"]
        if path not in self._jobs.values() and jobs.has_ended(path):
            self._tell_end(path)
        else:
            self._awaited.add(path)

    def _on_put(self, header, payload):
        number = header["id"]
        try:
            if number not in self._uploads:
                self._uploads[number] = tempfile.mkstemp(prefix=".understudy-upload-")
            handle, path = self._uploads[number]
            view = memoryview(payload)
            while len(view):
                view = view[os.write(handle, view) :]
            if not header.get("last"):
                return
            os.close(handle)
            result = {"path": path}
        except OSError as error:
            result = {"failed": True, "msg": "cannot store a file: %s" % error.strerror}
        self._uploads.pop(number, None)
        self._send({"type": "result", "id": number, "result": result})

    def _descriptors(self):
        """Return what a child must not keep of this process."""
        own = [self._source, self._sink, self._selector.fileno()]
        own += self._waker
        own += [run.reader for run in self._runs.values() if run.reader is not None]
        return own + list(self._jobs) + [handle for handle, _ in self._uploads.values()]

    def _read(self, run):
        try:
            data = os.read(run.reader, _CHUNK)
        except BlockingIOError:
            return
        if data:
            run.output.append(data)
            return
        self._forget_pipe(run)
        if run.status is not None:
            self._conclude(run)

    def _forget_pipe(self, run):
        self._selector.unregister(run.reader)
        os.close(run.reader)
        run.reader = None

    def _reap(self, waker):
        try:
            while os.read(waker, 512):
                pass
        except BlockingIOError:
            pass
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            run = self._runs.get(pid)
            if run is not None:
                run.status = status
                run.deadline = time.time() + GRACE_S
                if run.reader is None:
                    self._conclude(run)

    def _conclude(self, run):
        del self._runs[run.pid]
        result = children.died(run.status, b"".join(run.output))
        seconds = result.pop("_module_s", 0.0)
        self._send({"type": "result", "id": run.number, "result": result, "module_s": seconds})

    def _job_ended(self, reader):
        """Take note of the end of a job: its supervisor has gone, and with it its end of the pipe."""
        self._selector.unregister(reader)
        os.close(reader)
        self._tell_end(self._jobs.pop(reader))

    def _tell_end(self, path):
        self._awaited.discard(path)
        self._send({"type": "ended", "file": path})

    def _look_after(self):
        now = time.time()
        for run in list(self._runs.values()):
            if run.deadline is not None and run.deadline <= now:
                if run.reader is not None:
                    self._forget_pipe(run)
                self._conclude(run)
        for path in self._awaited.difference(self._jobs.values()):
            if jobs.has_ended(path):
                self._tell_end(path)

    def _send(self, header, payload=b""):
        idle = not self._outgoing
        self._outgoing += frames.encode(header, payload)
        if idle:
            self._flush()

    def _flush(self):
        """Write what the controller takes now, and the rest when it can take more."""
        try:
            while self._outgoing:
                written = os.write(self._sink, self._outgoing[: 1 << 18])
                del self._outgoing[:written]
        except BlockingIOError:
            self._write_later()
            return
        except OSError:
            self._serving = False
            return
        if self._sink in self._selector.get_map():
            self._selector.unregister(self._sink)

    def _write_later(self):
        if self._sink not in self._selector.get_map():
            self._selector.register(self._sink, selectors.EVENT_WRITE, self._flush)


def main():
    """Move the controller's stream away from 0 and 1, and serve it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    source, sink = (_moved(descriptor) for descriptor in (0, 1))
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)
    Agent(source, sink).serve()


def _moved(descriptor):
    """Return a copy of a descriptor above 2, closed on exec."""
    return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 3)
