"""What a command writes while it runs becomes events, line by line."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import dataclass, field

_LONGEST = 4096
"""Characters of a line that are shown at once: a longer one is broken."""


@dataclass(slots=True)
class _Stream:
    """The beginning of a line that has no end yet."""

    decoder: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")("replace")
    )
    rest: str = ""

    def lines(self, data: bytes) -> list[str]:
        """Return the lines that are complete now."""
        *whole, self.rest = (self.rest + self.decoder.decode(data)).split("\n")
        if len(self.rest) > _LONGEST:
            whole.append(self.rest)
            self.rest = ""
        return [line.removesuffix("\r") for line in whole]


@dataclass(slots=True)
class Lines:
    """Takes the pieces of a command's two streams, and tells their lines."""

    tell: Callable[[str, str], None]
    """Is told the name of a stream and a line without its end."""
    _streams: dict[str, _Stream] = field(default_factory=dict)

    def add(self, name: str, data: bytes) -> None:
        """Take a piece of a stream, or the number of bytes that were left out (`lost`)."""
        if name == "lost":
            self.tell("stderr", f"... {int(data)} bytes are not shown")
            return
        for line in self._streams.setdefault(name, _Stream()).lines(data):
            self.tell(name, line)

    def finish(self) -> None:
        """Tell what was written without the end of a line."""
        for name, stream in self._streams.items():
            if stream.rest:
                self.tell(name, stream.rest)
                stream.rest = ""
