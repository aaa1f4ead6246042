"""Keys of SSH servers: which are known, and what to tell the user of one that is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import asyncssh

USERS_FILE = Path("~/.ssh/known_hosts")
_SYSTEM_FILE = Path("/etc/ssh/ssh_known_hosts")
_DEFAULT_PORT = 22


@dataclass(slots=True)
class KnownHosts:
    """What the known_hosts files say, read once in a run. New keys go into the first file."""

    files: tuple[Path, ...]
    _known: asyncssh.SSHKnownHosts = field(init=False)

    def __post_init__(self) -> None:
        texts = (path.read_text("utf-8", "replace") for path in self.files if path.is_file())
        self._known = asyncssh.import_known_hosts("\n".join(texts))

    def match(self, host: str, addr: str, port: int | None) -> Sequence[Sequence[object]]:
        """Return the keys that are trusted, of authorities, and revoked, as the library asks."""
        return asyncssh.match_known_hosts(self._known, host, addr, port)

    def trusted(self, host: str, addr: str, port: int) -> list[asyncssh.SSHKey]:
        """Return the keys that are known for a server."""
        found = self.match(host, addr, None if port == _DEFAULT_PORT else port)
        return list(
            {named(key): key for key in found[0] if isinstance(key, asyncssh.SSHKey)}.values()
        )

    def add(self, host: str, port: int, key: asyncssh.SSHKey) -> None:
        """Note a key that the user trusts, here and in the file; raise OSError."""
        line = entry(host, port, key)
        path = self.files[0]
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")
        self._known.load(line)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A server's key that is in none of the files."""

    known: KnownHosts
    host: str
    port: int
    key: asyncssh.SSHKey

    @property
    def name(self) -> str:
        """Its kind and fingerprint."""
        return named(self.key)

    def trust(self) -> None:
        """Note it as known; raise OSError."""
        self.known.add(self.host, self.port, self.key)


@cache
def known_hosts(files: tuple[str, ...] = ()) -> KnownHosts:
    """Return what these files say, or else the user's and the system's."""
    paths = [Path(name).expanduser() for name in files] or [USERS_FILE.expanduser(), _SYSTEM_FILE]
    return KnownHosts(tuple(paths))


def entry(host: str, port: int, key: asyncssh.SSHKey) -> str:
    """Return the line of known_hosts for a server's key."""
    name = host if port == _DEFAULT_PORT else f"[{host}]:{port}"
    return f"{name} {key.export_public_key().decode().split(' #', 1)[0].strip()}"


def named(key: asyncssh.SSHKey) -> str:
    """Return a key's kind and fingerprint, as `ssh` shows them."""
    kind = key.get_algorithm().removeprefix("ssh-").upper()
    return f"{kind} {key.get_fingerprint()}"


def unknown(host: str, port: int, key: asyncssh.SSHKey, file: Path) -> str:
    """Return what to do about a server whose key is not known; `file` is where it belongs."""
    return (
        f"the host key of {host} is not known: {named(key)}; compare it with the machine's own,"
        f" then add it with: echo '{entry(host, port, key)}' >> {file}"
    )


def changed(host: str, port: int, key: asyncssh.SSHKey, known: Sequence[asyncssh.SSHKey]) -> str:
    """Return what to do about a server with another key than the known one."""
    name = host if port == _DEFAULT_PORT else f"[{host}]:{port}"
    before = ", ".join(named(one) for one in known)
    return (
        f"the host key of {host} has CHANGED: it is {named(key)}, known is {before}; somebody may"
        " be listening in, or the machine was installed anew: only if you know that it was, forget"
        f" the old key with: ssh-keygen -R '{name}'"
    )
