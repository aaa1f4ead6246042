"""A `notify` of a handler that its play does not have.

What: a name in `notify` that no handler of the play is called and none listens to. Handlers of
roles and of included roles count; what stands in a file that a handler includes does not, nor do
the handlers of other plays.

Why: when the task has changed something, the whole run ends with "The requested handler … was not
found". As long as nothing changes, nobody sees it.

Fix: safe or unsafe; it writes a name of much the same letters. It is safe where they differ in two
letters at most.

Example:
    - hosts: all
      tasks:
        - copy: {src: app.conf, dest: /etc/app.conf}
          notify: Restart aap
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

from collections.abc import Iterator

from understudy.check.flow.visits import Flow, PlayFlow
from understudy.check.flow.walk import never
from understudy.check.meaning.conditions import is_run
from understudy.check.meaning.near import distance
from understudy.check.meaning.notices import Notice, Notices, name_place, notices_of
from understudy.check.mending.fixes import fix_replacing
from understudy.check.rule import Rule
from understudy.playbook.model import Task
from understudy.text.diagnostic import Diagnostic, Fix, Label, Severity, did_you_mean

RULE = Rule(
    "notify-without-handler",
    Severity.ERROR,
    proof=(
        "handler_unknown",
        "handlers_of_roles",
        "handlers_of_includes",
        "handler_includes",
        "handler_topics_of_roles",
    ),
)
_NOT_PLAIN = frozenset(":#")
"""What a name without quotes better has not."""
_SLIP = 2
"""Letters in which a name may differ that is surely meant."""


def check_flow(flow: Flow) -> Iterator[Diagnostic]:
    """Yield a finding for each name that no handler of its play has."""
    for part in flow.parts:
        found = notices_of(part)
        if not found.unknown_handlers:
            for one in found.notices:
                if one.name not in found.names and _can_notify(one):
                    yield _finding(one, found, part, flow)


def _can_notify(one: Notice) -> bool:
    task = one.visit.task
    is_quiet = task.changed_when == (False,) or never(task.changed_when)
    return is_run(one.visit) and not is_quiet


def _finding(one: Notice, found: Notices, part: PlayFlow, flow: Flow) -> Diagnostic:
    near = _nearest(one.name, found)
    inner = _included(one.name, part)
    other = _of_another_play(one.name, part, flow)
    labels: tuple[Label, ...] = ()
    if near:
        labels = (Label(name_place(found.names[near]), "this handler was meant?"),)
    elif inner:
        labels = (Label(name_place(inner), "a handler includes this task: it cannot be notified"),)
    elif other:
        labels = (Label(name_place(other), "this handler belongs to another play"),)
    must_exist = flow.surroundings.handlers_must_exist
    return RULE.finding(
        one.span or one.visit.span("notify"),
        f"no handler of this play is called `{one.name}`, and none listens to it",
        label="the run ends here when the task has changed something" if must_exist else "",
        others=labels,
        help=_help(one.name, near, inner, other),
        fix=_fix(one, near),
        severity=Severity.ERROR if must_exist else Severity.WARNING,
    )


def _fix(one: Notice, near: str | None) -> Fix | None:
    """Return what writes the name that was meant, if the other one stands there as it is."""
    span = one.span
    if near is None or span is None:
        return None
    is_plain = span.source.line(span.start.line)[span.start.column - 1 :].startswith(one.name)
    is_slip = distance(one.name, near) <= _SLIP
    return fix_replacing(span, near, is_safe=is_slip) if is_plain else None


def _nearest(name: str, found: Notices) -> str | None:
    return did_you_mean(name, found.names)


def _included(name: str, part: PlayFlow) -> Task | None:
    """Return a task of that name in a file that a handler includes."""
    inside = (visit.task for visit in part.visits if visit.includes and visit.task.is_handler)
    return next((task for task in inside if task.name is not None and task.name == name), None)


def _of_another_play(name: str, part: PlayFlow, flow: Flow) -> Task | None:
    others = (one for one in flow.parts if one is not part)
    return next((found for one in others if (found := notices_of(one).names.get(name))), None)


def _help(name: str, near: str | None, inner: Task | None, other: Task | None) -> str:
    if near:
        return f"did you mean `{near}`?"
    if inner:
        return "notify the handler that includes it, or use `import_tasks` there"
    if other:
        return "every play has its own handlers: write it here too, or put it into a role"
    return f"write a handler with `name: {name}`, or leave the name out"
