"""A keyword whose template may yield `omit`: then what stands around it holds."""

from __future__ import annotations

from dataclasses import dataclass

from understudy.text.source import Span
from understudy.values.lazy import OMIT
from understudy.values.scope import Rendering
from understudy.values.texts import Template, Value


@dataclass(frozen=True, slots=True)
class Overriding:
    """A template, and the value that holds when it yields `omit`."""

    own: Template
    outer: Value

    @property
    def span(self) -> Span | None:
        """The place of the template."""
        return self.own.span

    def bind_to(self, rendering: Rendering) -> Value:
        """Return what a keyword's reader sees for it."""
        value = rendering.evaluate(self.own)
        return rendering.adopt(self.outer) if value is OMIT else value


def over(outer: Value, own: Value) -> Value:
    """Return a level's own value, over that of the levels around it."""
    return Overriding(own, outer) if isinstance(own, Template) and outer is not None else own
