"""Files that the controller puts on the target: they come in chunks and lie in a private directory.

Runs on the target: standard library and Python 3.6 only.
"""

import os
import shutil

TYPE_CHECKING = False
if TYPE_CHECKING:
    from understudy.connections.base import JsonObject


class Uploads:
    """The files that are coming, by the number of their request, and where all of them lie."""

    def __init__(self) -> None:
        self._open = {}  # type: dict[int, tuple[int, str]]
        self._directory = None  # type: str | None
        self._count = 0

    def add(self, number: int, chunk: bytes, last: bool) -> "JsonObject | None":
        """Store a chunk; return the answer with the last one, or when there is no room."""
        try:
            handle, path = self._open.get(number) or self._begin(number)
            view = memoryview(chunk)
            while view:
                view = view[os.write(handle, view) :]
        except OSError as error:
            self.drop(number)
            return {"failed": True, "msg": "cannot store a file: %s" % error.strerror}
        if not last:
            return None
        os.close(self._open.pop(number)[0])
        return {"path": path}

    def _begin(self, number: int) -> "tuple[int, str]":
        if self._directory is None:
            self._directory = _private_directory()
        self._count += 1
        path = os.path.join(self._directory, str(self._count))
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._open[number] = handle, path
        return handle, path

    def drop(self, number: int) -> None:
        """Forget a file that is not wanted any more."""
        if number in self._open:
            handle, path = self._open.pop(number)
            os.close(handle)
            os.unlink(path)

    def descriptors(self) -> "list[int]":
        """Return what a forked child must not keep."""
        return [handle for handle, _ in self._open.values()]

    def clean_up(self) -> None:
        """Remove every file that no module has taken away."""
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)


def _private_directory() -> str:
    import tempfile  # costs milliseconds, and most agents receive no file

    return tempfile.mkdtemp(prefix="understudy-")
