"""Every template and condition of a playbook must be one that Jinja can read.

Why: a run finds a syntax error only when it reaches the text, on every host.
Example: `msg: "{{ name | }}"`. Instead: `msg: "{{ name }}"`.

A variable that is never read does no harm, so there it is a warning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, replace

from understudy.playbook.model import Block, Play, Playbook, Step, Task
from understudy.text.diagnostic import Diagnostic, Severity
from understudy.values.explain import explain
from understudy.values.program import syntax_failure
from understudy.values.texts import Expression, Template, Value, texts_in

_OF_PLAY = ("hosts", "vars_files", "serial", "strategy", "gather_facts", "order")


def template_syntax(playbook: Playbook) -> Iterator[Diagnostic]:
    """Yield a finding for each text that Jinja cannot read, once for each place."""
    seen: set[int] = set()
    for play in playbook.plays:
        for severity, value in _values(play):
            for text in texts_in(value):
                if id(text) not in seen:
                    seen.add(id(text))
                    yield from _finding(text, severity)


def _finding(text: Template | Expression, severity: Severity) -> Iterator[Diagnostic]:
    failure = syntax_failure(text)
    if failure is not None:
        found = explain(failure)
        yield replace(found, span=found.span or text.span, severity=severity)


def _values(play: Play) -> Iterator[tuple[Severity, Value]]:
    """Yield every value of a play with how bad a syntax error in it is."""
    yield Severity.WARNING, play.vars
    for name in _OF_PLAY:
        yield Severity.ERROR, getattr(play, name)
    for section in (play.pre_tasks, play.tasks, play.post_tasks, play.handlers):
        for task in _tasks(section):
            yield Severity.WARNING, task.inherited.vars
            yield Severity.ERROR, replace(task.inherited, vars=())
            yield from ((Severity.ERROR, value) for value in _own(task))


def _own(task: Task) -> Iterator[Value]:
    for field in fields(task):
        if field.name not in {"inherited", "enclosing", "name"}:
            yield getattr(task, field.name)


def _tasks(steps: Iterable[Step]) -> Iterator[Task]:
    for step in steps:
        if isinstance(step, Block):
            yield from _tasks((*step.body, *step.rescue, *step.always))
        else:
            yield step
