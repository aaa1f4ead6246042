"""Edits that keep a playbook's form: a keyword given, taken away or renamed, a task put in or out.

Each returns None where the text leaves no edit that is sure to do that and nothing else: the
mapping is repeated by an alias, the keyword comes from a merge key or stands twice, an anchor that
is needed elsewhere would go, a comment would become part of a text above it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from understudy.text.diagnostic import Edit
from understudy.text.layout import Collection, Part, layout_of
from understudy.text.nodes import Mapping, Node, Sequence
from understudy.text.source import LINE_END, Source

_BEFORE_FIRST_KEY = re.compile(r"[ ]*(?:-[ \t]+)*")
_COLON = re.compile(r"[ \t]*:")
_ENDING_COMMENT = re.compile(r"[ \t]+#.*")
_COMMA = re.compile(r"\s*,")
_UNSAFE_IN_FLOW = re.compile(r"[,\[\]{}#\n]|: ")
_KEEPS_LINE_ENDS = re.compile(r"[|>][0-9-]*\+")
_BLANK = " \t\r\n\x85\u2028\u2029"


def set_keyword(mapping: Mapping, name: str, text: str) -> Edit | None:
    """Return the edit that gives a keyword the value `text`, or adds it after the last one.

    `text` is YAML as it stands behind `name: `; further lines of it are indented to the keyword.
    """
    place = _place_of(mapping)
    if place is None or (place.is_flow and _breaks_flow(text)):
        return None
    if name not in mapping.entries:
        return _added_in_flow(place, name, text) if place.is_flow else _added(place, name, text)
    entry = _entry(place, mapping, name)
    return entry and _with_value(place, entry, text)


def remove_keyword(mapping: Mapping, name: str) -> Edit | None:
    """Return the edit that takes a keyword away: its lines, or its entry between braces.

    A comment behind it goes with it; one on a line of its own stays.
    """
    edits = remove_keywords(mapping, name)
    return edits[0] if edits else None


def remove_keywords(mapping: Mapping, *names: str) -> tuple[Edit, ...] | None:
    """Return the edits that take keywords away together, each as `remove_keyword` does.

    Edits for one keyword at a time do not go together where the keywords are neighbours.
    """
    place = _place_of(mapping)
    entries = [_entry(place, mapping, name) for name in names] if place else [None]
    if place is None or None in entries or _is_merged(place):
        return None
    numbers = sorted({place.entries.index(entry) for entry in entries if entry})
    edits = [_without_keywords(place, first, last) for first, last in _runs(numbers)]
    return None if None in edits else tuple(edit for edit in edits if edit)


def _runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last of each run of numbers that follow each other."""
    for index, first in enumerate(numbers):
        if index == 0 or numbers[index - 1] != first - 1:
            last = first
            while last + 1 in numbers:
                last += 1
            yield first, last


def _without_keywords(place: Collection, first: int, last: int) -> Edit | None:
    items = [_Item(key.start, value, max(key.end, value.end)) for key, value in place.entries]
    return _without(place, items, first, last)


def rename_key(mapping: Mapping, old: str, new: str) -> Edit | None:
    """Return the edit that gives a keyword another name; quotes around it stay."""
    place = _place_of(mapping)
    entry = _entry(place, mapping, old) if place else None
    if place is None or entry is None or new in mapping.entries or _is_merged(place):
        return None
    key = entry[0]
    written = place.source.text[key.start : key.end]
    if written not in {old, f"'{old}'", f'"{old}"'}:
        return None
    return Edit(place.source.span(key.start, key.end), written.replace(old, new))


def remove_item(sequence: Sequence, item: Node) -> Edit | None:
    """Return the edit that takes an item out of a list that has others."""
    place = _place_of(sequence)
    begins = place.begins if place else None
    if place is None or begins is None or len(begins) == 1:
        return None
    start = place.source.offset(item.span.start)
    number = next((n for n, part in enumerate(place.parts) if part.start == start), None)
    items = [_Item(at, part, part.end) for at, part in zip(begins, place.parts, strict=True)]
    return None if number is None else _without(place, items, number, number)


def insert_task_after(mapping: Mapping, text: str) -> Edit | None:
    """Return the edit that puts a task behind another one; `text` is YAML from its `- ` on."""
    place = _place_of(mapping)
    outer = place.parent if place else None
    if place is None or outer is None or outer.is_mapping or outer.is_flow:
        return None
    begins = outer.begins
    end = _end_for_more(place)
    if end is None or begins is None:
        return None
    source, number = place.source, outer.parts.index(place)
    indent = " " * (source.position(begins[number]).column - 1)
    lines = [f"{indent}{line}".rstrip() for line in text.strip("\n").split("\n")]
    apart = [""] if _is_set_apart(source, begins, number) and not _keeps_line_ends(place) else []
    return Edit(source.span(end, end), source.line_break.join(["", *apart, *lines]))


