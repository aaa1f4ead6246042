"""Why a task failed, with its place in the playbook."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from understudy.execution import hints
from understudy.playbook.model import Task
from understudy.text.diagnostic import Diagnostic
from understudy.values.errors import TemplateFailed
from understudy.values.explain import explain
from understudy.values.scope import Scope


def of_exception(task: Task, cause: Exception, message: str, scope: Scope) -> Diagnostic:
    """Return the diagnostic of a task that failed before, or beside, its action."""
    if isinstance(cause, TemplateFailed):
        found = explain(cause, scope)
        help_ = found.help or hints.for_template(task, cause)
        return replace(found, span=found.span or task.action.span, help=help_)
    span = getattr(cause, "span", None) or task.action.span
    return Diagnostic(code="task-failed", message=message, span=span)


def of_result(task: Task, result: dict[str, Any]) -> Diagnostic:
    """Return the diagnostic of a task whose action returned a failure."""
    message = str(result.get("msg") or "the task failed")
    help_ = hints.for_result(task, result)
    return Diagnostic(code="task-failed", message=message, span=task.action.span, help=help_)
