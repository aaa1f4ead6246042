"""Rendering: an author's value and a scope go in, plain data comes out.

Only a `Template` or an `Expression` is ever evaluated; any other text, whatever braces it holds, is
handed on as it is. Every function here raises `TemplateFailed` when a text cannot be rendered.
"""

from __future__ import annotations

from collections.abc import Sequence

from understudy.values.conditions import (
    as_condition,
    check_boolean,
    empty,
    trusted_expression,
    untrusted,
)
from understudy.values.errors import TemplateFailed
from understudy.values.lazy import OMIT, finalise
from understudy.values.scope import Rendering, Scope
from understudy.values.texts import (
    Authored,
    Expression,
    Template,
    Text,
    Value,
)

_PLAIN = frozenset({str, Authored, int, float, bool, type(None)})


def render(value: Value, scope: Scope, *, io_allowed: bool = True) -> Value:
    """Return `value` with every template in it rendered, as plain data.

    A value without templates is returned itself. `omit` drops keys and items below the top; at the
    top OMIT itself is returned. Each text is a rendering of its own: two that read one variable
    evaluate it twice, as Ansible does.
    """
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is Template or kind is Expression:
        return _render_text(value, scope, io_allowed=io_allowed)
    if isinstance(value, dict):
        return _render_mapping(value, scope, io_allowed=io_allowed)
    if isinstance(value, (list, tuple)):
        return _render_list(value, scope, io_allowed=io_allowed)
    return finalise(Rendering(scope, io_allowed=io_allowed).adopt(value))


def _render_text(text: Template | Expression, scope: Scope, *, io_allowed: bool) -> Value:
    rendering = Rendering(scope, io_allowed=io_allowed)
    return rendering.located(text, lambda: finalise(rendering.evaluate(text)))


def _render_mapping(value: dict[Value, Value], scope: Scope, *, io_allowed: bool) -> Value:
    rendered = {key: render(item, scope, io_allowed=io_allowed) for key, item in value.items()}
    if all(rendered[key] is item for key, item in value.items()):
        return value
    return {key: item for key, item in rendered.items() if item is not OMIT}


def _render_list(value: Sequence[Value], scope: Scope, *, io_allowed: bool) -> Value:
    rendered = [render(item, scope, io_allowed=io_allowed) for item in value]
    if all(new is old for new, old in zip(rendered, value, strict=True)):
        return value
    return [item for item in rendered if item is not OMIT]


def render_text(text: Text, scope: Scope) -> str:
    """Return an author's text rendered, as text: what is not a `str` is written as Python does."""
    value = render(text, scope)
    if value is None or value is OMIT:
        return ""
    return value if isinstance(value, str) else str(value)


evaluate = render
"""Return the value of an Expression (of `debug: var=`, or of a condition) as plain data."""


def as_expression(value: Value, scope: Scope, *, io_allowed: bool = True) -> Expression:
    """Return the expression that `debug: var=` names; raise TemplateFailed for a host's text."""
    if isinstance(value, Expression):
        return value
    return trusted_expression(render(value, scope, io_allowed=io_allowed))


def condition(written: Value, scope: Scope, *, io_allowed: bool = True) -> bool:
    """Tell whether a condition holds. Raise TemplateFailed when it has no boolean result.

    `written` is a Condition, or what stands in a condition's place (an item of `that`). The
    failure's message is as Ansible's, with what it puts before an undefined variable's.
    """
    text = as_condition(written)
    if isinstance(text, bool):
        return text
    try:
        return _holds(text, scope, io_allowed=io_allowed)
    except TemplateFailed as failure:
        if failure.code == "undefined-variable":
            failure.within("Error while evaluating conditional: ")
        raise


def _holds(text: Expression | Template, scope: Scope, *, io_allowed: bool) -> bool:
    value = render(text, scope, io_allowed=io_allowed)
    if isinstance(text, Template) and value is None:
        raise empty(text.span)
    if isinstance(text, Template) and isinstance(value, str):
        if not isinstance(value, Authored):
            raise untrusted(value, text.span)
        text = Expression(str(value), value.span, is_condition=True)
        value = render(text, scope, io_allowed=io_allowed)
    return check_boolean(text, value)