@dataclass(frozen=True, slots=True)
class _Item:
    """A keyword with its value, or an item of a list: from its key or its dash on."""

    start: int
    value: Part
    end: int


def _place_of(node: Mapping | Sequence) -> Collection | None:
    """Return where a node stands, or None if it cannot be edited there."""
    source = node.source
    start = source.offset(node.span.start)
    layout = layout_of(source)
    place = layout.collections.get((start, isinstance(node, Mapping)))
    if place is None or layout.is_repeated(start) or not _is_plainly_written(place):
        return None
    return place


def _is_merged(place: Collection) -> bool:
    """Tell whether a merge key may bring what a keyword that goes has hidden."""
    return any(place.source.text[key.start : key.end] == "<<" for key, _ in place.entries)


def _is_plainly_written(place: Collection) -> bool:
    """Tell whether keys stand as `key: value`, in lines or between braces."""
    text = place.source.text
    if place.is_flow:
        return text.startswith("{" if place.is_mapping else "[", place.body)
    if not place.is_mapping:
        return True
    first = place.parts[0].start
    return _BEFORE_FIRST_KEY.fullmatch(
        text, _line_start(place.source, first), first
    ) is not None and all(
        _COLON.match(text, key.end) and not key.is_alias for key, _ in place.entries
    )


def _entry(place: Collection, mapping: Mapping, name: str) -> tuple[Part, Part] | None:
    """Return the only place where a keyword stands in the mapping itself."""
    found = mapping.entries.get(name)
    if found is None:
        return None
    start = place.source.offset(found[0].span.start)
    text = place.source.text
    same = [one for one in place.entries if text[one[0].body : one[0].end].strip("'\"") == name]
    return same[0] if len(same) == 1 and same[0][0].start == start else None


def _breaks_flow(text: str) -> bool:
    return not text.startswith(("'", '"', "[", "{")) and bool(_UNSAFE_IN_FLOW.search(text))


def _is_needed(source: Source, start: int, end: int) -> bool:
    return layout_of(source).holds_repeated(start, end)


def _with_value(place: Collection, entry: tuple[Part, Part], text: str) -> Edit | None:
    """Return the edit of a value; a comment on the line of the keyword stays."""
    (key, value), source = entry, place.source
    if _is_needed(source, value.start, value.end):
        return None
    colon = _COLON.match(source.text, key.end)
    if colon is None:
        return Edit(source.span(key.end, key.end), f": {text}")
    written = _indented(source, _behind_colon(text), source.position(key.start).column - 1)
    if value.start >= value.end:
        return Edit(source.span(colon.end(), colon.end()), written)
    if not _stands_in_lines(value):
        start = colon.end() if text.startswith("\n") else value.start
        return Edit(source.span(start, value.end), written.removeprefix(" "))
    comment = _ENDING_COMMENT.search(source.text, colon.end(), source.line_end(colon.end()))
    if comment and "\n" in text:
        return None  # the comment would have no line
    kept = comment[0] if comment else ""
    return Edit(source.span(colon.end(), _content_end(value)), f"{written}{kept}")


def _stands_in_lines(value: Part) -> bool:
    """Tell whether a value has the lines below its keyword: a list, a mapping, a text."""
    return value.is_block_scalar or (isinstance(value, Collection) and not value.is_flow)


def _added(place: Collection, name: str, text: str) -> Edit | None:
    source, end = place.source, _end_for_more(place)
    if end is None:
        return None
    column = source.position(place.parts[0].start).column - 1
    written = _indented(source, f"{name}:{_behind_colon(text)}", column)
    return Edit(source.span(end, end), f"{source.line_break}{' ' * column}{written}")


def _added_in_flow(place: Collection, name: str, text: str) -> Edit:
    source, after, comma = place.source, place.body + 1, ""
    if place.parts:
        after, comma = max(part.end for part in place.parts[-2:]), ", "
    return Edit(source.span(after, after), f"{comma}{name}: {text}")


def _behind_colon(text: str) -> str:
    return text if text.startswith("\n") else f" {text}"


def _indented(source: Source, text: str, column: int) -> str:
    first, *others = text.split("\n")
    lines = (f"{' ' * column}{line}".rstrip() for line in others)
    return source.line_break.join([first, *lines])


