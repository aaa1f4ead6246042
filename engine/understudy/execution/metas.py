"""`meta` tasks: which run once for all hosts, and what Ansible says when `when` stops one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from understudy.playbook.model import Task

_ONCE = frozenset(
    {"clear_facts", "clear_host_errors", "end_batch", "end_play", "refresh_inventory"}
)
_UNCONDITIONAL = frozenset({"noop", "refresh_inventory", "reset_connection"})
_CONTINUING: Mapping[str, str] = {
    "clear_facts": "not clearing facts and fact cache for {host}",
    "clear_host_errors": "not clearing host error state for {host}",
    "end_batch": "continuing current batch",
    "end_host": "continuing execution for {host}",
    "end_play": "continuing play",
    "end_role": "continuing role {role} for {host}",
    "flush_handlers": "not running handlers for {host}",
}


_DONE: Mapping[str, str] = {
    "clear_facts": "facts cleared",
    "clear_host_errors": "cleared host errors",
    "end_batch": "ending batch",
    "end_host": "ending play for {host}",
    "end_play": "ending play",
    "end_role": "ending role {role} for {host}",
    "flush_handlers": "triggered running handlers for {host}",
    "refresh_inventory": "inventory successfully refreshed",
    "reset_connection": "reset connection",
}


def is_once_for_all(task: Task) -> bool:
    """Tell whether a task is a meta task that is decided for the first host alone."""
    return task.action.name == "meta" and str(task.action.free_form) in _ONCE


def unconditional(task: Task) -> str | None:
    """Return Ansible's warning for a meta task whose `when` does not count, if it is one."""
    kind = str(task.action.free_form)
    if task.action.name != "meta" or kind not in _UNCONDITIONAL or not task.inherited.when:
        return None
    return f"{kind} task does not support when conditional"


def stopped(task: Task, host: str) -> Mapping[str, Any] | None:
    """Return what is shown of a meta task whose conditions do not hold, if anything is."""
    kind = str(task.action.free_form)
    words = _CONTINUING.get(kind)
    if words is None:
        return None
    message = kind
    if kind == "end_host":
        message = f"end_host conditional evaluated to false, {words.format(host=host)}"
    return {"msg": message, "skip_reason": in_words(task, host, skipped=True)}


def in_words(task: Task, host: str, *, skipped: bool) -> str:
    """Return what Ansible says of a meta task that was carried out, or `skipped`."""
    kind = str(task.action.free_form)
    names = {"host": host, "role": task.role.name if task.role else ""}
    if not skipped:
        return _DONE.get(kind, kind).format(**names)
    going_on = _CONTINUING.get(kind, "").format(**names)
    return f"{kind} conditional evaluated to False, {going_on}"
