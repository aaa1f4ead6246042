"""What a dynamic include brings, where its file or role is known before a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from understudy.check.flow.given import Layer
from understudy.check.flow.known import UNKNOWN, Names, known
from understudy.check.flow.visits import Visit
from understudy.playbook.files import Loader
from understudy.playbook.model import Brought, Task
from understudy.playbook.role_files import tasks_path
from understudy.text.diagnostic import Diagnostic, Severity
from understudy.values.texts import Value, texts_in

Found: TypeAlias = tuple[object, Brought, tuple[Diagnostic, ...]]
"""What an include brings, with what tells it from others, and what is wrong with it."""
_NOT_THERE = frozenset({"missing-file", "unknown-role", "unsupported-role"})
"""What a name that is made from variables may lead to: another run may give it another value."""


def items_of(visit: Visit) -> list[Value]:
    """Return the items of an include's loop; one that is UNKNOWN if there is none."""
    loop = visit.task.loop
    if loop is None:
        return [UNKNOWN]
    if loop.lookup not in (None, "items", "list"):
        return [UNKNOWN]
    written = loop.items
    if isinstance(written, list) and written:
        # `with_items` takes the lists in its list apart
        is_flat = loop.lookup != "items" or not any(isinstance(one, list) for one in written)
        return [visit.known(item) for item in written] if is_flat else [UNKNOWN]
    items = visit.known(written)
    return items if isinstance(items, list) and items else [UNKNOWN]


def brought_by(visit: Visit, item: Value, loader: Loader, folder: Path) -> Found | None:
    """Return what an include brings for an item of its loop, or None if that is not known.

    `folder` is the directory of the playbook.
    """
    if visit.task.action.template is not None:
        return None
    names = visit.names if item is UNKNOWN else _with_item(visit, item)
    bring = _tasks if visit.task.action.name == "include_tasks" else _role
    return bring(visit.task, names, loader, folder)


def _tasks(task: Task, names: Names, loader: Loader, folder: Path) -> Found | None:
    action = task.action
    written = action.free_form if action.free_form is not None else action.args.get("file")
    name, apply = known(written, names), action.args.get("apply") or {}
    if not isinstance(name, str) or not isinstance(apply, dict):
        return None
    beside = Path(task.span.source.name).parent
    path = tasks_path(name, beside, task.role, folder, handlers=task.is_handler, dynamic=True)
    return (path, task.role), *loader.look_at_tasks(path, task, apply, folder)


def _role(task: Task, names: Names, loader: Loader, folder: Path) -> Found | None:
    # the keywords of `apply` stay what the author wrote
    args = {
        name: value if name == "apply" else known(value, names)
        for name, value in task.action.args.items()
    }
    if any(value is UNKNOWN for value in args.values()) or "name" not in args:
        return None
    own = dict(task.inherited.vars[0]) if task.inherited.vars else {}
    return repr(sorted(args.items())), *loader.look_at_role(task, args, own, folder)


def _with_item(visit: Visit, item: Value) -> Names:
    loop = visit.task.loop
    name = loop.loop_var if loop else ""
    fixed = visit.names.is_fixed
    return Names(({name: item}, *visit.names.layers), lambda asked: asked == name or fixed(asked))


def given_by(include: Task, item: Value) -> tuple[Layer, ...]:
    """Return the variables that what an include brings sees above all others."""
    own = include.inherited.vars[:1] if "vars" in include.keyword_spans else ()
    loop = include.loop
    if loop is None:
        return own
    names = {loop.loop_var: item}
    if loop.index_var:
        names[loop.index_var] = UNKNOWN
    return *own, names


def told_of(include: Visit, invalid: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Yield what is to be told of what an include brings.

    A file that is not there fails the include alone, so a `rescue` goes on; `ignore_errors` does
    not help. What is wrong in a file ends the run.
    """
    task = include.task
    sure = _is_literal(task)
    for one in invalid:
        is_its_own = one.span is None or one.span.source.name == task.span.source.name
        if one.code not in _NOT_THERE:
            if not _is_told(one, task):
                yield one
        elif sure and include.is_rescued and is_its_own:
            yield replace(one, severity=Severity.WARNING)
        elif sure:
            yield one


def _is_told(found: Diagnostic, include: Task) -> bool:
    """Tell whether a finding is about the include itself, whose reader has told it."""
    is_own = found.code == "argument-value" and found.span in include.action.arg_spans.values()
    return is_own and _is_literal(include)


def _is_literal(task: Task) -> bool:
    """Tell whether an include names without a template what it brings."""
    return not any(True for _ in texts_in((task.action.free_form, task.action.args)))
