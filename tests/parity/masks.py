"""The volatile values: the one list of what is not compared, each with its reason.

A mask replaces a value, never a key, and leaves null as null: that a key is there and holds
something is still compared. The keys in FORBIDDEN carry the meaning of a result and are never
masked; where one of them would be volatile, the case is designed so that it is not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.parity.shapes import Json

FORBIDDEN = frozenset(
    "changed failed skipped rc stdout stderr msg attempts finished started".split()
)


@dataclass(frozen=True)
class Mask:
    """A key whose value is volatile.

    With `beside` it is so only where that key stands in the same dict; with `holding`, only where
    that key has this value.
    """

    key: str
    reason: str
    beside: str | None = None
    holding: str | None = None

    def covers(self, key: str, owner: dict[str, Json]) -> bool:
        """Tell whether this key of this dict is masked."""
        if self.key != key or (self.beside is not None and self.beside not in owner):
            return False
        return self.holding is None or owner[self.beside or key] == self.holding


@dataclass(frozen=True)
class TextMask:
    """A volatile piece of a console line, of an item label, or of a value whose key is allowed."""

    pattern: str
    token: str
    reason: str


MASKS = (
    Mask("start", "wall time at which the command was started"),
    Mask("end", "wall time at which the command ended"),
    Mask("delta", "how long the command took"),
    Mask("elapsed", "how long wait_for waited, in whole seconds"),
    Mask("ansible_job_id", "a job id is random and holds a process id"),
    Mask("results_file", "path that ends in the job id"),
    Mask("erased", "path that ends in the job id"),
    Mask("jid", "a job id given as an argument"),
    Mask("child_pid", "process id of the job that the watcher killed"),
    Mask("uid", "the user who runs the suite"),
    Mask("gid", "the user who runs the suite"),
    Mask("owner", "the user who runs the suite"),
    Mask("group", "the user who runs the suite", beside="gid"),
    Mask("pw_name", "the user who runs the suite"),
    Mask("gr_name", "the user who runs the suite"),
    Mask("atime", "time of the file system", beside="isreg"),
    Mask("mtime", "time of the file system", beside="isreg"),
    Mask("ctime", "time of the file system", beside="isreg"),
    Mask("dev", "number of the file system", beside="isreg"),
    Mask("inode", "number that the file system gives", beside="isreg"),
    Mask("block_size", "depends on the file system", beside="isreg"),
    Mask("blocks", "depends on the file system", beside="isreg"),
    Mask("version", "generation number that the file system gives", beside="isreg"),
    Mask("attr_flags", "depends on the file system", beside="isreg"),
    Mask("attributes", "depends on the file system", beside="isreg"),
    Mask("nlink", "number of links of a directory depends on the file system", beside="isreg"),
    Mask("size", "depends on the file system", beside="state", holding="directory"),
    Mask("src", "upload path with time, process id and a random number", beside="md5sum"),
    Mask("src", "temporary file of a download", beside="checksum_src"),
    Mask("src", "path of an upload", beside="handler"),
    Mask("extract_results", "holds the path of an upload", beside="handler"),
    Mask("_original_basename", "a random name where the content was given as text"),
    Mask("execution_time_ms", "how long each statement took"),
    Mask("cache_update_time", "when the lists of packages were fetched"),
    Mask("frame", "a text about tracebacks that no user reads", beside="period"),
)

TOKEN = "<volatile>"
TEXT_MASKS = (TextMask(r"\bj\d{1,12}\.\d+\b", "<job>", "a job id is random"),)


def mask(value: Json) -> Json:
    """Return the value with every volatile part replaced, at any depth."""
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, list):
        return [mask(item) for item in value]
    if isinstance(value, dict):
        return {key: _mask_member(key, value) for key in value}
    return value


def _mask_member(key: str, owner: dict[str, Json]) -> Json:
    value = owner[key]
    if value is not None and is_masked(key, owner):
        return TOKEN
    is_kept = key in FORBIDDEN and isinstance(value, str)
    return value if is_kept else mask(value)


def is_masked(key: str, owner: dict[str, Json]) -> bool:
    """Tell whether a mask covers this key of this dict."""
    return any(m.covers(key, owner) for m in MASKS)


def mask_text(text: str) -> str:
    """Return a text with its volatile pieces replaced."""
    for text_mask in TEXT_MASKS:
        text = re.sub(text_mask.pattern, text_mask.token, text)
    return text
