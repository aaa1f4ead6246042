"""Writes a file so that others see its old text or its new one, and never a part."""

from __future__ import annotations

import os
from contextlib import suppress
from errno import EACCES
from pathlib import Path


def write_whole(path: Path, data: bytes, mode: int | None = None) -> None:
    """Put data in the place of a file; without a `mode` the user's umask tells. Raises OSError."""
    handle, name = _new_beside(path)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(name, mode if mode is not None else 0o666 & ~_umask())  # noqa: PTH101
        os.replace(name, path)  # noqa: PTH105
    except BaseException:
        os.unlink(name)  # noqa: PTH108
        raise


def rewrite_whole(path: Path, data: bytes) -> None:
    """Give a file other data; its owner, mode and attributes stay. Raises OSError.

    It is written in its place where a new file could not be like it: such as one with two names,
    or of another user.
    """
    if not os.access(path, os.W_OK):
        raise PermissionError(EACCES, os.strerror(EACCES))
    if path.stat().st_nlink > 1 or not _replaced(path, data):
        path.write_bytes(data)


def _replaced(path: Path, data: bytes) -> bool:
    try:
        handle, name = _new_beside(path)
    except PermissionError:
        return False  # the file may be written, its directory may not
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        is_like = _made_like(path, name)
        if is_like:
            os.replace(name, path)  # noqa: PTH105
        return is_like
    finally:
        with suppress(FileNotFoundError):
            os.unlink(name)  # noqa: PTH108


def _new_beside(path: Path) -> tuple[int, str]:
    from tempfile import mkstemp  # costs milliseconds, and most checks write nothing

    return mkstemp(prefix=f".{path.name[:64]}.", dir=path.parent)


def _made_like(path: Path, new: str) -> bool:
    """Give a new file the owner, mode and attributes of another; return False if it is refused."""
    old = path.stat()
    try:
        os.chown(new, old.st_uid, old.st_gid)
    except PermissionError:
        return False
    from shutil import copystat

    copystat(path, new)
    os.utime(new)
    return True


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
