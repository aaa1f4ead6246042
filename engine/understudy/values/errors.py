"""What can go wrong while a text is rendered: the message Ansible gives, and the places to show."""

from __future__ import annotations

import re
from dataclasses import dataclass

from understudy.text.source import Span

NOT_RUN = "plugin-not-run"
"""The code of a failure that says nothing of the text: a plugin that it needs is declared only."""


@dataclass(eq=False)
class TemplateFailed(Exception):  # noqa: N818 (names what is so, as the diagnostics do)
    """A text could not be rendered.

    `message` is Ansible's text of the cause, without what its caller puts before it. `text` and
    `span` are the innermost text that failed. `name` is the variable or the key that is missing,
    and `known` are the keys that there are. `chain` names the variables that were being read,
    outermost first, with their places.
    """

    message: str
    code: str = "template-failed"
    text: str | None = None
    span: Span | None = None
    name: str | None = None
    known: tuple[str, ...] = ()
    chain: tuple[tuple[str, Span | None], ...] = ()
    help: str | None = None
    context: str = ""
    """What the callers were about, outermost first, as Ansible puts it before the message."""

    def __str__(self) -> str:
        return self.context + self.message

    def within(self, context: str) -> TemplateFailed:
        """Put what a caller was about before the message, and return this failure."""
        self.context = context + self.context
        return self

    @property
    def offset(self) -> int | None:
        """Where the missing name stands in `text`, from 0, or None."""
        if self.text is None or self.name is None:
            return None
        found = re.search(rf"(?<!\w){re.escape(self.name)}(?!\w)", self.text)
        return found.start() if found else None


class NeedsThread(BaseException):
    """A lookup that does I/O was reached on the event loop: the rendering is repeated in a thread.

    Not an `Exception`, so that no filter or test can swallow it.
    """
