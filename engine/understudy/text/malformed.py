"""Text that is not YAML: one finding that says what is wrong, where, and what to write instead.

The parsers' own messages speak of tokens. What the author did is read from the text around the
place they stop at, by the first of `_READERS` that recognises it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from ruamel.yaml.error import MarkedYAMLError

from understudy.text.diagnostic import Diagnostic, Label
from understudy.text.nodes import Mark
from understudy.text.source import Position, Source, Span, span_at

_TEMPLATE_VALUE = re.compile(r"^(?P<head>[^'\"#]*?(?::|-)[ ]+|\s*)(?P<value>\{[{%].*)$")
_QUOTED_AND_MORE = re.compile(
    r"^(?P<head>.*?(?::|-)[ ]+)(?P<value>\"[^\"]*\"|'[^']*')(?P<rest>\s*[^\s#,\]}].*)$"
)
_KEY = re.compile(r"^\s*(?:-\s+)*(?P<key>[^\s:#'\"][^:#'\"]*?):(?:\s|$)")
_KEY_WITHOUT_SPACE = re.compile(r"^\s*(?:- +)*(?P<key>[\w.]+):(?P<value>[^\s:/].*)$")

Reader: TypeAlias = Callable[[Source, "Stop"], Diagnostic | None]


class Stop:
    """Where a parser stopped, what it said, and what it was in the middle of."""

    def __init__(self, source: Source, error: MarkedYAMLError) -> None:
        self.place = (
            _position(error.problem_mark) or _position(error.context_mark) or Position(1, 1)
        )
        self.problem = str(error.problem or error.context or "this is not YAML")
        self.context = str(error.context or "")
        said = f"{self.context} {self.problem}".strip()
        self.words = f"YAML parsing failed: {said[:1].upper()}{said[1:]}."
        self.began = _position(error.context_mark) or self.place
        self.line = source.line(self.place.line)
        self.rest = self.line[self.place.column - 1 :]
        self.span = span_at(source, self.place, max(1, len(self.rest.split(":")[0].rstrip())))


def explain(source: Source, error: MarkedYAMLError) -> Diagnostic:
    """Return the finding for a text that a YAML parser refused."""
    stop = Stop(source, error)
    for reader in _READERS:
        found = reader(source, stop)
        if found is not None:
            return replace(found, notes=(*found.notes, stop.words))
    return Diagnostic(
        code="yaml-syntax",
        message=f"this is not YAML: {stop.problem}",
        span=stop.span,
        notes=(stop.words,),
    )


def _position(mark: Mark | None) -> Position | None:
    return Position(mark.line + 1, mark.column + 1) if mark else None


def _tab(source: Source, stop: Stop) -> Diagnostic | None:
    indent = stop.line[: len(stop.line) - len(stop.line.lstrip())]
    column = indent.find("\t") + 1
    if not column and stop.rest.startswith("\t"):
        column = stop.place.column
    if not column:
        return None
    return Diagnostic(
        code="yaml-tab",
        message="a tab cannot indent YAML",
        span=span_at(source, Position(stop.place.line, column)),
        help="replace each tab by spaces",
    )


def _unclosed_quote(source: Source, stop: Stop) -> Diagnostic | None:
    if "quoted scalar" not in stop.context or "stream" not in stop.problem:
        return None
    quote = source.line(stop.began.line)[stop.began.column - 1 : stop.began.column]
    return Diagnostic(
        code="yaml-unclosed",
        message=f"the quote `{quote}` is never closed",
        span=span_at(source, stop.began),
        help=f"end the text with `{quote}`",
    )


def _bad_escape(source: Source, stop: Stop) -> Diagnostic | None:
    if "escape" not in stop.problem and "hexdecimal" not in stop.problem:
        return None
    column = stop.line.rfind("\\", 0, stop.place.column) + 1
    return Diagnostic(
        code="yaml-escape",
        message="the backslash in a text in double quotes begins an escape that YAML does not know",
        span=span_at(source, Position(stop.place.line, max(1, column)), 2),
        help="write the text in single quotes, or double the backslash: `\\\\`",
    )


def _unclosed_bracket(source: Source, stop: Stop) -> Diagnostic | None:
    if "flow" not in stop.context or "','" not in stop.problem:
        return None
    opening = source.line(stop.began.line)[stop.began.column - 1 : stop.began.column]
    template = unquoted_template(source, stop.began)
    if template is not None:
        return template
    closing = {"[": "]", "{": "}"}.get(opening, "")
    return Diagnostic(
        code="yaml-unclosed",
        message=f"`{opening}` is not closed by `{closing}` before this",
        span=stop.span,
        others=(Label(span_at(source, stop.began), "opened here"),),
        help=f"put `,` between the elements and `{closing}` after the last",
    )


def _template_here(source: Source, stop: Stop) -> Diagnostic | None:
    return unquoted_template(source, stop.place)


def unquoted_template(source: Source, place: Position) -> Diagnostic | None:
    """Return the finding if the value on this place's line begins with `{{` without quotes."""
    match = _TEMPLATE_VALUE.match(source.line(place.line))
    if not match:
        return None
    value = match["value"].rstrip()
    quote = "'" if '"' in value else '"'
    return Diagnostic(
        code="unquoted-template",
        message="a value that begins with a template must be in quotes",
        span=span_at(source, Position(place.line, match.start("value") + 1), len(value)),
        notes=("YAML takes `{` for the begin of a mapping",),
        help=f"write `{quote}{value}{quote}`",
    )


