"""Everything that happens in a run, as frozen data: reports are functions of these events.

A report is called with a `Stamp` (when, and the how-manieth) and an event. Results in events are
already masked: a secret never gets this far.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple, TypeAlias

from understudy.text.diagnostic import Diagnostic
from understudy.text.source import Span

VERSION = 0
"""Version of the event stream; the schema is `schemas/event.json`."""


class Stamp(NamedTuple):
    """When an event happened: `t_s` seconds since the run's start, `wall_s` seconds since 1970."""

    sequence: int
    t_s: float
    wall_s: float


class Status(Enum):
    """How a task ended on a host, or an item of its loop."""

    OK = "ok"
    CHANGED = "changed"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class PlayRef:
    """A play as events name it."""

    id: str
    name: str
    place: Span


@dataclass(frozen=True, slots=True)
class TaskRef:
    """A task as events name it. `name` is the rendered name, or the action's name."""

    id: str
    name: str
    action: str
    place: Span
    play: PlayRef
    is_handler: bool = False
    check_mode: bool = False
    no_log: bool = False
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Timings:
    """Where the seconds of a task on a host went."""

    queued_s: float = 0.0
    connecting_s: float = 0.0
    agent_start_s: float = 0.0
    module_s: float = 0.0
    waiting_s: float = 0.0
    checking_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    """The first event of a run."""

    run_id: str
    program_version: str
    playbooks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybookStarted:
    """A playbook's plays come next; `plays` is their number."""

    path: str
    plays: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayStarted:
    """A play, or one batch of it, starts on these hosts; none means that nothing matched."""

    play: PlayRef
    hosts: tuple[str, ...]
    check_mode: bool = False
    lockstep: bool = True
    """Whether all hosts do a task before any does the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStarted:
    """The first host reaches a task."""

    task: TaskRef


@dataclass(frozen=True, slots=True, kw_only=True)
class HostStarted:
    """A host starts a task."""

    task: TaskRef
    host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HostEnded:
    """A host ended a task. `items` is None without a loop, else the number of its items."""

    task: TaskRef
    host: str
    status: Status
    result: Mapping[str, Any]
    ignored: bool = False
    rescued: bool = False
    """The failure leads into a rescue section."""
    items: int | None = None
    delegated_to: str | None = None
    attempts: int = 1
    job_id: str | None = None
    timings: Timings = field(default_factory=Timings)
    diagnostic: Diagnostic | None = None
    """Why it failed, with its place in the file, where the text is at fault."""
    diff: bool = False
    verbose_always: bool = False
    """The result is what the task is for (`debug`): shown whatever the verbosity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemEnded:
    """One item of a loop ended on a host. `label` is what the loop shows of the item."""

    task: TaskRef
    host: str
    status: Status
    result: Mapping[str, Any]
    label: Any
    ignored: bool = False
    delegated_to: str | None = None
    attempts: int = 1
    job_id: str | None = None
    diagnostic: Diagnostic | None = None
    diff: bool = False
    verbose_always: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrying:
    """An attempt did not end the task; the next one comes after `delay_s` seconds.

    `status_check` tells that the attempt asked for a job that still runs: it waits, nothing failed.
    """

    task: TaskRef
    host: str
    attempt: int
    retries: int
    delay_s: float
    waited_s: float
    result: Mapping[str, Any]
    label: Any = None
    status_check: bool = False
    job_id: str | None = None
    delegated_to: str | None = None

    @property
    def retries_left(self) -> int:
        """How many attempts may still follow."""
        return self.retries - self.attempt + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStarted:
    """A task was launched as a job with a limit in seconds; `poll_s` 0 means nobody waits here."""

    task: TaskRef
    host: str
    job_id: str
    limit_s: int
    poll_s: int
    label: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPolled:
    """A status check of a job that a task waits for found it running."""

    task: TaskRef
    host: str
    job_id: str
    result: Mapping[str, Any]
    waited_s: float
    limit_s: int
    label: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLost:
    """The connection broke while a job was waited for: the job goes on, we try to come back."""

    task: TaskRef
    host: str
    job_id: str
    why: str
    label: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionRestored:
    """The host of a job that is waited for is reached again, `lost_s` seconds after the loss."""

    task: TaskRef
    host: str
    job_id: str
    lost_s: float
    label: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEnded:
    """A job's end was noticed. `elapsed_s` is the target's own figure, None when not known.

    The `job_id` of a `no_log` task is None.
    """

    task: TaskRef
    host: str
    job_id: str | None
    failed: bool
    elapsed_s: float | None = None
    label: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A line that a command wrote while it runs; `stream` is `stdout` or `stderr`."""

    task: TaskRef
    host: str
    stream: str
    text: str
    label: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Included:
    """Tasks of a file were inserted for these hosts."""

    task: TaskRef
    path: str
    hosts: tuple[str, ...]
    label: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notified:
    """A changed task notified a handler on a host."""

    task: TaskRef
    host: str
    handler: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MetaEnded:
    """A `meta` task has steered the run on a host, or not: `message` says which, in words."""

    task: TaskRef
    host: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """Something to look at that stops nothing."""

    message: str
    place: Span | None = None
    host: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An action tells the user something at once, as `pause` does with its prompt."""

    message: str
    host: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """A host was reached anew. `how` is the connection, and what changes the user there."""

    host: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableOrigin:
    """Where a variable comes from: the winning layer in words, and the file and place if known."""

    name: str
    whence: str
    place: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VariablesRead:
    """Where the variables come from that the texts of a task name; told at `-vvv` only."""

    task: TaskRef
    host: str
    variables: tuple[VariableOrigin, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoMoreHosts:
    """Every host of the play has failed or was lost."""

    play: PlayRef
    too_many_failed: bool = False
    """Whether the last of them failed because more had failed than may."""


@dataclass(slots=True)
class Tally:
    """The figures of one host in the recap."""

    ok: int = 0
    changed: int = 0
    unreachable: int = 0
    failed: int = 0
    skipped: int = 0
    rescued: int = 0
    ignored: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnded:
    """The last event of a run: the recap, the exit code and its reason in words.

    `polling_s` is how long this run waited for jobs and status checks, `ansible_polling_s` how long
    Ansible's polling would have waited for the same ends; None when nothing was waited for.
    """

    recap: Mapping[str, Tally]
    exit_code: int
    reason: str
    elapsed_s: float
    polling_s: float | None = None
    ansible_polling_s: float | None = None
    custom_stats: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What `set_stats` has gathered, by host; `_run` is the whole run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybookEnded:
    """A playbook is through and another comes next: the recap so far."""

    path: str
    recap: Mapping[str, Tally]


Event: TypeAlias = (
    RunStarted
    | PlaybookStarted
    | PlaybookEnded
    | PlayStarted
    | TaskStarted
    | HostStarted
    | HostEnded
    | ItemEnded
    | Retrying
    | JobStarted
    | JobPolled
    | ConnectionLost
    | ConnectionRestored
    | JobEnded
    | Output
    | Included
    | Notified
    | MetaEnded
    | Warned
    | Told
    | Connected
    | VariablesRead
    | NoMoreHosts
    | RunEnded
)

Report: TypeAlias = Callable[[Stamp, Event], None]
