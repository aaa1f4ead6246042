"""What a run was asked for, after command line, environment and configuration are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from understudy.execution.timing import UNDERSTUDY, Timing
from understudy.values.texts import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """How hosts are logged in to over SSH whose variables and tasks do not say."""

    user: str | None = None
    port: int | None = None
    password: str | None = field(default=None, repr=False)
    key_file: str | None = None
    args: str = ""
    common_args: str = ""
    extra_args: str = ""
    timeout_s: float = 10.0
    retries: int = 0
    check_host_key: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class BecomeDefaults:
    """How another user is become where neither variables nor tasks say; `always` is `-b`."""

    always: bool = False
    user: str = "root"
    method: str = "sudo"
    exe: str | None = None
    flags: str | None = None
    password: str | None = field(default=None, repr=False)
    same_user: bool = False
    """Whether the method is used for who one is already, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactCaching:
    """Where facts are kept, and for how long they count."""

    directory: Path
    prefix: str = ""
    timeout_s: int = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The wishes for one run. Seconds are real numbers unless Ansible demands whole ones."""

    forks: int = 5
    strategy: str = "linear"
    """The strategy of plays that name none."""
    stream: bool = False
    """Whether what commands write is told while they run."""
    check_mode: bool = False
    diff: bool = False
    verbosity: int = 0
    tags: tuple[str, ...] = ("all",)
    skip_tags: tuple[str, ...] = ()
    limit: str | None = None
    extra_vars: Mapping[str, Value] = field(default_factory=dict)
    force_handlers: bool = False
    timing: Timing = UNDERSTUDY
    poll_interval_s: int = 15
    task_timeout_s: int = 0
    gathering: str = "implicit"
    facts_modules: tuple[str, ...] = ("smart",)
    async_dir: str = "~/.ansible_async"
    any_errors_fatal: bool = False
    pattern_mismatch: str = "warning"
    """What comes of a pattern that matches no host: `warning`, `error` or `ignore`."""
    unknown_handler_fails: bool = True
    """Whether notifying a handler that is not there ends the run; else it is a warning."""
    no_log: bool = False
    """Whether tasks hide what they do that do not say."""
    open_files: int = 0
    """How many files modules may have open; 0 is as the host has it."""
    inject_facts: bool = True
    fact_cache: FactCaching | None = None
    flush_cache: bool = False
    config_file: str | None = None
    inventory_sources: tuple[str, ...] = ()
    connection: str = "ssh"
    """The connection of hosts whose variables name none, and tasks neither."""
    interpreter: str | None = None
    """The targets' Python where no variable names it; None looks for one."""
    remote_tmp: str | None = None
    executable: str = "/bin/sh"
    """The shell of `raw`."""
    login: Login = Login()
    become: BecomeDefaults = BecomeDefaults()
