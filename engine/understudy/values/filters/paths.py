"""Paths: their parts, and where they lead."""

from __future__ import annotations

import ntpath
import os
from collections.abc import Callable, Mapping
from glob import glob

from understudy.values.texts import Value


def path_join(paths: Value) -> str:
    """Return one path from its parts."""
    if isinstance(paths, str):
        return os.path.join(paths)  # noqa: PTH118 (text in, text out)
    if isinstance(paths, (list, tuple)):
        return os.path.join(*paths)  # noqa: PTH118
    raise TypeError(f"|path_join expects string or sequence, got {type(paths)} instead.")


def splitext(path: Value) -> list[str]:
    """Return a path's root and extension."""
    return list(os.path.splitext(path))  # noqa: PTH122


def win_splitdrive(path: Value) -> list[str]:
    """Return a Windows path's drive and the rest."""
    return list(ntpath.splitdrive(path))


def commonpath(paths: Value) -> str:
    """Return the longest path that all have in common."""
    if not isinstance(paths, (list, tuple)):
        raise TypeError(f"|commonpath expects sequence, got {type(paths)} instead.")
    return os.path.commonpath([str(path) for path in paths])


def fileglob(pattern: Value) -> list[str]:
    """Return the files on the controller that match a pattern."""
    return [path for path in glob(pattern) if os.path.isfile(path)]  # noqa: PTH113, PTH207


FILTERS: Mapping[str, Callable[..., Value]] = {
    "basename": os.path.basename,
    "dirname": os.path.dirname,
    "expanduser": os.path.expanduser,
    "expandvars": os.path.expandvars,
    "realpath": os.path.realpath,
    "relpath": os.path.relpath,
    "normpath": os.path.normpath,
    "path_join": path_join,
    "splitext": splitext,
    "commonpath": commonpath,
    "fileglob": fileglob,
    "win_basename": ntpath.basename,
    "win_dirname": ntpath.dirname,
    "win_splitdrive": win_splitdrive,
}
