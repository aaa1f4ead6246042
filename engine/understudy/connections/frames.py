"""Messages to bytes and back, the same source on both sides of a connection. No I/O.

A frame is two lengths (header and payload, 4 bytes each, big-endian), a header in JSON with the key
`type`, and a payload of raw bytes for what JSON carries badly: module sources, results, chunks of
files. Text that is not UTF-8 travels as surrogate escapes. Python 3.6: this file is sent to the
target.
"""

import json
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from understudy.connections.base import JsonObject

LIMIT = 64 << 20
"""No part of a frame is longer than this, in bytes: more means that these are no frames."""
_LENGTHS = struct.Struct(">II")
_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


class FrameError(Exception):
    """The bytes received are not frames, or a message does not fit into one."""


def encode(header: "JsonObject", payload: bytes = b"") -> bytes:
    """Return the frame of a message; raise FrameError when it is too long, TypeError if no JSON."""
    text = _encode(header).encode("ascii")
    if len(text) > LIMIT or len(payload) > LIMIT:
        size = max(len(text), len(payload))
        raise FrameError("a message of %d bytes is over the limit of %d" % (size, LIMIT))
    return _LENGTHS.pack(len(text), len(payload)) + text + payload


class Decoder:
    """Takes bytes as they come and gives whole messages."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> "list[tuple[JsonObject, bytes]]":
        """Return the messages completed by `data` as header and payload; raise FrameError."""
        self._buffer += data
        messages = []  # type: list[tuple[JsonObject, bytes]]
        while True:
            message = self._take()
            if message is None:
                return messages
            messages.append(message)

    def _take(self) -> "tuple[JsonObject, bytes] | None":
        if len(self._buffer) < _LENGTHS.size:
            return None
        header, payload = _LENGTHS.unpack_from(self._buffer)
        if header > LIMIT or payload > LIMIT:
            raise FrameError("expected a frame, got %r" % bytes(self._buffer[:40]))
        start = _LENGTHS.size
        end = start + header + payload
        if len(self._buffer) < end:
            return None
        text = bytes(self._buffer[start : start + header])
        content = bytes(self._buffer[start + header : end])
        del self._buffer[:end]
        return _header(text), content


def _header(text: bytes) -> "JsonObject":
    try:
        header = json.loads(text.decode("ascii"))
    except ValueError:
        header = None
    if not isinstance(header, dict) or "type" not in header:
        raise FrameError("a frame's header is no message: %r" % text[:40])
    return header
