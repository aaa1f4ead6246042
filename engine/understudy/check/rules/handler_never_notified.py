"""A handler of a play that nothing notifies.

What: a handler whose name, and all that it listens to, no task of its play notifies. Handlers of
roles and of files for several plays are left alone, and so is a play where something notifies a
name that only a run can tell.

Why: it never runs. Often a name was changed in one place only, and the service is not restarted
any more.

Example:
    - hosts: all
      tasks:
        - copy: {src: app.conf, dest: /etc/app.conf}
      handlers:
        - name: Restart app
          service: {name: app, state: restarted}

Instead:

    - hosts: all
      tasks:
        - copy: {src: app.conf, dest: /etc/app.conf}
          notify: Restart app
      handlers:
        - name: Restart app
          service: {name: app, state: restarted}
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from understudy.check.flow.visits import Flow, PlayFlow
from understudy.check.meaning.notices import Handler, name_place, notices_of
from understudy.check.rule import Rule
from understudy.text.diagnostic import Diagnostic, Severity, did_you_mean

RULE = Rule(
    "handler-never-notified",
    Severity.WARNING,
    proof=("handlers", "handlers_listen", "handlers_of_one_name"),
)


def check_flow(flow: Flow) -> Iterator[Diagnostic]:
    """Yield a finding for each handler of a play's own that nothing can notify."""
    for part in flow.parts:
        found = notices_of(part)
        if found.unknown_notices:
            continue
        notified = {one.name for one in found.notices}
        astray = notified - found.names.keys()
        for handler in found.handlers:
            if _is_own(handler, part) and notified.isdisjoint(handler.names):
                yield from _findings(handler, astray)


def _is_own(handler: Handler, part: PlayFlow) -> bool:
    """Tell whether a handler is written in the play, with names that are all known."""
    task = handler.task
    names_known = len(handler.names) >= (task.name is not None) + len(task.listen)
    return task.role is None and names_known and task.span.source.name == part.play.span.source.name


def _findings(handler: Handler, astray: Collection[str]) -> Iterator[Diagnostic]:
    """Yield what is wrong with a handler; `astray` are notified names that no handler has."""
    task = handler.task
    if any(did_you_mean(name, astray) for name in handler.names):
        return  # the misspelt `notify` is what is wrong
    span = name_place(task)
    if not handler.names:
        yield RULE.finding(
            span,
            "a handler without `name` and `listen` can never be notified",
            help="give it the `name` that tasks notify, or make it a task",
        )
        return
    quoted = " or ".join(f"`{name}`" for name in handler.names)
    yield RULE.finding(
        span,
        f"nothing in this play notifies {quoted}: this handler never runs",
        help=f"write `notify: {handler.names[0]}` at the task that makes it necessary, "
        "or leave the handler out",
    )
