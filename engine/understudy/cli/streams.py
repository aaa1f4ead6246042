"""Standard output and error, made fit for whatever a command has to say."""

from __future__ import annotations

import codecs
import io
import os
import select
import sys

_RAW = range(0xDC80, 0xDD00)
"""What stands in a text for a byte that is none of its encoding, such as in a file's name."""


def prepare() -> None:
    """Let no text fail to be written, and a stream that is closed be one that nobody reads."""
    codecs.register_error("understudy", _escaped)
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            is_raw = stream.errors == "surrogateescape"
            stream.reconfigure(errors="understudy" if is_raw else "backslashreplace")


def _nowhere() -> io.TextIOWrapper:
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123 (open until the end)


def _escaped(error: UnicodeError) -> tuple[str | bytes, int]:
    """Write bytes of names as they are, and what the encoding lacks by its number."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letter = error.object[error.start]
    if ord(letter) in _RAW:
        return bytes([ord(letter) - 0xDC00]), error.start + 1
    return letter.encode("ascii", "backslashreplace"), error.start + 1


def is_unread() -> bool:
    """Tell whether nobody reads the output any more, as in `understudy doc --list | head`."""
    poll = select.poll()
    poll.register(sys.stdout.fileno(), 0)
    return bool(poll.poll(0))


def abandon() -> None:
    """Let what is still to be written go nowhere: the interpreter would tell of it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
