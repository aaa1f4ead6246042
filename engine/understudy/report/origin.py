"""Failures in Ansible's own words: `[ERROR]: Task failed: …` with the lines they come from."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from understudy.text.source import Span

_LINES_BEFORE = 2
_FAILED = "Task failed: "
_INCLUDES = ("include_role", "include_tasks")
_NO_MESSAGE = "Action failed."

ACTIONS_THEMSELVES = frozenset(
    "add_host assert debug fail fetch group_by include_vars pause raw reboot script set_fact"
    " set_stats validate_argument_spec wait_for_connection".split()
)
"""Actions that are no module: their failure is the action's, not a module's."""


def failure_block(action: str, result: Mapping[str, Any], place: Span, cause: Span | None) -> str:
    """Return the block that Ansible prints before a failed task's line.

    `place` is where the task stands, `cause` the text at fault, if a text is.
    """
    if action in _INCLUDES and "reason" in result:
        where = _origin(cause) if cause and action == "include_role" else ""
        return f"[ERROR]: {result['reason']}\n{where}"
    message = str(result.get("msg") or "")
    if message.startswith(_FAILED):
        return _raised(message, place, cause)
    who = "Action" if action in ACTIONS_THEMSELVES or result.get("async_result") else "Module"
    if "censored" in result:
        text = f"{who} failed."
    else:
        text = f"{who} failed: {message}" if message else _NO_MESSAGE
    return f"[ERROR]: {_FAILED}{text}\n{_origin(place)}"


def _raised(message: str, place: Span, cause: Span | None) -> str:
    """Return the block of a task that did not get to run: the task, then the text at fault."""
    if cause is None or cause.start == place.start or "Error while" not in message:
        return f"[ERROR]: {message}\n{_origin(place)}"
    text = message.removeprefix(_FAILED)
    return (
        f"[ERROR]: {message}\n\nTask failed.\n{_origin(place)}\n"
        f"<<< caused by >>>\n\n{text}\n{_origin(cause)}"
    )


def origin_path(place: Span) -> str:
    """Return the absolute path of the file that a place is in."""
    return os.path.abspath(place.source.name)  # noqa: PTH100 (a link stays a link)


def _origin(place: Span) -> str:
    return "\n".join(_origin_lines(place))


def _origin_lines(place: Span) -> Iterator[str]:
    line, column = place.start
    yield f"Origin: {origin_path(place)}:{line}:{column}"
    yield ""
    first = max(1, line - _LINES_BEFORE)
    width = len(str(line))
    for number in range(first, line + 1):
        yield f"{number:>{width}} {place.source.shown_line(number)}".rstrip()
    yield f"{' ' * (width + column)}^ column {column}"
    yield ""


def warning_block(message: str, place: Span | None) -> str:
    """Return a warning in Ansible's form."""
    text = f"[WARNING]: {message}"
    return text if place is None else f"{text}\n{_origin(place)}"
