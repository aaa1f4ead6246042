"""What a finding is known by from one check to the next, also when its line has moved.

A fingerprint is made of the rule, the file, the text of the line, and of how many findings alike
come before it in the file. Neither the line's number nor the message is in it.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from understudy.text.diagnostic import Diagnostic

_SPACE = re.compile(r"\s+")
_LENGTH = 16


@dataclass(frozen=True, order=True, slots=True)
class Fingerprint:
    """What a finding is known by. `number` counts from 1 among those that are else alike."""

    file: str
    """Relative to the root that was given, with `/`; empty for what lies in no file."""
    slug: str
    line: str
    """A hash of the line's text, however it is indented."""
    number: int

    @property
    def digest(self) -> str:
        """All of it as one text, for formats that want a single one."""
        whole = "\0".join((self.file, self.slug, self.line, str(self.number)))
        return _hash(whole, 2 * _LENGTH)


def fingerprints(findings: Sequence[Diagnostic], root: Path) -> list[Fingerprint]:
    """Return the fingerprint of each finding, in their order; files are relative to `root`."""
    met: Counter[tuple[str, str, str]] = Counter()
    made = []
    for found in findings:
        file = relative_path(found.span.source.name, root) if found.span else ""
        alike = (file, found.code, _line_hash(found))
        met[alike] += 1
        made.append(Fingerprint(*alike, met[alike]))
    return made


def relative_path(name: str, root: Path) -> str:
    """Return the name of a file as it is seen from `root`, with `/`."""
    # not `resolve`: a project that is a link to another has files of its own
    return Path(os.path.relpath(name, root)).as_posix()


def _line_hash(found: Diagnostic) -> str:
    """Return the hash of a finding's line. Nothing of a secret text is in it."""
    text = found.message
    if found.span is not None:
        text = found.span.source.shown_line(found.span.start.line)
    return _hash(_SPACE.sub(" ", text.strip()), _LENGTH)


def _hash(text: str, length: int) -> str:
    # names of files may have bytes that are no UTF-8
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:length]
