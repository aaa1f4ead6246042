"""Text files of the author: read as UTF-8, or refused with the place of what is not."""

from __future__ import annotations

import codecs
from pathlib import Path

from understudy.text.diagnostic import Diagnostic, PlaybookInvalid
from understudy.text.source import Source, Span, span_at


def read_source(path: Path, *, named_at: Span | None = None) -> Source:
    """Return a file's text under the name it was asked for, without a byte order mark.

    `named_at` is where the author wrote the name. Raises PlaybookInvalid.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PlaybookInvalid([unreadable(path, error, named_at)]) from None
    except ValueError:
        raise PlaybookInvalid([not_a_name(path, named_at)]) from None
    return decode_source(str(path), data)


def decode_source(name: str, data: bytes) -> Source:
    """Return bytes as the text that they are, without a byte order mark. Raises PlaybookInvalid."""
    try:
        return Source(name, data.removeprefix(codecs.BOM_UTF8).decode("utf-8"))
    except UnicodeDecodeError as error:
        raise PlaybookInvalid([_not_utf8(name, data, error)]) from None


def unreadable(path: Path, error: OSError, named_at: Span | None) -> Diagnostic:
    """Return the finding for a file that the system does not give."""
    if isinstance(error, FileNotFoundError):
        return Diagnostic(code="missing-file", message=f"there is no file `{path}`", span=named_at)
    reason = (error.strerror or str(error)).lower()
    return Diagnostic(
        code="unreadable-file", message=f"cannot read `{path}`: {reason}", span=named_at
    )


def not_a_name(path: Path, named_at: Span | None) -> Diagnostic:
    """Return the finding for what no file can be called."""
    name = str(path).replace("\0", "\ufffd")
    message = f"cannot read `{name}`: no name of a file holds the character U+0000"
    return Diagnostic(code="unreadable-file", message=message, span=named_at)


def _not_utf8(name: str, data: bytes, error: UnicodeDecodeError) -> Diagnostic:
    source = Source(name, data.decode("utf-8", "replace"))
    place = source.position(len(data[: error.start].decode("utf-8")))
    return Diagnostic(
        code="not-utf-8",
        message=f"the byte 0x{data[error.start]:02x} is not UTF-8 text",
        span=span_at(source, place),
        help="save the file in the encoding UTF-8",
    )
