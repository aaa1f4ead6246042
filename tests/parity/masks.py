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
    """A key whose value is volatile; with `beside`, only where that key stands in the same dict."""

    key: str
    reason: str
    beside: str | None = None


@dataclass(frozen=True)
class TextMask:
    """A volatile piece of an item label or of a console line."""

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
    Mask("atime", "time of the file system"),
    Mask("mtime", "time of the file system"),
    Mask("ctime", "time of the file system"),
    Mask("dev", "number of the file system"),
    Mask("inode", "number that the file system gives"),
    Mask("block_size", "depends on the file system"),
    Mask("blocks", "depends on the file system"),
    Mask("nlink", "number of links of a directory depends on the file system", beside="isdir"),
    Mask("src", "upload path with time, process id and a random number", beside="md5sum"),
    Mask("_original_basename", "a random name where the content was given as text"),
    Mask("frame", "a text about tracebacks that no user reads", beside="period"),
)

TEXT_MASKS = (TextMask(r"\bj\d{1,12}\.\d+\b", "<job>", "a job id is random"),)


def mask(value: Json, *, token: str = "<volatile>") -> Json:
    """Return the value with every volatile part replaced, at any depth."""
    if isinstance(value, list):
        return [mask(item, token=token) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: token if inner is not None and is_masked(key, value) else mask(inner, token=token)
        for key, inner in value.items()
    }


def is_masked(key: str, owner: dict[str, Json]) -> bool:
    """Tell whether a mask covers this key of this dict."""
    return any(m.key == key and (m.beside is None or m.beside in owner) for m in MASKS)


def mask_text(text: str) -> str:
    """Return a line or an item label with its volatile pieces replaced."""
    for text_mask in TEXT_MASKS:
        text = re.sub(text_mask.pattern, text_mask.token, text)
    return text
