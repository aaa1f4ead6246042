"""What is wrong with a user's text, where, and what to write instead: data only, no output."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from understudy.text.source import Span


class Severity(Enum):
    """How bad a finding is: an ERROR cannot run, a WARNING probably means something else."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Label:
    """A further place that belongs to a finding, and what is to be seen there."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Put `text` in the place of what stands in `span`; an empty span inserts."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """Edits that mend what was found, made together or not at all.

    `message` says what they do: "write `retries: 360`". A safe one keeps what the playbook does.
    """

    message: str
    edits: tuple[Edit, ...]
    is_safe: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One finding. `code` is its slug; `message` is lower case without a final period."""

    code: str
    message: str
    span: Span | None = None
    severity: Severity = Severity.ERROR
    label: str = ""
    others: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: str | None = None
    fix: Fix | None = None


class PlaybookInvalid(Exception):  # noqa: N818 (names what is so, as the diagnostics do)
    """The user's text cannot be run: carries every diagnostic, the best one first."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("; ".join(d.message for d in self.diagnostics))


_DIGITS = re.compile(r"\d+")
_MANY = 200
"""How many names may each be compared with a word, which takes time: of more than that, names with
other numbers are other things."""


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """Return the known word nearest to `word`, or None when nothing is near."""
    import difflib  # costs milliseconds, and few texts have a slip

    names = list(known)
    if len(names) > _MANY:
        digits = _DIGITS.findall(word)
        names = [name for name in names if _DIGITS.findall(name) == digits]
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.7)
    return near[0] if near else None
