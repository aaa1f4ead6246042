"""A task as `ansible_failed_task` describes it: what was written, rendered where it can be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from understudy.execution.prepare import written
from understudy.playbook.model import Task
from understudy.values.errors import TemplateFailed
from understudy.values.merging import layered
from understudy.values.scope import Scope
from understudy.values.show import show_text
from understudy.values.template import render
from understudy.values.texts import Template, Value, VaultText

_HIDDEN = ("args", "loop", "vars")
"""What may hold the secrets of a `no_log` task."""


def description(task: Task, name: str, scope: Scope, *, hidden: bool) -> dict[str, Any]:
    """Return a task's name, action and arguments, and the keywords that tell tasks apart.

    Of one that is `hidden` nothing is told that `no_log` is to keep.
    """
    told = _described(task, name, scope)
    return {key: value for key, value in told.items() if not (hidden and key in _HIDDEN)}


def _described(task: Task, name: str, scope: Scope) -> dict[str, Any]:
    own = task.inherited
    args = task.action.args
    if task.action.free_form is not None:
        args = {**args, "_raw_params": task.action.free_form}
    return {
        "name": name,
        "action": task.action.written,
        "args": _shown(args, scope),
        "become": _shown(own.become.become, scope),
        "delegate_to": _shown(own.delegate_to, scope),
        "ignore_errors": _shown(own.ignore_errors, scope),
        "loop": None if task.loop is None else _shown(task.loop.items, scope),
        "no_log": _shown(own.no_log, scope),
        "notify": _shown(list(task.notify), scope) or None,
        "register": task.register,
        "run_once": _shown(own.run_once, scope),
        "tags": _shown(list(own.tags), scope),
        "vars": _shown(layered(reversed(own.vars)), scope),
        "when": [written(one) for one in own.when],
    }


def _shown(value: Value, scope: Scope) -> Value:
    """Return a value rendered; a text that fails is shown with the failure in it."""
    if isinstance(value, (Template, VaultText)):
        try:
            return render(value, scope)
        except TemplateFailed:
            return show_text(value, scope).value if isinstance(value, Template) else None
    if isinstance(value, Mapping):
        return {key: _shown(item, scope) for key, item in value.items()}
    return [_shown(item, scope) for item in value] if isinstance(value, list) else value
