"""The directory of a cache: each entry a file of the user's own, whole or not at all.

An entry that is broken, too large, or not the user's own is none. Nothing here fails: where a cache
cannot be, there is none.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from understudy.check.mending.whole_file import write_whole

LARGEST = 16 * 2**20
"""Bytes of one entry."""
MOST = 64
"""How many entries are kept, those that were used last."""
ROOM = 128 * 2**20
"""Bytes of all of them."""
_FORGOTTEN_S = 3600
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_SUFFIX = ".check"


def usual_folder(environ: Mapping[str, str] = os.environ) -> Path | None:
    """Return where the user's caches lie, as the XDG Base Directory Specification says.

    There is no such place for a user without a home, or whose home is not there: none is made.
    """
    named = Path(environ.get("XDG_CACHE_HOME", ""))
    if not named.is_absolute():
        # the method of Path fails where nobody knows the user
        home = environ.get("HOME") or os.path.expanduser("~")  # noqa: PTH111
        named = Path(home, ".cache") if os.path.isdir(home) else Path()  # noqa: PTH112 (as above)
    return named / "understudy" if named.is_absolute() else None


@dataclass(frozen=True, slots=True)
class CacheFolder:
    """Keeps entries by name below a directory."""

    above: Path

    @property
    def place(self) -> Path:
        """The directory of the entries themselves."""
        return self.above / "check"

    def read(self, name: str) -> bytes | None:
        """Return an entry, if there is one that is whole."""
        path = self.place / f"{name}{_SUFFIX}"
        try:
            if not _is_own(os.lstat(self.place)):
                return None
            # no link is followed to what is not ours
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(handle, "rb") as file:
                state = os.fstat(handle)
                if not _is_own(state) or not stat.S_ISREG(state.st_mode):
                    return None
                written = file.read(LARGEST + 1)
            os.utime(path)
        except OSError:
            return None
        seal, _, data = written.partition(b"\n")
        return data if len(written) <= LARGEST and seal == _seal(data) else None

    def write(self, name: str, data: bytes) -> None:
        """Keep an entry, and drop those that were not used for longest."""
        if len(data) + 65 > LARGEST or not self.is_usable():
            return
        with suppress(OSError):
            write_whole(self.place / f"{name}{_SUFFIX}", _seal(data) + b"\n" + data, 0o600)
            self._prune()

    def is_usable(self) -> bool:
        """Make the directory; tell whether it is the user's own, and closed to others."""
        try:
            self.above.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.place.mkdir(exist_ok=True, mode=0o700)
            state = os.lstat(self.place)
            if not stat.S_ISDIR(state.st_mode) or state.st_uid != os.geteuid():
                return False
            if state.st_mode & _OTHERS:
                self.place.chmod(0o700)
            _mark(self.place)
        except OSError:
            return False
        return True

    def _prune(self) -> None:
        """Drop what there is too much of, and what programs that were killed have left."""
        states = {path: path.stat() for path in self.place.glob(f"*{_SUFFIX}*")}
        entries = [path for path in states if path.suffix == _SUFFIX and path.name[0] != "."]
        room = ROOM
        for number, path in enumerate(sorted(entries, key=lambda one: -states[one].st_mtime_ns)):
            room -= states[path].st_size
            if number >= MOST or room < 0:
                path.unlink(missing_ok=True)
        for path in states.keys() - {*entries}:
            if states[path].st_mtime < time.time() - _FORGOTTEN_S:
                path.unlink(missing_ok=True)


def _mark(place: Path) -> None:
    """Say to backups and to git that this is not worth keeping (bford.info/cachedir)."""
    marks = {
        "CACHEDIR.TAG": "Signature: 8a477f597d28d172789f06886806bc55\n",
        ".gitignore": "*\n",
    }
    for name, text in marks.items():
        if not (place / name).exists():
            (place / name).write_text(text, "utf-8")


def _is_own(state: os.stat_result) -> bool:
    return state.st_uid == os.geteuid() and not state.st_mode & _OTHERS


def _seal(data: bytes) -> bytes:
    return sha256(data).hexdigest().encode()
