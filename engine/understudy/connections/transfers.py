"""Files that the controller puts on the target and gets from there, in chunks and checksummed.

What is put lies in a private directory until a module takes it away. Runs on the target: standard
library and Python 3.6 only.
"""

import json
import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from understudy.connections.base import JsonObject

CHUNK = 1 << 20
SENT = b"."
NOT_SENT = b"!"
"""The last byte of what `FileSource` gives: a whole file, or why it cannot be read."""


class Upload:
    """A file that is coming."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._digest = _sha1()

    def add(self, chunk: bytes) -> None:
        """Write a chunk; raise OSError."""
        self._digest.update(chunk)
        view = memoryview(chunk)
        while view:
            view = view[os.write(self.handle, view) :]

    def result(self) -> "JsonObject":
        """Return what the controller is told of a whole file."""
        return {"path": self.path, "checksum": self._digest.hexdigest()}


class Uploads:
    """The files that are coming, by the number of their request, and where all of them lie."""

    def __init__(self) -> None:
        self._open = {}  # type: dict[int, Upload]
        self._directories = {}  # type: dict[str, str]
        self._count = 0

    def add(self, header: "JsonObject", chunk: bytes) -> "JsonObject | None":
        """Store a chunk; return the answer with the last one, or when there is no room.

        The first chunk's header tells the `size` of the file, in bytes, and the directory `tmp`
        that is wanted, or None.
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
        os.close(self._open.pop(number).handle)
        return upload.result()

    def _begin(self, number: int, header: "JsonObject") -> Upload:
        self._count += 1
        directory = self._directory(header.get("tmp"), header.get("size", 0))
        upload = self._open[number] = Upload(os.path.join(directory, str(self._count)))
        return upload

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
        """Remove every file that no module has taken away."""
        if self._directories:
            import shutil  # costs milliseconds, and most agents receive no file
        for directory in self._directories.values():
            shutil.rmtree(directory, ignore_errors=True)


def _places(wanted: "str | None") -> "list[str]":
    """Return where a file may lie until it is used, the best place first."""
    import tempfile

    places = [tempfile.gettempdir(), "/var/tmp", os.path.expanduser("~")]  # noqa: S108 (a private directory in it)
    if wanted:
        wanted = os.path.expanduser(wanted)
        os.makedirs(wanted, 0o700, exist_ok=True)
        places.insert(0, wanted)
    return places


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
