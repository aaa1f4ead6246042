"""Files that the controller puts on the target and gets from there, in chunks and checksummed.

What is put lies in a private directory until a module takes it away. What is for a job lies in one
of its own: the job outlives the agent, and removes it. A transfer that has a name can
be taken up again by the next agent when the connection breaks: what has come of it lies beside that
directory meanwhile. Runs on the target: standard library and Python 3.6 only.
"""

import json
import os
import stat
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from understudy.connections.base import JsonObject

CHUNK = 1 << 20
SENT = b"."
NOT_SENT = b"!"
"""The last byte of what `FileSource` gives: a whole file, or why it cannot be read."""


_PART = "understudy-part-"
_STALE_S = 3600
"""Seconds after which nobody comes back for what has come of a file."""


class Upload:
    """A file that is coming, and where it belongs when it is whole."""

    def __init__(self, path: str, final: str, offset: int = 0) -> None:
        self.path = path
        self._final = final
        self._digest = _sha1()
        if offset:
            self.handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
            self._take_up(offset)
        else:
            self.handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)

    def _take_up(self, offset: int) -> None:
        """Go on after what has come already."""
        os.ftruncate(self.handle, offset)
        while offset:
            chunk = os.read(self.handle, min(offset, CHUNK))
            self._digest.update(chunk)
            offset -= len(chunk)

    @property
    def is_named(self) -> bool:
        """Whether another agent may take it up again."""
        return self.path != self._final

    def add(self, chunk: bytes) -> None:
        """Write a chunk; raise OSError."""
        self._digest.update(chunk)
        view = memoryview(chunk)
        while view:
            view = view[os.write(self.handle, view) :]

    def finish(self) -> "JsonObject":
        """Put the whole file where it belongs; return what the controller is told of it."""
        os.close(self.handle)
        os.rename(self.path, self._final)
        return {"path": self._final, "checksum": self._digest.hexdigest()}


class Uploads:
    """The files that are coming, by the number of their request, and where all of them lie."""

    def __init__(self) -> None:
        self._open = {}  # type: dict[int, Upload]
        self._directories = {}  # type: dict[str, str]
        self._own = set()  # type: set[str]
        self._count = 0

    def add(self, header: "JsonObject", chunk: bytes) -> "JsonObject | None":
        """Store a chunk; return the answer with the last one, or when there is no room.

        The first chunk's header tells the `size` of the file, in bytes; the directory `tmp` that
        is wanted, or None; the name of the `transfer`, or None; the `offset` of the chunk; and
        whether the file gets a directory of its `own`.
        """
        number = header["id"]
        try:
            upload = self._open.get(number) or self._begin(number, header)
            upload.add(chunk)
        except OSError as error:
            self.drop(number)
            return {"failed": True, "msg": "cannot store a file: %s" % error.strerror}
        if not header["last"]:
            return None
        return self._open.pop(number).finish()

    def _begin(self, number: int, header: "JsonObject") -> Upload:
        self._count += 1
        wanted, offset = header.get("tmp"), header.get("offset", 0)
        part = _part(header["transfer"], wanted) if offset else None
        place = os.path.dirname(part) if part else wanted
        directory = self._directory(place, header.get("size", 0) - offset)
        final = os.path.join(directory, str(self._count))
        if header.get("own"):
            final = os.path.join(self._own_directory(directory), str(self._count))
        path = part or final
        if header.get("transfer") and not part:
            path = os.path.join(os.path.dirname(directory), _PART + header["transfer"])
            _remove_stale(os.path.dirname(directory))
        upload = self._open[number] = Upload(path, final, offset)
        return upload

    @staticmethod
    def received(transfer: str, wanted: "str | None") -> int:
        """Return how much of a transfer has come to an agent before this one, in bytes."""
        part = _part(transfer, wanted)
        return os.path.getsize(part) if part else 0

    def _directory(self, wanted: "str | None", size: int) -> str:
        """Return a private directory with room for a file; raise OSError."""
        failure = None  # type: OSError | None
        for place in _places(wanted):
            try:
                if _room_in(place) < size:
                    continue
                if place not in self._directories:
                    self._directories[place] = _private_directory(place)
                return self._directories[place]
            except OSError as error:
                failure = error
        raise failure or OSError(28, "no space left on device for %d bytes" % size)

    def _own_directory(self, beside: str) -> str:
        directory = _private_directory(os.path.dirname(beside))
        self._own.add(directory)
        return directory

    def release(self, paths: "Iterable[str]") -> None:
        """Leave files to the job that they were put for."""
        self._own.difference_update(os.path.dirname(path) for path in paths)

    def drop(self, number: int) -> None:
        """Forget a file that is not wanted any more."""
        if number in self._open:
            upload = self._open.pop(number)
            os.close(upload.handle)
            os.unlink(upload.path)

    def descriptors(self) -> "list[int]":
        """Return what a forked child must not keep."""
        return [upload.handle for upload in self._open.values()]

    def clean_up(self) -> None:
        """Remove every file that no module has taken away; what has a name may be taken up."""
        for number in [n for n, upload in self._open.items() if not upload.is_named]:
            self.drop(number)
        remove_directories([*self._directories.values(), *self._own])


