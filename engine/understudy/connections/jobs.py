"""Job files on the target, in Ansible's place and form: what a job is known by to either.

A file holds exactly `started`, `finished` (false) and the id while the job runs, and is replaced by
the module's own result at the end; when the limit passed, by a record of that. It is written beside
and renamed, so a reader never sees half of it. While the job runs, `<jid>.pid` beside it tells who
supervises it, so that a supervisor that died is found out. Runs on the target: Python 3.6.
"""

import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from understudy.connections.base import JsonObject


class CannotStart(Exception):  # noqa: N818 (names what happened)
    """A job cannot be started."""


def create(directory: str) -> "tuple[str, str]":
    """Write the file of a job that starts now; return its id and path. Raises CannotStart.

    The id is Ansible's: a random number and the id of the process that launches.
    """
    try:
        os.makedirs(directory, 0o700, exist_ok=True)
    except OSError as error:
        raise CannotStart("could not create directory: %s - %s" % (directory, error)) from error
    number = int.from_bytes(os.urandom(8), "big") % 999999999999
    jid = "j%d.%d" % (number, os.getpid())
    path = os.path.join(directory, jid)
    try:
        write(path, {"started": True, "finished": False, "ansible_job_id": jid})
    except OSError as error:
        raise CannotStart("could not write the job file %s: %s" % (path, error.strerror)) from error
    return jid, path


def expand(directory: str, environment: "Mapping[str, str]") -> str:
    """Return the absolute directory of job files; `~` is the task's own `HOME`."""
    home = environment.get("HOME")
    if home and (directory == "~" or directory.startswith("~/")):
        directory = home + directory[1:]
    return os.path.abspath(os.path.expanduser(directory))


def write(path: str, content: "JsonObject") -> None:
    """Replace a job file in one step; raise OSError and leave no trace when there is no room."""
    beside = path + ".tmp"
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(json.dumps(content))
        os.rename(beside, path)
    except OSError:
        remove(beside)
        raise


def finish(path: str, content: "JsonObject") -> None:
    """Write the last content of a job file, or at least why it cannot be written.

    On a full disk there is no room beside it, but the file itself has a block of its own.
    """
    try:
        write(path, content)
    except OSError as error:
        msg = "the job's result could not be written to %s: %s" % (path, error.strerror)
        _write_over(path, {"failed": True, "changed": False, "msg": msg})
    remove(supervisor_file(path))


def _write_over(path: str, content: "JsonObject") -> None:
    try:
        with open(path, "w") as handle:
            handle.write(json.dumps(content))
    except OSError:
        remove(path)


def read(path: str) -> "JsonObject | None":
    """Return what a job file holds: None if it is not there, nothing if it cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as handle:
            content = json.load(handle)
    except ValueError:
        return {}
    except OSError:
        return None if not os.path.exists(path) else {}
    return content if isinstance(content, dict) else {}


def remove(path: str) -> None:
    """Remove a file, if it is there and may be removed."""
    try:
        os.unlink(path)
    except OSError:
        pass


def supervisor_file(path: str) -> str:
    """Return the path of the file that names a job's supervisor."""
    return path + ".pid"


def sign(path: str) -> None:
    """Note that this process supervises a job, if there is room for it."""
    pid = os.getpid()
    try:
        write(supervisor_file(path), {"pid": pid, "start": start_time(pid), "boot": boot_id()})
    except OSError:
        pass


def supervisor_died(path: str) -> bool:
    """Tell whether the job with this file was ours and its supervisor has gone without a result."""
    record = read(supervisor_file(path))
    if not record or "start" not in record:
        return False
    if record.get("boot") == boot_id() and record["start"] == start_time(record.get("pid", 0)):
        return False
    return is_running(read(path))


def is_running(content: "JsonObject | None") -> bool:
    """Tell whether a job file says that its job runs. One that cannot be read says so, too."""
    if content is None:
        return False
    return not content or ("started" in content and not content.get("finished"))


def has_ended(path: str) -> bool:
    """Tell whether there is nothing to wait for any more: a result, a dead supervisor, no file."""
    return not is_running(read(path)) or supervisor_died(path)


def start_time(pid: int) -> "str | None":
    """Return when a process was started, in the kernel's ticks since boot; None if there is none.

    A zombie has ended. Where there is no /proc, the pid itself stands for the time.
    """
    if not os.path.isdir("/proc/self"):
        return str(pid) if _exists(pid) else None
    try:
        with open("/proc/%d/stat" % pid) as handle:
            fields = handle.read().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return True


def boot_id() -> "str | None":
    """Return what names this boot of the machine, or None."""
    try:
        with open("/proc/sys/kernel/random/boot_id") as handle:
            return handle.read().strip()
    except OSError:
        return None
