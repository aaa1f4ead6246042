"""A template or a condition that Jinja cannot read.

What: a syntax error in a text, or a filter or test that there is not. In a variable it is a
warning, since one that is never read does no harm.

Why: a run finds it only when it reaches the text, on every host.

Example:
    - debug:
        msg: "{{ name | }}"

Instead:

    - debug:
        msg: "{{ name | upper }}"
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace

from understudy.check.flow import Flow, Visit
from understudy.check.reads import facts_of
from understudy.check.rule import Rule
from understudy.playbook.model import Task
from understudy.text.diagnostic import Diagnostic, Severity
from understudy.values.environment import environment
from understudy.values.errors import TemplateFailed
from understudy.values.explain import explain
from understudy.values.texts import Expression, Template, Value, texts_in

RULE = Rule("template-syntax", Severity.ERROR)
_OF_PLAY = ("hosts", "vars_files", "serial", "strategy", "gather_facts", "order")


def check_task(visit: Visit) -> Iterator[Diagnostic]:
    """Yield a finding for each text of a task that Jinja cannot read."""
    task = visit.task
    yield from _findings(task.inherited.vars, Severity.WARNING)
    yield from _findings(replace(task.inherited, vars=()), Severity.ERROR)
    for value in _own(task):
        yield from _findings(value, Severity.ERROR)


def check_flow(flow: Flow) -> Iterator[Diagnostic]:
    """Yield a finding for each text of a play's own keywords."""
    for play in flow.playbook.plays:
        yield from _findings(play.vars, Severity.WARNING)
        for name in _OF_PLAY:
            yield from _findings(getattr(play, name), Severity.ERROR)


def _findings(value: Value, severity: Severity) -> Iterator[Diagnostic]:
    for text in texts_in(value):
        yield from _finding(text, severity)


def _finding(text: Template | Expression, severity: Severity) -> Iterator[Diagnostic]:
    failure = facts_of(text).failure
    if failure is not None:
        found = explain(replace(failure, span=text.span))
        span, told = found.span or text.span, _as_test(failure) or found.help
        yield replace(found, span=span, severity=severity, help=told)


def _as_test(failure: TemplateFailed) -> str | None:
    """Return how to write a test that stands as a filter: releases before 2.9 had them so."""
    name = failure.name
    if name not in environment().tests or "No filter" not in failure.message:
        return None
    return f"`{name}` is a test: write `is {name}` in place of `| {name}`"


def _own(task: Task) -> Iterator[Value]:
    for field in fields(task):
        if field.name not in {"enclosing", "inherited", "name", "node", "role"}:
            yield getattr(task, field.name)
