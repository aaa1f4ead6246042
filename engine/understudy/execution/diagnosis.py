"""Why a task failed, with its place in the playbook."""

from __future__ import annotations

from typing import Any

from understudy.playbook.model import Task
from understudy.text.diagnostic import Diagnostic, Label
from understudy.text.source import Span
from understudy.values.errors import TemplateFailed


def of_exception(task: Task, cause: Exception, message: str) -> Diagnostic:
    """Return the diagnostic of a task that failed before, or beside, its action."""
    if not isinstance(cause, TemplateFailed):
        span: Span | None = getattr(cause, "span", None)
        return Diagnostic(code="task-failed", message=message, span=span or task.action.span)
    others = tuple(
        Label(span, f"`{name}` is defined here")
        for name, span in cause.chain
        if span is not None and span != cause.span
    )
    return Diagnostic(
        code=cause.code,
        message=message,
        span=cause.span or task.action.span,
        others=others,
        help=cause.help,
    )


def of_result(task: Task, result: dict[str, Any]) -> Diagnostic:
    """Return the diagnostic of a task whose action returned a failure."""
    message = str(result.get("msg") or "the task failed")
    return Diagnostic(code="task-failed", message=message, span=task.action.span)
