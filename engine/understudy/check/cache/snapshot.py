"""What the files of a project are at one moment: their names, and digests of what they hold."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

MOST = 20_000
"""How many names are looked at: a directory with more is no project."""
_CLOCK_NS = 20_000_000
"""How far the clock that files are dated with may be behind."""
_EXECUTABLE = stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH
_PASSED_OVER = frozenset({"__pycache__", "node_modules"})


@dataclass(frozen=True, slots=True)
class Listing:
    """The names below some directories."""

    digest: str
    paths: frozenset[str]
    """The absolute paths of all directories."""

    def covers(self, folder: str) -> bool:
        """Tell whether the names in a directory are part of this."""
        return folder in self.paths

    @property
    def folders(self) -> frozenset[str]:
        """The names of all directories."""
        return frozenset(map(os.path.basename, self.paths))


def listing_of(roots: Iterable[Path], cache: Path | None = None) -> Listing | None:
    """Return all names below directories but hidden ones and copies of editors; None: too many.

    What lies in the directory of a `cache` is no part of a project.
    """
    digest, folders, count = sha256(), set[str](), 0
    left_out = os.path.abspath(cache) if cache else None  # noqa: PTH100 (a text)
    for root in sorted({os.path.abspath(root) for root in roots}):  # noqa: PTH100
        for folder, names in _walk(root, left_out):
            folders.add(folder)
            digest.update("\0".join([folder, *names, "\0"]).encode("utf-8", "surrogateescape"))
            count += len(names)
            if count > MOST:
                return None
    return Listing(digest.hexdigest(), frozenset(folders))


def _walk(root: str, left_out: str | None) -> Iterator[tuple[str, list[str]]]:
    """Yield each directory with the names in it; links are followed, each once."""
    seen: set[tuple[int, int]] = set()
    for folder, folders, files in os.walk(root, followlinks=True):
        try:
            state = os.stat(folder)  # noqa: PTH116 (a text)
        except OSError:  # gone by now
            continue
        if (state.st_dev, state.st_ino) in seen or "pyvenv.cfg" in files:
            folders.clear()
            continue
        seen.add((state.st_dev, state.st_ino))
        folders[:] = [one for one in sorted(folders) if f"{folder}/{one}" != left_out]
        folders[:] = [one for one in folders if one[0] != "." and one not in _PASSED_OVER]
        # a directory and a file of one name are not the same; one open to all is told of
        names = [f"{one}/" for one in folders] + [oct(state.st_mode & stat.S_IWOTH)]
        yield folder, names + sorted(one for one in files if one[0] != "." and one[-1] != "~")


def digest_of(path: str) -> str | None:
    """Return the digest of a file's content or of a directory's names; None: there is none."""
    # the functions of `os`: those of Path take longer than all the rest, for so many files
    try:
        state = os.stat(path)  # noqa: PTH116
        if stat.S_ISDIR(state.st_mode):
            names = sorted(os.listdir(path))  # noqa: PTH208
            data = "\0".join(["a directory", *names]).encode("utf-8", "surrogateescape")
        elif stat.S_ISREG(state.st_mode):
            with open(path, "rb", buffering=0) as file:  # noqa: PTH123
                data = file.read()
        else:
            return None
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return "unreadable"
    # an inventory that may be executed is a program
    return sha256(data).hexdigest()[:32] + oct(state.st_mode & _EXECUTABLE)


def changed_after(path: str, moment_ns: int) -> bool:
    """Tell whether a file has changed since a moment, or may have."""
    moment_ns -= _CLOCK_NS
    try:
        state = Path(path).stat()
    except (OSError, ValueError):
        return False
    return max(state.st_mtime_ns, state.st_ctime_ns) >= moment_ns
