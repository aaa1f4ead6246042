"""What can go wrong while a text is rendered: the message Ansible gives, and the places to show."""

from __future__ import annotations

from dataclasses import dataclass

from understudy.text.source import Span


@dataclass(eq=False)
class TemplateFailed(Exception):  # noqa: N818 (names what is so, as the diagnostics do)
    """A text could not be rendered.

    `message` is Ansible's text of the cause, without what its caller puts before it. `text` and
    `span` are the innermost text that failed; `offset` is the place in `text`, when it is known.
    `chain` names the variables that were being read, outermost first, with their places.
    """

    message: str
    code: str = "template-failed"
    text: str | None = None
    span: Span | None = None
    offset: int | None = None
    chain: tuple[tuple[str, Span | None], ...] = ()
    help: str | None = None

    def __str__(self) -> str:
        return self.message


class NeedsThread(BaseException):
    """A lookup that does I/O was reached on the event loop: the rendering is repeated in a thread.

    Not an `Exception`, so that no filter or test can swallow it.
    """
