"""The seam between a task and its controller-side half: what an action gets, and what it gives."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from understudy.connections.base import ShellReply
from understudy.execution.effects import Effect
from understudy.execution.host import HostState
from understudy.execution.settings import Settings
from understudy.playbook.model import Task
from understudy.values.scope import Scope
from understudy.values.texts import Value

Result: TypeAlias = dict[str, Any]
"""What a task yields on a host, with Ansible's keys."""


class Target(Protocol):
    """The host that an action may use: modules and files, with a slot of `forks` for each."""

    @property
    def connection_kind(self) -> str:
        """`local` or `ssh`."""

    @property
    def becomes(self) -> bool:
        """Whether modules run as another user than the one that logs in."""

    async def module(self, name: str, args: Result) -> Result:
        """Run a module there and return its result."""

    @property
    def launches(self) -> bool:
        """Whether what `conclude` runs becomes a job. A task has one at most."""

    async def conclude(self, name: str, args: Result) -> Result:
        """Run the module that ends the task there; return its result.

        Of a task with `async` it is the job, and what this returns is not looked at any more.
        """

    async def put(self, source: Path | bytes) -> str:
        """Stream a file or content there; return the path of the temporary file."""

    async def get(self, source: str, destination: Path) -> str:
        """Stream a file of the target into a local one; return the SHA-1 of what came."""

    async def shell(self, command: str) -> ShellReply:
        """Let the login shell run a command line; no Python is needed there."""

    async def reset(self) -> None:
        """Close the connection; the next use opens a new one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of an action, its arguments finalised and coerced."""

    task: Task
    args: dict[str, Value]
    scope: Scope
    host: HostState
    settings: Settings
    target: Target
    search_path: tuple[Path, ...]
    """Directories to look for relative files in, the most specific first."""
    check_mode: bool = False
    diff: bool = False
    fact_module: Callable[[str, Result], Coroutine[Any, Any, Result]]
    """Runs a module by its name, with its defaults below the arguments."""
    wall: Callable[[], float]
    tell: Callable[[str], None]
    """Tells the user something at once, as `pause` does with its prompt."""
    hide: Callable[[Value], None]
    """Makes every text in a value a secret of the run."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An action's result, and what it asks of the run."""

    result: Result
    effect: Effect | None = None
    is_message: bool = False
    """The result is what the task is for, so it is shown whatever the verbosity."""
    cached: bool = False
    """What `set_fact` gives is kept in the fact cache too."""


ActionFunction: TypeAlias = Callable[[Call], Awaitable[Answer]]


def failure(message: str, **more: Value) -> Answer:
    """Return the answer of an action that failed."""
    return Answer({"failed": True, "changed": False, "msg": message, **more})


def find_file(name: str, search_path: tuple[Path, ...], folder: str) -> Path | list[Path]:
    """Return the file that a relative name means, or the list of places looked in.

    Each directory's sub-folder `folder` (`files`, `vars`, …) comes before the directory itself.
    """
    path = Path(os.path.expanduser(name))  # noqa: PTH111 (Path's fails for a user who is not there)
    if path.is_absolute():
        return path if is_there(path) else [path]
    places = [base / part / name for base in search_path for part in (folder, "")]
    return next((place for place in places if name and is_there(place)), places)


def is_there(path: Path) -> bool:
    """Tell whether a path leads to a file; one that cannot even be looked at does not."""
    return os.path.exists(path)  # noqa: PTH110 (Path's fails for a name that is too long)


def not_found(name: str, places: list[Path]) -> str:
    """Return Ansible's words for a file that is in none of the places looked in."""
    listed = "".join(f"\n\t{place}" for place in places)
    searched = "" if Path(name).is_absolute() else f"\nSearched in:{listed}"
    return (
        f"Could not find or access '{name}'{searched} on the Ansible Controller.\n"
        "If you are using a module and expect the file to exist on the remote,"
        " see the remote_src option"
    )