def _quoted_and_more(source: Source, stop: Stop) -> Diagnostic | None:
    match = _QUOTED_AND_MORE.match(stop.line)
    if not match or "expected" not in stop.problem:
        return None
    start, end = match.start("value") + 1, match.end("rest") + 1
    text = match["value"] + match["rest"].rstrip()
    outer = "'" if '"' in match["value"] else '"'
    clash = outer in text
    return Diagnostic(
        code="yaml-quotes",
        message=f"the value ends with its closing quote, but `{match['rest'].strip()}` follows",
        span=Span(source, Position(stop.place.line, start), Position(stop.place.line, end)),
        help="put the whole value in quotes, or begin it after `>-` on a line of its own"
        if clash
        else f"put the whole value in quotes: `{outer}{text}{outer}`",
    )


def _second_colon(source: Source, stop: Stop) -> Diagnostic | None:
    if "mapping values" not in stop.problem:
        return None
    key = _KEY.match(stop.line)
    if key and key.end("key") + 1 < stop.place.column:
        value = stop.line[key.end("key") + 1 :].strip()
        is_plain = '"' not in value and "\\" not in value
        quoted = f'"{value}"' if is_plain else "'" + value.replace("'", "''") + "'"
        return Diagnostic(
            code="yaml-colon",
            message="a value without quotes cannot hold `: `",
            span=span_at(source, stop.place),
            help=f"write `{key['key'].strip()}: {quoted}`",
        )
    return _deeper_than_its_place(source, stop)


def _deeper_than_its_place(source: Source, stop: Stop) -> Diagnostic:
    start = len(stop.line) - len(stop.line.lstrip()) + 1
    above = _line_above(source, stop.place.line)
    return Diagnostic(
        code="yaml-indentation",
        message=f"`{stop.line.strip()}` is indented as if a value above it went on",
        span=span_at(source, Position(stop.place.line, start), len(stop.line.strip())),
        others=(_whole_line(source, above, "this line already has its value"),),
        help=f"begin it in column {_content_column(source, above)}, as the keys beside it",
    )


