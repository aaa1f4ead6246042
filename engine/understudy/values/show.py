"""Rendering for people to read: what cannot be rendered is shown as text in its place.

A task's name and `debug: var=` never fail for an undefined variable: Ansible writes
`<< error 1 - 'x' is undefined >>` in its place, and so does this.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from understudy.values.environment import concat
from understudy.values.errors import TemplateFailed
from understudy.values.lazy import OMIT, finalise
from understudy.values.missing import Missing
from understudy.values.program import compile_template
from understudy.values.scope import Rendering, Scope
from understudy.values.texts import Expression, Template, Text, Value


@dataclass(slots=True)
class Shown:
    """What a text reads as, and the failures that stand in it, in their order."""

    value: Value = None
    failures: list[TemplateFailed] = field(default_factory=list)

    @property
    def warning(self) -> str | None:
        """The warning that Ansible gives for the failures."""
        if not self.failures:
            return None
        count = len(self.failures)
        lines = [f"error {n} - {failure.message}" for n, failure in enumerate(self.failures, 1)]
        return "\n".join([f"Encountered {count} template error{'s'[: count - 1]}.", *lines])

    def mark(self, failure: TemplateFailed) -> str:
        """Take down a failure, and return the text that stands for it."""
        self.failures.append(failure)
        return f"<< error {len(self.failures)} - {failure.message} >>"

    def plain(self, value: Value) -> Value:
        """Return plain data, with a text for everything that is missing."""
        if isinstance(value, Missing):
            return self.mark(value.failure())
        if isinstance(value, Mapping):
            pairs = {key: self.plain(value[key]) for key in value}
            return {key: item for key, item in pairs.items() if item is not OMIT}
        if isinstance(value, (list, tuple)):
            return [item for item in map(self.plain, value) if item is not OMIT]
        try:
            return finalise(value)
        except TypeError as error:
            return self.mark(TemplateFailed(str(error)))


def show_value(expression: Expression, scope: Scope, *, io_allowed: bool = True) -> Shown:
    """Return an expression's value as `debug: var=` shows it.

    Only what is undefined is shown; raise TemplateFailed for any other failure.
    """
    shown = Shown()
    rendering = Rendering(scope, io_allowed=io_allowed)
    try:
        value = rendering.evaluate(expression)
        shown.value = rendering.located(expression, lambda: shown.plain(value))
    except TemplateFailed as failure:
        if failure.code != "undefined-variable":
            raise
        shown.value = shown.mark(failure)
    return shown


def show_text(text: Text, scope: Scope, *, io_allowed: bool = True) -> Shown:
    """Return a name as it is to be read: always a `str`, whatever fails in it."""
    if not isinstance(text, Template):
        return Shown(str(text))
    shown = Shown()
    rendering = Rendering(scope, io_allowed=io_allowed)
    value = concat(_pieces(text, rendering, shown))
    shown.value = "" if value is None or value is OMIT else str(value)
    return shown


def _pieces(text: Template, rendering: Rendering, shown: Shown) -> Iterator[Value]:
    try:
        program = rendering.located(text, lambda: compile_template(text.text))
        pieces = rendering.prepare(program).pieces(rendering)
        yield from map(shown.plain, _located(pieces, text, rendering))
    except TemplateFailed as failure:
        yield shown.mark(failure)
        if failure.code != "template-syntax":
            yield shown.mark(TemplateFailed("template potentially truncated"))


def _located(pieces: Iterator[Value], text: Template, rendering: Rendering) -> Iterator[Value]:
    while (piece := rendering.located(text, lambda: next(pieces, pieces))) is not pieces:
        yield piece
