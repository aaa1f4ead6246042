"""Messages to bytes and back, the same source on both sides of a connection. No I/O.

A frame is two lengths (header and payload, 4 bytes each, big-endian), a header in JSON, and a
payload of raw bytes for what JSON carries badly: module sources and chunks of files. Text that is
not UTF-8 travels as surrogate escapes. Python 3.6: this file is sent to the target.
"""

import json
import struct

LIMIT = 1 << 30
"""No part of a frame is longer than this, in bytes: more means that the stream is not one of frames."""
_LENGTHS = struct.Struct(">II")
_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


class FrameError(Exception):
    """The bytes received are not frames."""


def encode(header, payload=b""):
    """Return the frame of a message: a dict that JSON can hold, and bytes. Raises TypeError."""
    text = _encode(header).encode("ascii")
    return _LENGTHS.pack(len(text), len(payload)) + text + payload


class Decoder(object):
    """Takes bytes as they come and gives whole messages."""

    def __init__(self):
        self._buffer = bytearray()

    def feed(self, data):
        """Return the list of messages completed by `data`, as pairs of header and payload."""
        self._buffer += data
        messages = []
        while True:
            message = self._take()
            if message is None:
                return messages
            messages.append(message)

    def _take(self):
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
        try:
            return json.loads(text.decode("ascii")), content
        except ValueError:
            raise FrameError("a frame's header is not JSON: %r" % text[:40])
