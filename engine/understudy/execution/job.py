"""The life of an async job as its controller sees it: a table of states, and the results they give.

A job is a detached process on the target with a job file. The file says `started` and not
`finished` while it runs, and is replaced by the module's own result at the end; the supervisor that
enforces the limit writes "Timeout exceeded" there instead. The controller learns of all this by
status checks only: a push merely makes the next check happen now.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any


class State(Enum):
    """What is known of a job."""

    RUNNING = auto()
    SUCCEEDED = auto()
    FAILED = auto()
    KILLED = auto()
    """The supervisor ended it at its limit."""
    GIVEN_UP = auto()
    """The controller stopped asking; the job may still run."""


class Signal(Enum):
    """What a status check, or the clock, tells."""

    STILL_RUNNING = auto()
    ENDED_WELL = auto()
    ENDED_BADLY = auto()
    LIMIT_RECORDED = auto()
    NO_TIME_LEFT = auto()


TRANSITIONS: dict[tuple[State, Signal], State] = {
    (State.RUNNING, Signal.STILL_RUNNING): State.RUNNING,
    (State.RUNNING, Signal.ENDED_WELL): State.SUCCEEDED,
    (State.RUNNING, Signal.ENDED_BADLY): State.FAILED,
    (State.RUNNING, Signal.LIMIT_RECORDED): State.KILLED,
    (State.RUNNING, Signal.NO_TIME_LEFT): State.GIVEN_UP,
}
"""Every step there is; any other is a bug and raises KeyError."""


@dataclass(frozen=True, slots=True)
class Job:
    """A launched job: its id, its file on the target, its limit in seconds."""

    id: str
    results_file: str
    limit_s: int

    @classmethod
    def launched(cls, launch: dict[str, Any], limit_s: int) -> Job | None:
        """Return the job that a launch result tells of, or None when nothing was started."""
        jid = launch.get("ansible_job_id")
        if not isinstance(jid, str):
            return None
        return cls(jid, str(launch.get("results_file", "")), limit_s)

    @property
    def directory(self) -> str:
        """The directory of the job file, absolute on the target."""
        return posixpath.dirname(self.results_file)


def signal_of(status: dict[str, Any]) -> Signal:
    """Read a status check's result. A file that cannot be read counts as running, as in Ansible."""
    if not status.get("finished"):
        return Signal.STILL_RUNNING
    if status.get("msg") == "Timeout exceeded" and "child_pid" in status:
        return Signal.LIMIT_RECORDED
    return Signal.ENDED_BADLY if status.get("failed") else Signal.ENDED_WELL


def given_up(job: Job, last_status: dict[str, Any]) -> dict[str, Any]:
    """Return the result of a task whose time is up while its job is not known to have ended."""
    return {
        "failed": True,
        "changed": False,
        "msg": f"async task did not complete within the requested time - {job.limit_s}s",
        "async_result": last_status,
    }
