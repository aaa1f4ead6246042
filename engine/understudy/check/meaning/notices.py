"""Who notifies which handlers in a play, as far as their names are known before a run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from understudy.check.flow.known import UNKNOWN
from understudy.check.flow.visits import PlayFlow, Visit
from understudy.playbook.model import Task
from understudy.text.source import Span
from understudy.values.texts import Template, Value

_INCLUDES = frozenset({"include_role", "include_tasks"})
"""What has `notify` from its block alone, and notifies nothing itself."""


@dataclass(frozen=True, eq=False, slots=True)
class Notice:
    """One name under which a task notifies handlers."""

    name: str
    span: Span | None
    visit: Visit


@dataclass(frozen=True, eq=False, slots=True)
class Handler:
    """A handler with what it can be notified by."""

    task: Task
    names: tuple[str, ...]
    """Its own name and all that it listens to, each also behind the name of its role."""


@dataclass(slots=True)
class Notices:
    """The handlers of a play and what notifies them."""

    handlers: list[Handler] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    unknown_handlers: bool = False
    """Whether some can be notified by names that only a run can tell."""
    unknown_notices: bool = False
    """Whether something is notified whose name only a run can tell."""
    names: dict[str, Task] = field(default_factory=dict)
    """The handlers by each of their names: of several, the first."""


def name_place(handler: Task) -> Span:
    """Return where the name of a handler stands, or the handler if it has none."""
    return handler.keyword_spans.get("name", handler.span)


def notices_of(part: PlayFlow) -> Notices:
    """Return what the tasks of a play notify: it is sought once."""
    if part.notices is None:
        part.notices = _sought(part)
    return part.notices


def _sought(part: PlayFlow) -> Notices:
    found = Notices(unknown_handlers=part.is_open, unknown_notices=part.is_open)
    visits = {id(visit.task): visit for visit in part.visits}
    for task in part.handlers:
        names = list(_names_of(task, visits.get(id(task))))
        if None in names:
            found.unknown_handlers = True
        handler = Handler(task, tuple(name for name in names if name is not None))
        found.handlers.append(handler)
        for name in handler.names:
            found.names.setdefault(name, task)
    for visit in part.visits:
        for value in visit.task.notify if visit.task.action.name not in _INCLUDES else ():
            names = list(_texts(visit.known(value)))
            span = getattr(value, "span", None)
            found.unknown_notices |= None in names
            found.notices += [Notice(one, span, visit) for one in names if one is not None]
    return found


def _names_of(task: Task, visit: Visit | None) -> Iterator[str | None]:
    """Yield what a handler can be notified by; None for what only a run can tell."""
    if visit is None:
        yield None
        return
    named = list(_texts(visit.known(task.name))) if task.name is not None else []
    # topics are never rendered
    topics = [one.text if isinstance(one, Template) else str(one) for one in task.listen]
    for name in (*named, *topics):
        yield name
        if task.role is not None and name is not None:
            yield f"{task.role.name} : {name}"


def _texts(value: Value) -> Iterator[str | None]:
    """Yield a name, or the names of a list; None for what is not known."""
    for one in value if isinstance(value, list) else [value]:
        yield None if one is UNKNOWN or isinstance(one, list) else str(one)
