"""A job's supervisor: a process that outlives the agent, enforces the limit, and writes the end.

It has a session of its own; the module it forks has a process group of its own inside. Runs on the
target: standard library and Python 3.6 only.
"""

import os
import selectors
import signal
import time

from understudy.connections import children, jobs
from understudy.connections.transfers import remove_directories
from understudy.connections.waker import Waker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import NoReturn

    from understudy.connections.base import JsonObject

_UMASK = 0o022
_LONGEST_S = 86400.0
"""The longest single wait: the system's calls take no more than 24 days."""


def launch(
    program: children.Program,
    request: "JsonObject",
    inherited: "Iterable[int]",
    signals: children.Signals,
    live: "int | None" = None,
) -> "tuple[JsonObject, int]":
    """Start a job; return the launch result and a descriptor that reads as ended when the job has.

    Raises jobs.CannotStart.
    """
    directory = jobs.expand(request["job"]["async_dir"], request.get("environment") or {})
    jid, path = jobs.create(directory)
    try:
        reader = _fork(program, request, path, inherited, signals, live)
    except OSError as error:
        jobs.remove(path)
        raise jobs.CannotStart("could not start the job: %s" % error.strerror) from error
    launched: "JsonObject" = {
        "started": True,
        "finished": False,
        "ansible_job_id": jid,
        "results_file": path,
    }
    from understudy.connections import logout  # few agents launch a job

    doomed = logout.warning()
    if doomed is not None:
        launched["warnings"] = [doomed]
    return dict(launched, changed=True), reader


def _fork(
    program: children.Program,
    request: "JsonObject",
    path: str,
    inherited: "Iterable[int]",
    signals: children.Signals,
    live: "int | None",
) -> int:
    """Fork the supervisor; return when it has signed the job, so that nobody takes it for dead."""
    reader, writer = os.pipe()
    try:
        pid = os.fork()
    except OSError:
        os.close(reader)
        os.close(writer)
        raise
    if not pid:
        _be_supervisor(program, request, path, (*inherited, reader), writer, signals, live)
    os.close(writer)
    os.read(reader, 1)
    return reader


def _be_supervisor(
    program: children.Program,
    request: "JsonObject",
    path: str,
    inherited: "Iterable[int]",
    writer: int,
    signals: children.Signals,
    live: "int | None",
) -> "NoReturn":
    """Supervise a job and leave; the agent learns of that by the end of `writer`."""
    try:
        os.setsid()
        os.umask(_UMASK)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        for descriptor in inherited:
            os.close(descriptor)
        jobs.sign(path)
        os.write(writer, b"!")
        try:
            result = _supervised(program, request, writer, signals, live)
        finally:  # what was put there for the job is gone before its end is known
            remove_directories(os.path.dirname(one) for one in request["job"].get("files") or ())
        jobs.finish(path, result)
    except Exception:
        import traceback  # costs milliseconds, and hardly any supervisor needs it

        jobs.finish(path, children.failure("its supervisor failed", traceback.format_exc()))
    finally:
        os._exit(0)


def _supervised(
    program: children.Program,
    request: "JsonObject",
    writer: int,
    signals: children.Signals,
    live: "int | None",
) -> "JsonObject":
    """Run the module and return what its job file is to say at the end."""
    waker = Waker()
    child = children.start(program, request, (*waker.descriptors(), writer), signals, live)
    job = request["job"]
    if not _ended_by(child, waker, time.monotonic() + job["limit_s"]):
        children.kill(child.pid)
        os.waitpid(child.pid, 0)
        time.sleep(job.get("record_delay_s", 0))
        return {"msg": "Timeout exceeded", "failed": True, "child_pid": child.pid}
    whole = child.finish()
    stdout, stderr = child.printed()
    if whole:
        result = dict(child.reply()["result"])
        return dict(result, stderr=stderr) if stderr else result
    return {
        "failed": True,
        "cmd": program.name,
        "data": stdout,
        "stderr": stderr,
        "msg": child.why_dead(),
    }


def _ended_by(child: children.Child, waker: Waker, deadline: float) -> bool:
    """Read what the module gives until it ends; return False when the deadline comes first."""
    selector = selectors.DefaultSelector()
    selector.register(waker.descriptor, selectors.EVENT_READ)
    for pipe in child.pipes:
        selector.register(pipe, selectors.EVENT_READ)
    while time.monotonic() < deadline:
        left = min(_LONGEST_S, deadline - time.monotonic())
        for key, _ in selector.select(max(0, left)):
            if key.fd == waker.descriptor:
                waker.drain()
            elif not child.receive(key.fd):
                selector.unregister(key.fd)
        if child.reap():
            return True
    return child.reap()