def remove_directories(paths: "Iterable[str]") -> None:
    """Remove directories with all that is in them, as far as that can be done."""
    paths = list(paths)
    if paths:
        import shutil  # costs milliseconds, and most agents receive no file
    for path in paths:
        shutil.rmtree(path, ignore_errors=True)


def _places(wanted: "str | None") -> "list[str]":
    """Return where a file may lie until it is used, the best place first."""
    import tempfile

    places = [tempfile.gettempdir(), "/var/tmp", os.path.expanduser("~")]  # noqa: S108 (a private directory in it)
    if wanted:
        wanted = os.path.expanduser(wanted)
        os.makedirs(wanted, 0o700, exist_ok=True)
        places.insert(0, wanted)
    return places


def _part(transfer: str, wanted: "str | None") -> "str | None":
    """Return where the beginning of a transfer lies, if there is one and it is ours."""
    for place in _places(wanted):
        path = os.path.join(place, _PART + transfer)
        if _is_ours(path):
            return path
    return None


def _is_ours(path: str) -> bool:
    try:
        info = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISREG(info.st_mode) and info.st_uid == os.getuid()


def _remove_stale(place: str) -> None:
    """Remove what controllers have left that never came back."""
    for name in os.listdir(place):
        path = os.path.join(place, name)
        stale = name.startswith(_PART) and _is_ours(path)
        if stale and time.time() - os.path.getmtime(path) > _STALE_S:
            os.unlink(path)


def _private_directory(place: str) -> str:
    import tempfile

    return tempfile.mkdtemp(prefix="understudy-", dir=place)


def _room_in(directory: str) -> int:
    """Return how many bytes fit there; raise OSError."""
    info = os.statvfs(directory)
    return info.f_bavail * info.f_frsize


class FileSource:
    """Work that gives the content of a file, its SHA-1 in hex, and `SENT`."""

    name = "get"

    def answer(self, request: "JsonObject", sink: int) -> None:
        """Write what the controller gets: the file, or why it cannot be read and `NOT_SENT`."""
        try:
            source, size = _opened(os.path.expanduser(request["path"]))
        except OSError as error:
            why = {"failed": True, "msg": "cannot read %s: %s" % (request["path"], error.strerror)}
            content = json.dumps({"result": why}).encode("ascii")
            _write(sink, _length(len(content) + 1) + content + NOT_SENT)
            return
        digest = _sha1()
        _write(sink, _length(size + digest.digest_size * 2 + 1))
        left = size
        while left:
            chunk = os.read(source, min(left, CHUNK))
            if not chunk:
                return  # it has become shorter: the result is not whole, and that is told
            digest.update(chunk)
            _write(sink, chunk)
            left -= len(chunk)
        _write(sink, digest.hexdigest().encode("ascii") + SENT)


def _opened(path: str) -> "tuple[int, int]":
    """Return an open file and its size; raise OSError."""
    source = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    info = os.fstat(source)
    if not stat.S_ISREG(info.st_mode):
        raise OSError(22, "it is no regular file")
    return source, info.st_size


def _sha1() -> "Any":
    import hashlib

    return hashlib.sha1()  # noqa: S324 (finds broken transfers, no attackers)


def _length(size: int) -> bytes:
    return size.to_bytes(8, "big")


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
