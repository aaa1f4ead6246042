"""How a target is reached: everything that asks for a connection or an agent of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class SshAddress:
    """Where an SSH server listens, and as whom and how to log in. None is left to ssh_config."""

    host: str
    port: int | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    key_file: str | None = None
    arguments: tuple[str, ...] = ()
    """Words of OpenSSH's command line: `ssh_args`, `ssh_common_args` and `ssh_extra_args`."""
    timeout_s: float = 10.0
    retries: int = 0
    check_host_key: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class BecomeAs:
    """Another user on the target, and the program that makes us that user."""

    user: str
    method: str = "sudo"
    exe: str | None = None
    flags: str | None = None
    password: str | None = field(default=None, repr=False)
    chdir: str | None = None
    """Where the login user goes before (`ansible_sudo_chdir`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One way to reach a host. What differs in more than the host's name has an agent of its own.

    `host` is the inventory's name for it. `python` is `ansible_python_interpreter`.
    """

    host: str = field(compare=False)
    connection: str
    python: str | None = None
    ssh: SshAddress | None = None
    become: BecomeAs | None = None
    remote_tmp: str | None = None

    @property
    def passwords(self) -> Iterator[str]:
        """Yield the passwords that it takes to get there."""
        for way in (self.ssh, self.become):
            if way is not None and way.password is not None:
                yield way.password

    @property
    def below(self) -> Address:
        """The same target as the user who logs in."""
        return replace(self, become=None)
