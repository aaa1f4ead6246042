"""What may be a condition, and what its value must be: the rules of ansible-core 2.19."""

from __future__ import annotations

from pathlib import Path

from understudy.text.source import Span
from understudy.values.errors import TemplateFailed
from understudy.values.lazy import OMIT
from understudy.values.texts import Authored, Expression, Template, Value

_WRAPPINGS = (("{{", "}}"), ("{%", "%}"))


def is_wrapped(text: str) -> bool:
    """Tell whether a condition's text is a template as a whole: `{{ … }}` or `{% … %}`."""
    bare = text.strip()
    return any(bare.startswith(start) and bare.endswith(end) for start, end in _WRAPPINGS)


def as_condition(written: Value) -> Expression | Template | bool:
    """Return what stands in a condition's place as one; raise TemplateFailed for other values.

    An author's text is an expression, and a template only where it is one as a whole. A text that
    the author did not write is refused: evaluating it would run what a host printed.
    """
    if isinstance(written, bool):
        return written
    if isinstance(written, (Template, Expression, Authored)):
        return _from_text(written)
    if isinstance(written, str):
        raise untrusted(written)
    if written is None:
        raise empty(None)
    raise TemplateFailed("Conditional expressions must be strings.", code="conditional-not-text")


def _from_text(written: Template | Expression | Authored) -> Expression | Template:
    text = str(written) if isinstance(written, Authored) else written.text
    if not text:
        raise empty(written.span)
    if isinstance(written, Template) and is_wrapped(text):
        return written if text == text.strip() else Template(text.strip(), written.span)
    return Expression(text, written.span, is_condition=True)


def empty(span: Span | None) -> TemplateFailed:
    """Return the refusal of a condition that says nothing."""
    message = "Empty conditional expressions are not allowed."
    return TemplateFailed(message, code="conditional-empty", span=span)


def trusted_expression(value: Value) -> Expression:
    """Return an author's text as an expression; raise TemplateFailed for any other value."""
    if isinstance(value, Authored):
        return Expression(str(value), value.span)
    raise untrusted(str(value))


def untrusted(text: str, span: Span | None = None) -> TemplateFailed:
    """Return the refusal to evaluate a text that the author did not write."""
    return TemplateFailed(
        "Encountered untrusted template or expression.",
        code="untrusted-expression",
        text=text,
        span=span,
        help="only a text of the playbook, its variables or the inventory is evaluated; compare "
        "the value instead, for example `result.stdout == 'yes'`",
    )


def check_boolean(text: Expression | Template, value: Value) -> bool:
    """Return a condition's value if it is a boolean; raise TemplateFailed."""
    if isinstance(value, bool):
        return value
    if value is OMIT:
        raise TemplateFailed(
            "A template was resolved to an Omit scalar.",
            code="omitted",
            text=text.text,
            span=text.span,
        )
    place = value.span if isinstance(value, Authored) else text.span if value is not None else None
    kind = "str" if isinstance(value, str) else type(value).__name__
    raise TemplateFailed(
        f"Conditional result ({bool(value)}) was derived from value of type {kind!r} at "
        f"'{_full(place)}'. Conditionals must have a boolean result.",
        code="conditional-not-boolean",
        text=text.text,
        span=text.span,
        help=f"compare the value, or use `{text.text} | bool`",
    )


def _full(place: Span | None) -> str:
    """Return a place with its file's whole path."""
    if place is None:
        return "<unknown>"
    return f"{Path(place.source.name).resolve()}:{place.start.line}:{place.start.column}"
