"""Whether jobs of this user end when he logs out: systemd may be told to leave nothing behind.

With `KillUserProcesses=yes` logind kills every process of a session at its end, and the session
ends with the connection. Runs on the target: standard library and Python 3.6 only.
"""

import glob
import os
import pwd

_FILES = (
    "usr/lib/systemd/logind.conf.d/*.conf",
    "etc/systemd/logind.conf",
    "run/systemd/logind.conf.d/*.conf",
    "etc/systemd/logind.conf.d/*.conf",
)
HINT = (
    "systemd ends what user %s leaves running at logout (KillUserProcesses=yes in logind.conf):"
    " this job dies with the connection; set KillUserProcesses=no there, or name the user in"
    " KillExcludeUsers"
)


def warning(root: str = "/") -> "str | None":
    """Return what to tell of jobs that would be killed at logout, None when they live on."""
    if "/session-" not in _text(root + "proc/self/cgroup"):
        return None
    settings = _settings(root)
    user = _user()
    if settings.get("KillUserProcesses", "no").lower() not in ("yes", "true", "1", "on"):
        return None
    if user in settings.get("KillExcludeUsers", "root").split():
        return None
    only = settings.get("KillOnlyUsers", "").split()
    return None if only and user not in only else HINT % user


def _user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _settings(root: str) -> "dict[str, str]":
    """Return what logind's files say; later ones win."""
    found = {}  # type: dict[str, str]
    for pattern in _FILES:
        for path in sorted(glob.glob(root + pattern)):
            for line in _text(path).splitlines():
                name, equals, value = line.partition("=")
                if equals and not name.lstrip().startswith(("#", ";")):
                    found[name.strip()] = value.strip()
    return found


def _text(path: str) -> str:
    try:
        with open(path, errors="replace") as file:
            return file.read()
    except OSError:
        return ""