def _missing_colon(source: Source, stop: Stop) -> Diagnostic | None:
    if "':'" not in stop.problem:
        return None
    written = source.line(stop.began.line)
    span = _whole_line(source, stop.began.line, "").span
    joined = _KEY_WITHOUT_SPACE.match(written)
    if joined:
        return Diagnostic(
            code="yaml-colon",
            message="a key's colon needs a space after it",
            span=span,
            help=f"write `{joined['key']}: {joined['value'].strip()}`",
        )
    return Diagnostic(
        code="yaml-colon",
        message=f"`{written.strip()}` stands where a key with a colon is expected",
        span=span,
        help=f"write `{written.strip()}:`, or indent the line to continue the value above",
    )


def _bad_start(source: Source, stop: Stop) -> Diagnostic | None:
    first = stop.rest[:1] if "cannot start any token" in stop.problem else ""
    began = source.line(stop.began.line)[stop.began.column - 1 :]
    for sign, what in (("*", "an alias"), ("&", "an anchor")):
        if what in stop.context:
            return _needs_quotes(source, stop.began, sign, began.rstrip(), f"begins {what} in YAML")
    if first and first in "%@`":
        return _needs_quotes(source, stop.place, first, stop.rest.rstrip(), "has a meaning in YAML")
    return None


def _needs_quotes(source: Source, place: Position, sign: str, text: str, why: str) -> Diagnostic:
    return Diagnostic(
        code="yaml-quotes",
        message=f"a value that begins with `{sign}` must be in quotes",
        span=span_at(source, place, max(1, len(text))),
        notes=(f"`{sign}` {why}",),
        help=f'write `"{text}"`',
    )


def _out_of_line(source: Source, stop: Stop) -> Diagnostic | None:
    if "block" not in stop.context:
        return None
    template = unquoted_template(source, Position(_line_above(source, stop.place.line), 1))
    if template is not None:
        return template
    text = stop.rest.split("#")[0].strip() or "the end of the text"
    neighbour = _neighbour(source, stop)
    return Diagnostic(
        code="yaml-indentation",
        message=f"`{text}` does not fit the indentation of what is above it",
        span=span_at(source, stop.place, max(1, len(stop.rest.rstrip()))),
        others=(Label(neighbour, f"this begins in column {neighbour.start.column}"),),
        help=f"begin it in column {neighbour.start.column} if the two belong together"
        if neighbour.start.column != stop.place.column
        else "begin it with `- ` if it belongs to this list, or indent it further",
    )


def _neighbour(source: Source, stop: Stop) -> Span:
    """Return the line above, of the same sort, that begins nearest to the column of the fault."""
    is_item = stop.rest.startswith("- ")
    best = _whole_line(source, stop.began.line, "").span
    distance = 1000
    for number in range(stop.place.line - 1, stop.began.line - 1, -1):
        line = source.line(number)
        if line.strip()[:1] in ("", "#") or (is_item and not line.lstrip().startswith("- ")):
            continue
        column = _indent(line) + 1 if is_item else _content_column(source, number)
        if abs(column - stop.place.column) < distance:
            distance = abs(column - stop.place.column)
            best = span_at(source, Position(number, column), len(line.rstrip()) - column + 1)
    return best


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _line_above(source: Source, number: int) -> int:
    """Return the number of the nearest line above that holds more than a comment."""
    for above in range(number - 1, 0, -1):
        if source.line(above).split("#")[0].strip():
            return above
    return max(1, number - 1)


def _whole_line(source: Source, number: int, text: str) -> Label:
    line = source.line(number)
    start = len(line) - len(line.lstrip()) + 1
    return Label(span_at(source, Position(number, start), max(1, len(line.strip()))), text)


def _content_column(source: Source, number: int) -> int:
    line = source.line(number)
    return len(line) - len(line.lstrip(" -")) + 1


_READERS: tuple[Reader, ...] = (
    _tab,
    _unclosed_quote,
    _bad_escape,
    _unclosed_bracket,
    _template_here,
    _quoted_and_more,
    _second_colon,
    _missing_colon,
    _bad_start,
    _out_of_line,
)
