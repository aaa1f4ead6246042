"""What a task takes from its blocks and its play: each level added to the one around it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from understudy.playbook.model import Inherited
from understudy.values.conditions import as_condition
from understudy.values.overriding import over
from understudy.values.texts import Authored, Condition, Value

_NEAREST = {
    "any_errors_fatal": "any_errors_fatal",
    "check_mode": "check_mode",
    "connection": "connection",
    "debugger": "debugger",
    "delegate_facts": "delegate_facts",
    "delegate_to": "delegate_to",
    "diff": "diff",
    "ignore_errors": "ignore_errors",
    "ignore_unreachable": "ignore_unreachable",
    "no_log": "no_log",
    "port": "port",
    "remote_user": "remote_user",
    "run_once": "run_once",
    "throttle": "throttle",
    "timeout": "timeout_s",
    "user": "remote_user",
}
_BECOME = {
    "become": "become",
    "become_user": "user",
    "become_method": "method",
    "become_flags": "flags",
    "become_exe": "exe",
}


def inheritable(name: str) -> bool:
    """Tell whether a keyword reaches the tasks inside what it stands on."""
    return name in _NEAREST or name in _BECOME or name in _ADDED


def inherit(outer: Inherited, own: Mapping[str, Value]) -> Inherited:
    """Return what holds inside a level whose own keywords have these values.

    Values that are None are not given. Raises TemplateFailed for what cannot be a condition.
    """
    changes: dict[str, Any] = {}
    become: dict[str, Value] = {}
    for name, value in own.items():
        if value is None:
            continue
        if name in _NEAREST:
            field = _NEAREST[name]
            # an omitted delegate is none, whatever stands around it
            is_delegate = name == "delegate_to"
            changes[field] = value if is_delegate else over(getattr(outer, field), value)
        elif name in _BECOME:
            field = _BECOME[name]
            become[field] = over(getattr(outer.become, field), value)
        elif name in _ADDED:
            changes[name] = _ADDED[name](outer, value)
    if become:
        changes["become"] = replace(outer.become, **become)
    return replace(outer, **changes) if changes else outer


def texts(value: Value) -> tuple[Value, ...]:
    """Return a list's elements, or the one value there is; texts of numbers count as texts."""
    items = value if isinstance(value, list) else [value]
    return tuple(
        Authored(str(item)) if isinstance(item, int | float) else item
        for item in items
        if item is not None
    )


def conditions(value: Value) -> tuple[Condition, ...]:
    """Return one condition or a list of them; raise TemplateFailed for an empty text."""
    items = value if isinstance(value, list) else [value]
    return tuple(as_condition(item) for item in items if item is not None)


def _listed(value: Value) -> Iterable[Value]:
    return value if isinstance(value, list) else (value,)


_ADDED: Mapping[str, Callable[[Inherited, Value], tuple[Any, ...]]] = {
    "vars": lambda outer, value: (value, *outer.vars) if value else outer.vars,
    "when": lambda outer, value: (*outer.when, *conditions(value)),
    "tags": lambda outer, value: (*outer.tags, *texts(value)),
    "environment": lambda outer, value: (*outer.environment, *_listed(value)),
    "module_defaults": lambda outer, value: (*outer.module_defaults, *_listed(value)),
    "notify": lambda _outer, value: texts(value),
    "collections": lambda outer, value: (*texts(value), *outer.collections),
}
