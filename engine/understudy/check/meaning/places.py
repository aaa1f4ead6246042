"""Where findings about tasks point: keywords with their values, names, and whole readings."""

from __future__ import annotations

from understudy.check.flow.reads import sole_chain
from understudy.check.flow.visits import Read, Visit
from understudy.text.diagnostic import Label
from understudy.text.source import Position, Span


def written(visit: Visit, keyword: str) -> Span | None:
    """Return where a keyword stands with its value; only its key if there are several lines."""
    key = visit.key(keyword)
    if key is None:
        return None
    value = visit.task.keyword_spans.get(keyword, key)
    is_near = value.source is key.source and value.end.line == key.start.line
    return Span(key.source, key.start, value.end) if is_near else key


def result_place(visit: Visit) -> Span:
    """Return the place that stands for a task where it is spoken of: its `register`, or itself."""
    return written(visit, "register") or visit.task.span


def poll_label(visit: Visit, text: str) -> Label:
    """Return the place that says how a job is waited for: `poll`, or `async` without it."""
    span = written(visit, "poll")
    if span is not None:
        return Label(span, text)
    return Label(written(visit, "async") or visit.task.span, f"without `poll`, {text}")


def name_span(read: Read) -> Span | None:
    """Return where the name stands that is read, without what follows it."""
    span = read.span
    if span is None:
        return None
    line, column = span.start
    end = Position(line, column + len(read.chain.name))
    name = Span(span.source, span.start, end)
    return name if text_at(name) == read.chain.name else None


def whole_span(read: Read) -> Span | None:
    """Return where a chain stands from its name to its end, if it is written as one would."""
    start, span = name_span(read), read.span
    return span if start is not None and span is not None and span != read.text.span else None


def text_at(span: Span) -> str:
    """Return what stands in a place; nothing if that is several lines."""
    line, is_one = span.source.line(span.start.line), span.start.line == span.end.line
    return line[span.start.column - 1 : span.end.column - 1] if is_one else ""


def is_whole(read: Read) -> bool:
    """Tell whether a text is nothing but what is read."""
    return sole_chain(read.text) == read.chain