def _without(place: Collection, items: list[_Item], number: int, last: int) -> Edit | None:
    """Return the edit that takes out some of several parts, from one to another."""
    source, gone, rest = place.source, items[number : last + 1], items[last + 1 :]
    if _is_needed(source, gone[0].start, gone[-1].end):
        return None
    if place.is_flow:
        return _without_in_flow(source, items, number, last)
    if len(items) == len(gone):
        return None
    first = _line_start(source, gone[0].start)
    kept = "".join(_lines_between(source, one, gone[n + 1]) for n, one in enumerate(gone[:-1]))
    if source.text[first : gone[0].start].strip(" "):
        return _with_next_moved_up(source, gone, rest[0], kept) if rest else None
    end = _after_line(source, _content_end(gone[-1].value, gone[-1].end))
    above = items[number - 1].value if number else None
    if above and _would_be_text(source, above, gone[0].start, kept + source.text[end:]):
        return None
    if not place.is_mapping and _is_blank_before(source, first):
        end = _after_blank_lines(source, end)
    is_unended = end == source.line_end(end) != _line_start(source, end)
    if is_unended and not kept and not (above and above.last.is_block_scalar):
        first = source.line_end(first - 1)
    return Edit(source.span(first, end), kept)


def _lines_between(source: Source, one: _Item, other: _Item) -> str:
    """Return the lines of comments, and empty ones, between two parts."""
    end = _after_line(source, _content_end(one.value, one.end))
    return source.text[end : _line_start(source, other.start)]


def _without_in_flow(source: Source, items: list[_Item], number: int, last: int) -> Edit | None:
    start, end = items[number].start, items[last].end
    if last + 1 < len(items):
        end = items[last + 1].start
    elif number:
        start = items[number - 1].end
    else:
        comma = _COMMA.match(source.text, end)
        end = comma.end() if comma else end
    inside = source.text[start:end]
    for item in items[number : last + 1]:
        inside = inside.replace(source.text[item.start : item.end], "", 1)
    return None if "#" in inside else Edit(source.span(start, end), "")


def _with_next_moved_up(source: Source, gone: list[_Item], after: _Item, kept: str) -> Edit:
    """Return the edit that puts the next part in the place of the first ones, behind a dash.

    Comments on lines between them go above the dash.
    """
    start = gone[0].start
    first = _line_start(source, start)
    between = kept + _lines_between(source, gone[-1], after)
    comments = [line.strip(_BLANK) for line in LINE_END.split(between) if line.strip(_BLANK)]
    if not comments:
        return Edit(source.span(start, after.start), "")
    before = source.text[first:start]
    indent = before[: len(before) - len(before.lstrip(" "))]
    lines = [*(f"{indent}{comment}" for comment in comments), before]
    return Edit(source.span(first, after.start), source.line_break.join(lines))


def _would_be_text(source: Source, above: Part, gone: int, below: str) -> bool:
    """Tell whether a comment or an empty line would become part of the text above."""
    last = above.last
    if not last.is_block_scalar:
        return False
    lines = iter(LINE_END.split(below))
    line = next(lines)
    if below and _keeps_line_ends(last) and not line.strip(_BLANK):
        return True
    while not line.strip(_BLANK) and (following := next(lines, None)) is not None:
        line = following
    column = source.position(gone).column - 1
    return line.lstrip().startswith("#") and len(line) - len(line.lstrip()) > column


def _end_for_more(place: Collection) -> int | None:
    """Return the end of the line behind which more can be written that belongs to a place."""
    source, last = place.source, place.last
    if not last.is_block_scalar:
        return source.line_end(last.end)
    if last.end == source.line_end(last.end) != _line_start(source, last.end):
        return None  # a line end more would be part of the text
    if _keeps_line_ends(last):
        return source.line_end(last.end - 1)
    return _content_end(last)


def _keeps_line_ends(part: Part) -> bool:
    """Tell whether a part ends with a text to which the empty lines below it belong."""
    last = part.last
    return last.is_block_scalar and bool(_KEEPS_LINE_ENDS.match(last.source.text, last.body))


def _content_end(part: Part, end: int = 0) -> int:
    """Return where a part ends, without the empty lines below a text."""
    last = part.last
    end = max(last.end, end)
    return len(part.source.text[:end].rstrip(_BLANK)) if last.is_block_scalar else end


def _line_start(source: Source, offset: int) -> int:
    return source.line_start(source.position(offset).line)


def _after_line(source: Source, offset: int) -> int:
    """Return where the next line begins."""
    return source.line_start(source.position(offset).line + 1)


def _is_blank_before(source: Source, line_start: int) -> bool:
    number = source.position(line_start).line
    return number > 1 and not source.line(number - 1).strip(_BLANK)


def _after_blank_lines(source: Source, line_start: int) -> int:
    number = source.position(line_start).line
    while line_start < len(source.text) and not source.line(number).strip(_BLANK):
        number += 1
        line_start = source.line_start(number)
    return line_start


def _is_set_apart(source: Source, begins: list[int], number: int) -> bool:
    """Tell whether an empty line stands before an item, or before the one behind it."""
    near = begins[max(number, 1) : number + 2]
    return any(_is_blank_before(source, _line_start(source, begin)) for begin in near)
