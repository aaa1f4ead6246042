"""The seam between execution and a target: what is asked of a host and what comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from understudy.playbook.user_modules import UserModule

JsonObject = dict[str, Any]
"""A JSON object as it travels on the agent's wire."""


class Unreachable(Exception):  # noqa: N818 (a state of a host, as the recap names it)
    """A target cannot be reached, or was lost in the middle of a task."""

    def __init__(self, host: str, why: str) -> None:
        super().__init__(f"{host}: {why}")
        self.host = host
        self.why = why


class TransferFailed(Exception):  # noqa: N818 (names what happened)
    """A file could not be moved to or from a target that is reached: the task fails."""


class BecomeFailed(Exception):  # noqa: N818 (names what happened)
    """The target is reached, but the other user cannot be become there: the task fails."""


class NoPython(Unreachable):
    """The target is reached, but no Python was found there that can run the agent.

    `interpreter` is the one that was asked for, if one was: its absence fails the task.
    """

    def __init__(self, host: str, why: str, interpreter: str | None = None) -> None:
        super().__init__(host, why)
        self.interpreter = interpreter


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRequest:
    """How a module runs detached: its limit in seconds and the directory of its job file."""

    limit_s: int
    async_dir: str
    record_delay_s: float = 0.0
    """Seconds between the kill at the limit and the record of it in the job file."""
    files: tuple[str, ...] = ()
    """What was put there for the job: it is the job's, which removes it at its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleCall:
    """One run of a module on a target. With `job` the call returns as soon as the job started."""

    module: str
    args: JsonObject
    own: UserModule | None = None
    """The project's own program that `user_module` is to run."""
    check_mode: bool = False
    diff: bool = False
    no_log: bool = False
    secret_args: tuple[str, ...] = ()
    """Arguments whose values the result must not repeat."""
    verbosity: int = 0
    environment: Mapping[str, str] = field(default_factory=dict)
    cwd: str | None = None
    open_files: int = 0
    """How many files the module may have open, as far as the host allows; 0 leaves that alone."""
    job: JobRequest | None = None
    on_output: Callable[[str, bytes], None] | None = field(default=None, compare=False)
    """Is told what a command writes while it runs: `stdout` or `stderr`, and the bytes.

    The stream `lost` tells how many bytes were left out here, in decimal.
    """


@dataclass(frozen=True, slots=True)
class ModuleReply:
    """What a module returned, and the seconds that it ran by the target's own clock."""

    result: JsonObject
    module_s: float = 0.0


@dataclass(frozen=True, slots=True)
class ShellReply:
    """What a command line gave that the login shell ran, without an agent."""

    rc: int
    stdout: bytes
    stderr: bytes


@dataclass(slots=True)
class Transfer:
    """A file on its way. One that has a name can be taken up again after a loss."""

    name: str | None = None
    begun: bool = False
    for_job: bool = False
    """It lies in a directory of its own, which a job may take over."""


class Connection(Protocol):
    """One reached host. Each method may raise Unreachable; a cancelled call kills its processes."""

    @property
    def lost(self) -> bool:
        """Whether it was open once and cannot be used any more."""

    async def open(self) -> None:
        """Connect and start the agent. Doing it twice does nothing."""

    async def call(self, call: ModuleCall) -> ModuleReply:
        """Run a module and return its reply. A module that fails is a reply, not an error."""

    async def put(self, source: Path | bytes, transfer: Transfer | None = None) -> str:
        """Stream a file or content to the target; return the path of the temporary file there.

        A named `transfer` that has begun goes on where it was. Raises TransferFailed.
        """

    async def get(self, source: str, destination: Path) -> str:
        """Stream a file of the target into a local one; return the SHA-1 of what came, in hex.

        Raises TransferFailed.
        """

    async def shell(self, command: str) -> ShellReply:
        """Let the login shell run a command line. No agent is needed, and none is started."""

    async def job_ended(self, results_file: str) -> None:
        """Return when the agent has seen the end of the job with this job file."""

    async def close(self) -> None:
        """End the agent: attached tasks are killed, jobs live on."""
