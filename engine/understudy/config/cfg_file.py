"""The text of an `ansible.cfg` becomes entries, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from understudy.text.diagnostic import Diagnostic, PlaybookInvalid
from understudy.text.source import Position, Source, Span, span_at

_SECTION = re.compile(r"\[(?P<name>[^\]]+)\]")
_ENTRY = re.compile(r"(?P<key>[^=:]+?)\s*[=:]\s*(?P<value>.*)")
_INLINE_COMMENT = re.compile(r"(^|\s);.*")


@dataclass(frozen=True, slots=True)
class Entry:
    """`key = value` of a section. Keys are lower case, as they are not told apart by case."""

    section: str
    key: str
    value: str
    span: Span

    @property
    def key_span(self) -> Span:
        """Where the key stands."""
        return span_at(self.span.source, self.span.start, len(self.key))

    @property
    def value_span(self) -> Span:
        """Where the first line of the value stands; of an empty one, the whole entry."""
        first = self.value.partition("\n")[0]
        line = self.span.source.line(self.span.start.line)
        column = line.find(first, self.span.start.column - 1 + len(self.key)) + 1
        place = Position(self.span.start.line, column)
        return span_at(self.span.source, place, len(first)) if first and column else self.span


def read_cfg(source: Source) -> list[Entry]:
    """Return the entries of an ansible.cfg in order. Raise PlaybookInvalid with every finding."""
    entries: dict[tuple[str, str], Entry] = {}
    findings: list[Diagnostic] = []
    for found in _entries(source):
        if isinstance(found, Diagnostic):
            findings.append(found)
        elif (found.section, found.key) in entries:
            message = f"`{found.key}` is set twice in `[{found.section}]`"
            findings.append(Diagnostic(code="invalid-config", message=message, span=found.span))
        else:
            entries[found.section, found.key] = found
    if findings:
        raise PlaybookInvalid(findings)
    return list(entries.values())


def _entries(source: Source) -> Iterator[Entry | Diagnostic]:
    section, last = "", None
    for number, line in enumerate(source.text.splitlines(), start=1):
        text = _INLINE_COMMENT.sub("", line).rstrip()
        if not text or text.lstrip()[0] == "#":
            continue
        if text[0].isspace() and last is not None:
            last = replace(last, value=f"{last.value}\n{text.strip()}")
            continue
        if last is not None:
            yield last
        last = None
        if named := _SECTION.fullmatch(text.strip()):
            section = named["name"]
            continue
        found = _read_line(source, number, section, text)
        if isinstance(found, Entry):
            last = found
        else:
            yield found
    if last is not None:
        yield last


def _read_line(source: Source, number: int, section: str, text: str) -> Entry | Diagnostic:
    start = len(text) - len(text.lstrip())
    span = Span(source, Position(number, start + 1), Position(number, len(text) + 1))
    found = _ENTRY.fullmatch(text.strip())
    if not section:
        message = "a setting stands before the first section"
        help_ = "begin the file with `[defaults]`"
        return Diagnostic(code="invalid-config", message=message, span=span, help=help_)
    if found is None:
        message = f"`{text.strip()}` is not a setting: write `key = value`"
        return Diagnostic(code="invalid-config", message=message, span=span)
    return Entry(section, found["key"].lower(), found["value"], span)
