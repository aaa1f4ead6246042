"""Directories that stay what they are while a module works below them: they are held open.

Whoever owns a directory may swap what is in it for a link to another place, between two steps of a
module that runs as root. A name below an open directory is not led astray so. Where the system
knows no such thing, paths are used as they are.
"""

import errno
import os

from understudy.connections import target_files as files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from understudy.connections.target import Target

_HOLDS = hasattr(os, "O_PATH") and os.path.isdir("/proc/self/fd")


def own(
    target: "Target",
    path: str,
    directory: "int | None",
    args: "dict[str, Any]",
    diff: "files.Diff | None" = None,
) -> bool:
    """Give what is in an open directory its owner and permissions; `path` is how it is told."""
    if directory is None or not _HOLDS:
        return files.apply_attributes(target, path, args, diff)
    held = "/proc/%d/fd/%d/%s" % (os.getpid(), directory, os.path.basename(path))
    try:
        return files.apply_attributes(target, held, args, diff)
    except files.ModuleFailed as failed:
        for key, value in failed.result.items():
            if isinstance(value, str):
                failed.result[key] = value.replace(held, path)
        raise


def make(
    target: "Target", path: str, args: "dict[str, Any]", diff: "files.Diff | None" = None
) -> None:
    """Make a directory and those above it that are missing, each with the owner asked for.

    Raises OSError with the path of the one that cannot be made.
    """
    missing = []
    above = path.rstrip("/") or path
    while not os.path.exists(above) and (above or not missing):
        missing.append(above)
        above = os.path.dirname(above)
    held = []  # type: list[int]
    try:
        for one in reversed(missing):
            _make_one(one, above, held)
            own(target, one, held[-1] if held else None, args, diff)
            above = one
    finally:
        for descriptor in held:
            os.close(descriptor)


def _make_one(path: str, above: str, held: "list[int]") -> None:
    """Make a directory in the one above, which is added to those that are held."""
    try:
        if _HOLDS:
            name = os.path.basename(above) if held else above or "."
            kind = os.O_PATH | os.O_DIRECTORY | (os.O_NOFOLLOW if held else 0)
            held.append(os.open(name, kind, dir_fd=held[-1] if held else None))
        name = os.path.basename(path) if held else path
        os.mkdir(os.fsencode(name), dir_fd=held[-1] if held else None)
    except OSError as error:
        if error.errno != errno.EEXIST or not os.path.isdir(path):
            raise OSError(error.errno, error.strerror, path) from error
