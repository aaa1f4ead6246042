"""Async jobs on the target: a supervisor that outlives the agent, and Ansible's job file.

The file holds exactly `started`, `finished` (false) and the id while the job runs, and is replaced
by the module's own result at the end; when the limit passed, by a record of that. It is always
written beside and renamed, so a reader never sees half of it. `<jid>.pid` beside it tells who
supervises, so that a supervisor that died is found out. Runs on the target: Python 3.6.
"""

import errno
import json
import os
import random
import select
import signal
import time

from understudy.connections import children

_UMASK = 0o022


class CannotStart(Exception):
    """The job file cannot be written."""


def launch(program, request, inherited):
    """Start a job; return the launch result and the descriptor that closes when the job has ended.

    Raises CannotStart. The supervisor has a session of its own and nothing of the agent's.
    """
    job = request["job"]
    directory = os.path.expanduser(job["async_dir"])
    jid = "j%d.%d" % (random.randint(0, 999999999999), os.getpid())
    path = os.path.join(directory, jid)
    _make_directory(directory)
    _write(path, {"started": True, "finished": False, "ansible_job_id": jid})
    reader, writer = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writer)
        return _launched(jid, path), reader
    try:
        os.close(reader)
        _supervise(program, request, path, writer, inherited)
    finally:
        os._exit(0)


def _launched(jid, path):
    return {
        "started": True,
        "finished": False,
        "ansible_job_id": jid,
        "results_file": path,
        "changed": True,
    }


def _make_directory(directory):
    try:
        os.makedirs(directory, 0o700)
    except OSError as error:
        if error.errno != errno.EEXIST:
            raise CannotStart("could not create directory %s: %s" % (directory, error.strerror))


def _supervise(program, request, path, writer, inherited):
    os.setsid()
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    for descriptor in inherited:
        os.close(descriptor)
    os.umask(_UMASK)
    _write_pid(path)
    pid, reader = children.start(program, request, (writer,))
    output = _output_until(reader, pid, time.time() + request["job"]["limit_s"])
    if output is None:
        children.kill(pid)
        os.waitpid(pid, 0)
        time.sleep(request["job"].get("record_delay_s", 0))
        _finish(path, {"msg": "Timeout exceeded", "failed": True, "child_pid": pid})
        return
    result = children.died(*output)
    result.pop("_module_s", None)
    _finish(path, result)


def _output_until(reader, pid, deadline):
    """Return the wait status and output of a child, or None when the deadline passed before."""
    chunks = []
    while True:
        left = deadline - time.time()
        if left <= 0:
            return None
        if select.select([reader], [], [], min(left, 0.5))[0]:
            data = os.read(reader, 1 << 16)
            if data:
                chunks.append(data)
                continue
            return os.waitpid(pid, 0)[1], b"".join(chunks)
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return status, b"".join(chunks)


def _finish(path, result):
    """Write the last content of a job file; if there is no room, at least say so."""
    try:
        _write(path, result)
    except CannotStart as error:
        short = {"failed": True, "msg": "the job's result could not be written: %s" % error}
        try:
            _write(path, short)
        except CannotStart:
            _remove(path)


def _write(path, content):
    beside = path + ".tmp"
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(json.dumps(content))
        os.rename(beside, path)
    except (OSError, IOError) as error:
        _remove(beside)
        raise CannotStart("could not write the job file %s: %s" % (path, error.strerror))


def _remove(path):
    try:
        os.unlink(path)
    except OSError:
        pass


def _write_pid(path):
    record = {"pid": os.getpid(), "start": start_time(os.getpid()), "boot": boot_id()}
    try:
        _write(path + ".pid", record)
    except CannotStart:
        pass


def start_time(pid):
    """Return when a process was started, in the kernel's ticks since boot, or None."""
    try:
        with open("/proc/%d/stat" % pid) as handle:
            return handle.read().rpartition(")")[2].split()[19]
    except (OSError, IOError, IndexError):
        return None


def boot_id():
    """Return what names this boot of the machine, or None."""
    try:
        with open("/proc/sys/kernel/random/boot_id") as handle:
            return handle.read().strip()
    except (OSError, IOError):
        return None


def supervisor_died(path):
    """Tell whether the job with this file was ours and its supervisor is gone without a result."""
    try:
        with open(path + ".pid") as handle:
            record = json.load(handle)
    except (OSError, IOError, ValueError):
        return False
    if record.get("boot") != boot_id():
        return True
    return record.get("start") != start_time(record.get("pid", 0))


def has_ended(path):
    """Tell whether a job file is there no more, or holds a result."""
    try:
        with open(path) as handle:
            content = json.load(handle)
    except ValueError:
        return False
    except (OSError, IOError):
        return True
    return not isinstance(content, dict) or "started" not in content or supervisor_died(path)
