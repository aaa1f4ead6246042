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

    def __str__(self) -> str:
        """Return it as `user@host:port`, as far as that is said."""
        user, port = (f"{self.user}@" if self.user else ""), (f":{self.port}" if self.port else "")
        return f"{user}{self.host}{port}"


DEFAULT_FLAGS = {"sudo": "-H -S -n"}
"""What the programs that change the user are called with if nothing else is said."""


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

    def __str__(self) -> str:
        """Return the command without what it runs."""
        flags = DEFAULT_FLAGS.get(self.method, "") if self.flags is None else self.flags
        return " ".join(filter(None, (self.exe or self.method, flags, f"-u {self.user}")))


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

    def __str__(self) -> str:
        """Return the way in words: the connection, and the command that changes the user."""
        way = f"{self.connection} {self.ssh}" if self.ssh else self.connection
        return f"{way}, then {self.become}" if self.become else way

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
