"""SELinux contexts of files, where the target's kernel has SELinux: read, compared, set, told.

A context is user, role, type and, where the policy has levels, a level; it lies in an extended
attribute. What the policy says of a path is asked of libselinux, which every such system has; it
needs no binding for Python. Runs on the target: standard library and Python 3.6 only.
"""

import os

from understudy.connections import target_files as files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ARGUMENTS = ("seuser", "serole", "setype", "selevel")
CONFIG = "/etc/selinux/config"
MOUNTS = "/proc/self/mounts"
LIBRARY = "libselinux.so.1"
_ATTRIBUTE = "security.selinux"
_ONE_FOR_ALL = ("fuse", "nfs", "vboxsf", "ramfs", "9p", "vfat")
"""Parts of the names of file systems whose files all have their mount's context."""
_BY_POLICY = "_default"


def is_on() -> bool:
    """Tell whether files have contexts here, by the rule of libselinux.

    Its file system is mounted, for writing (in a container it is not), and there is a policy.
    """
    mount = files.SELINUX
    if not os.path.isdir(mount + "/class") or not os.path.exists(CONFIG):
        return False
    return not os.statvfs(mount).f_flag & os.ST_RDONLY


def has_levels() -> bool:
    """Tell whether contexts have a level here."""
    try:
        with open(files.SELINUX + "/mls") as file:
            return file.read(1) == "1"
    except OSError:
        return False


def context_of(path: str) -> "list[str] | None":
    """Return the parts of a file's context, not of what a link points to; None if it has none."""
    try:
        raw = os.getxattr(path, _ATTRIBUTE, follow_symlinks=False)
    except OSError:
        return None
    return raw.rstrip(b"\0").decode("utf-8", "surrogateescape").split(":", 3)


def wanted(args: "dict[str, Any]", path: str, now: "list[str]") -> "list[str]":
    """Return the context that a file shall have: the parts asked for, the others as they are."""
    mount = _mount_of(path)
    if mount is not None:
        return context_of(mount) or now
    asked = [args.get(name) for name in ARGUMENTS[: 4 if has_levels() else 3]]
    if _BY_POLICY in asked:
        usual = (default_context(path) or "").split(":", 3)
        usual += [""] * (len(asked) - len(usual))
        asked = [part if one == _BY_POLICY else one for one, part in zip(asked, usual)]
    asked += [None] * (len(now) - len(asked))
    return [one or part for one, part in zip(asked, now)]


def put(path: str, context: str) -> None:
    """Set the context of a file, not of what a link points to; raise OSError."""
    value = context.encode("utf-8", "surrogateescape") + b"\0"
    os.setxattr(path, _ATTRIBUTE, value, follow_symlinks=False)


def label_as(path: str, dest: str) -> None:
    """Give a file that is to become `dest` the context of the file there, or the policy's.

    One that was written elsewhere has the context of that place, which a service may not read.
    """
    there = context_of(dest) if os.path.isfile(dest) and not os.path.islink(dest) else None
    context = ":".join(there) if there else default_context(dest)
    if context:
        try:
            put(path, context)
        except OSError:
            pass  # a file system without contexts; what is asked for is set later, and told


def default_context(path: str, mode: int = 0) -> "str | None":
    """Return what the policy says of a path; None when it says nothing."""
    import ctypes  # costs milliseconds, and only systems with SELinux need it

    try:
        library = ctypes.CDLL(LIBRARY)
        ask, free = library.matchpathcon, library.freecon
    except (OSError, AttributeError):
        return None
    found = ctypes.c_char_p()
    ask.argtypes = (ctypes.c_char_p, ctypes.c_uint, ctypes.c_void_p)
    if ask(os.fsencode(os.path.abspath(path)), mode, ctypes.byref(found)) or found.value is None:
        return None
    context = os.fsdecode(found.value)
    free(found)
    return None if context == "<<none>>" else context


def _mount_of(path: str) -> "str | None":
    """Return the mount of a path if all that is there has one context."""
    path = os.path.realpath(path)
    best, kind = "", ""
    try:
        with open(MOUNTS, errors="surrogateescape") as file:
            mounts = [line.split()[1:3] for line in file]
    except OSError:
        return None
    for place, its_kind in mounts:
        if len(place) >= len(best) and (path + "/").startswith(place.rstrip("/") + "/"):
            best, kind = place, its_kind
    return best if any(name in kind for name in _ONE_FOR_ALL) else None
