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
        raise PlaybookInvalid([_unreadable(path, error, named_at)]) from None
    try:
        return Source(str(path), data.removeprefix(codecs.BOM_UTF8).decode("utf-8"))
    except UnicodeDecodeError as error:
        raise PlaybookInvalid([_not_utf8(path, data, error)]) from None


def _unreadable(path: Path, error: OSError, named_at: Span | None) -> Diagnostic:
    if isinstance(error, FileNotFoundError):
        return Diagnostic(code="missing-file", message=f"there is no file `{path}`", span=named_at)
    reason = (error.strerror or str(error)).lower()
    return Diagnostic(
        code="unreadable-file", message=f"cannot read `{path}`: {reason}", span=named_at
    )


def _not_utf8(path: Path, data: bytes, error: UnicodeDecodeError) -> Diagnostic:
    source = Source(str(path), data.decode("utf-8", "replace"))
    place = source.position(len(data[: error.start].decode("utf-8")))
    return Diagnostic(
        code="not-utf-8",
        message=f"the byte 0x{data[error.start]:02x} is not UTF-8 text",
        span=span_at(source, place),
        help="save the file in the encoding UTF-8",
    )
