"""A template or a condition that Jinja cannot read.

What: a syntax error in a text, or a filter or test that there is not. In a variable it is a
warning, since one that is never read does no harm. A filter of a collection is told as
`not-supported`, and not at all if Ansible runs the playbook.

Why: a run finds it only when it reaches the text, on every host.

Example:
    - debug:
        msg: "{{ name | }}"

Instead:

    - debug:
        msg: "{{ name | upper }}"
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, replace

from understudy.check.flow.reads import facts_of
from understudy.check.flow.visits import Flow
from understudy.check.rule import Rule
from understudy.playbook.model import Inherited, Task
from understudy.text.diagnostic import Diagnostic, Severity
from understudy.text.source import Span
from understudy.values.elsewhere import collection_of_plugin
from understudy.values.environment import environment
from understudy.values.errors import TemplateFailed
from understudy.values.explain import explain, precise_span
from understudy.values.texts import Expression, Template, Value, texts_in

RULE = Rule("template-syntax", Severity.ERROR, proof=("unread_errors",))
_READ_ELSEWHERE = frozenset(
    "action enclosing inherited keyword_spans name node role span vars".split()
)
_INHERITED, _OWN = (
    tuple(field.name for field in fields(kind) if field.name not in _READ_ELSEWHERE)
    for kind in (Inherited, Task)
)
_OF_ACTION = ("args", "template", "free_form")
_OF_PLAY = ("hosts", "vars_files", "serial", "strategy", "gather_facts", "order")


def check_flow(flow: Flow) -> Iterator[Diagnostic]:
    """Yield a finding for each text of a task or a play that Jinja cannot read."""
    seen: set[int] = set()
    for visit in flow.visits:
        inherited = visit.task.inherited
        # tasks of one block share its variables
        layers = [layer for layer in inherited.vars if id(layer) not in seen]
        seen.update(map(id, layers))
        yield from _findings(layers, Severity.WARNING)
        yield from _of_keywords(inherited, _INHERITED)
        yield from _of_keywords(visit.task, _OWN)
        yield from _of_keywords(visit.task.action, _OF_ACTION)
    for play in flow.playbook.plays:
        yield from _findings(play.vars, Severity.WARNING)
        yield from _of_keywords(play, _OF_PLAY)


def _of_keywords(owner: object, names: Iterable[str]) -> Iterator[Diagnostic]:
    for name in names:
        if value := getattr(owner, name):  # most say nothing
            yield from _findings(value, Severity.ERROR)


def _findings(value: Value, severity: Severity) -> Iterator[Diagnostic]:
    for text in texts_in(value):
        yield from _finding(text, severity)


def _finding(text: Template | Expression, severity: Severity) -> Iterator[Diagnostic]:
    failure = facts_of(text).failure
    if failure is not None:
        found = _elsewhere(failure, text.span) or explain(replace(failure, span=text.span))
        span, told = found.span or text.span, _as_test(failure) or found.help
        yield replace(found, span=span, severity=severity, help=told)


def _elsewhere(failure: TemplateFailed, span: Span | None) -> Diagnostic | None:
    """Return what is to be said of a filter or a test that a collection has."""
    if failure.name is None:
        return None
    kind = "filter" if "No filter" in failure.message else "test"
    collection = collection_of_plugin(kind, failure.name)
    if collection is None:
        return None
    message = f"`{failure.name}` is a {kind} of `{collection}`, which is not supported yet"
    place = precise_span(replace(failure, span=span))
    return Diagnostic(code="not-supported", message=message, span=place)


def _as_test(failure: TemplateFailed) -> str | None:
    """Return how to write a test that stands as a filter: releases before 2.9 had them so."""
    name = failure.name
    if name not in environment().tests or "No filter" not in failure.message:
        return None
    return f"`{name}` is a test: write `is {name}` in place of `| {name}`"
