"""Words of OpenSSH's command line as lines of an ssh_config, which the SSH library reads.

So every option means what it means there: `ansible_ssh_common_args` comes first, the user's own
configuration second, the system's last, and of several values the first one counts.
"""

from __future__ import annotations

import getopt
import shlex
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_LETTERS = "46AaCfGgKkMNnqsTtVvXxYyB:b:c:D:E:e:F:I:i:J:L:l:m:O:o:P:p:Q:R:S:W:w:"
_SWITCHES = {
    "-4": "AddressFamily inet",
    "-6": "AddressFamily inet6",
    "-A": "ForwardAgent yes",
    "-a": "ForwardAgent no",
    "-C": "Compression yes",
}
_VALUES = {
    "-b": "BindAddress",
    "-c": "Ciphers",
    "-I": "PKCS11Provider",
    "-i": "IdentityFile",
    "-J": "ProxyJump",
    "-l": "User",
    "-m": "MACs",
    "-p": "Port",
}
_OURS = frozenset({"stricthostkeychecking", "connecttimeout"})
"""Options that the library does not have, or that are ours to keep."""
_CONFIGS = (Path("~/.ssh/config"), Path("/etc/ssh/ssh_config"))


class OptionsInvalid(ValueError):  # noqa: N818 (names what is so)
    """Words that OpenSSH would not take either."""


@dataclass(frozen=True, slots=True)
class SshOptions:
    """What a command line asks for: lines of an ssh_config, a config file, and what is ours."""

    lines: tuple[str, ...] = ()
    config_file: str | None = None
    strict: str | None = None
    """The value of StrictHostKeyChecking, in lower case."""
    connect_timeout_s: float | None = None


@cache
def parse(words: Sequence[str]) -> SshOptions:
    """Return what the words of a command line ask for; raise OptionsInvalid."""
    try:
        found, rest = getopt.getopt(list(words), _LETTERS)
    except getopt.GetoptError as error:
        raise OptionsInvalid(f"ssh has no such option: {error}") from None
    if rest:
        raise OptionsInvalid(f"not an option of ssh: `{' '.join(rest)}`")
    lines = list(_lines(found))
    own = {key: value for key, value in map(_pair, lines) if key in _OURS}
    timeout = own.get("connecttimeout")
    return SshOptions(
        lines=tuple(_mended(line) for line in lines if _pair(line)[0] not in _OURS),
        config_file=next((value for letter, value in found if letter == "-F"), None),
        strict=own.get("stricthostkeychecking", "").lower() or None,
        connect_timeout_s=float(timeout) if timeout and timeout.isdigit() else None,
    )


def _lines(found: Sequence[tuple[str, str]]) -> Iterator[str]:
    for letter, value in found:
        if letter == "-o":
            key, _, rest = value.replace("=", " ", 1).strip().partition(" ")
            yield f"{key} {rest.strip()}"
        elif letter in _SWITCHES:
            yield _SWITCHES[letter]
        elif letter in _VALUES:
            yield f"{_VALUES[letter]} {value}"


def _pair(line: str) -> tuple[str, str]:
    key, _, value = line.partition(" ")
    return key.lower(), value


def _mended(line: str) -> str:
    """Let a shell run a ProxyCommand, as ssh does.

    The library takes the end of its standard error for the end of the way, so that is kept open.
    """
    key, value = _pair(line)
    if key == "proxycommand" and value.lower() != "none":
        return f"ProxyCommand /bin/sh -c {shlex.quote(f'exec 3>&2; exec {value}')}"
    return line


@contextmanager
def config_files(options: SshOptions, host: str) -> Iterator[list[str]]:
    """Give the files to read, the first one made of the options: it holds for `host` only.

    A jump host on the way must not take them. The file is there only while it is needed, so that
    a run that is killed later leaves nothing.
    """
    files = [Path(options.config_file)] if options.config_file else list(_CONFIGS)
    expanded = [path.expanduser() for path in files]
    found = [str(path) for path in expanded if path.is_file() or options.config_file]
    if not options.lines:
        yield found
        return
    with tempfile.NamedTemporaryFile("w", prefix="understudy-ssh-") as file:
        file.write("\n".join((f"Host {host}", *options.lines, "")))
        file.flush()
        yield [file.name, *found]
