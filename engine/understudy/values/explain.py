"""Why a text could not be rendered, for people: its place, its readers, the nearest name."""

from __future__ import annotations

from understudy.text.diagnostic import Diagnostic, Label, did_you_mean
from understudy.text.source import Position, Span
from understudy.values.errors import TemplateFailed
from understudy.values.scope import Scope


def explain(failure: TemplateFailed, scope: Scope | None = None) -> Diagnostic:
    """Return the diagnostic of a failure; with a scope, near names are looked for in it."""
    others = [
        Label(span, f"`{name}` is defined here")
        for name, span in failure.chain
        if span is not None and span != failure.span
    ]
    return Diagnostic(
        code=failure.code,
        message=failure.message,
        span=precise_span(failure),
        others=tuple(others),
        notes=_notes(failure),
        help=failure.help or _near(failure, scope),
    )


def precise_span(failure: TemplateFailed) -> Span | None:
    """Return the stretch of the missing name on the text's first line, else of the text."""
    span, offset, text = failure.span, failure.offset, failure.text
    if span is None or offset is None or text is None or failure.name is None:
        return span
    written = span.source.line(span.start.line)[span.start.column - 1 :]
    start = written.find(text)
    if start < 0 or "\n" in text[:offset]:
        return span
    column = span.start.column + start + offset
    return Span(
        span.source,
        Position(span.start.line, column),
        Position(span.start.line, column + len(failure.name)),
    )


def _notes(failure: TemplateFailed) -> tuple[str, ...]:
    if len(failure.chain) < 2:  # noqa: PLR2004 (a chain of one is the text itself)
        return ()
    return ("read by way of " + " -> ".join(f"`{name}`" for name, _ in failure.chain),)


def _near(failure: TemplateFailed, scope: Scope | None) -> str | None:
    if failure.name is None:
        return None
    known = failure.known or (scope.names() if scope is not None else ())
    near = did_you_mean(failure.name, known)
    return f"did you mean `{near}`?" if near else None
