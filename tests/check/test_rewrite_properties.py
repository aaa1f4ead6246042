"""Edits of generated tasks: what they say changes, and nothing else does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from understudy.check.mending import rewrite
from understudy.text.diagnostic import Edit
from understudy.text.document import parse_document
from understudy.text.edits import apply_edits
from understudy.text.nodes import Mapping, Node, Scalar, Sequence
from understudy.text.source import LINE_END, Source

pytestmark = pytest.mark.slow
KEYS = ("name", "command", "register", "until", "retries", "poll", "when")
ROOT = Path(__file__).parents[2]
FILES = [
    path.relative_to(ROOT)
    for folder in ("examples", "tests/check/cases", "tests/parity/cases")
    for path in sorted(ROOT.glob(f"{folder}/**/*.yml"))
    if folder != "tests/parity/cases" or re.match("yaml_|async", path.parts[-2])
]
VALUES = (
    ["1"],
    ["plain text"],
    ["'it''s # none'"],
    ['"a \\" b"'],
    ["[a, 'b']"],
    ["{a: 1, b: 2}"],
    [""],
    ["first", "  second"],
    ["|", "  a", "", "    b"],
    ["|-", "  a # none", "    b", ""],
    ["|+", "  a", ""],
    [">2", "  a", "  b"],
    ["", "  - a{}", "  - b: 1"],
    ["", "- a", "- 'b'{}"],
    ["", "  a: 1{}", "  b: |", "    c"],
    ["[a,{}", "    b]"],
)
"""The lines of values, indented to their keyword; `{}` is where a comment may stand."""
COMMENT = re.compile(r"# c\d+ [\w.]+")


@dataclass
class Made:
    """A list of tasks: its text and its lines."""

    lines: list[str]
    line_end: str = "\n"
    has_last: bool = True

    @property
    def source(self) -> Source:
        text = self.line_end.join([*self.lines, ""] if self.has_last else self.lines)
        return Source("tasks.yml", text)


@st.composite
def made(draw: st.DrawFn) -> Made:
    """Return some tasks in any form."""
    numbers, lines = count(), list[str]()
    indent = " " * draw(st.sampled_from([0, 2, 4]))

    def comment(owner: str) -> str:
        return draw(st.sampled_from(["", "", f"  # c{next(numbers)} {owner}"]))

    for number in range(draw(st.integers(1, 3))):
        keys = draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=5, unique=True))
        lines += [""] * draw(st.integers(0, 1)) * bool(number)
        if draw(st.integers(0, 3)) == 0:
            pairs = ", ".join(f"{key}: {number}" for key in keys)
            lines.append(f"{indent}- {{{pairs}}}{comment('own')}")
            continue
        for place, key in enumerate(keys):
            start = f"{indent}- " if place == 0 else f"{indent}  "
            value = draw(st.sampled_from(VALUES))
            quote = draw(st.sampled_from(["", "", "'", '"']))
            can = not value[0] or value[0][0] not in "[f"
            written = f"{start}{quote}{key}{quote}: {value[0]}".rstrip()
            owner = f"{number}.{key}"
            first = written.format(comment(owner)) if "{}" in written else written
            lines.append(first + (comment(owner) if can else ""))
            for line in value[1:]:
                rest = f"{indent}  {line}".rstrip()
                lines.append(rest.format(comment(owner)) if "{}" in rest else rest)
            if draw(st.integers(0, 4)) == 0:
                depth = draw(st.sampled_from(["", indent, f"{indent}  "]))
                lines.append(f"{depth}# c{next(numbers)} own")
    line_end = draw(st.sampled_from(["\n", "\n", "\r\n", "\r"]))
    return Made(lines, line_end, draw(st.booleans()))


def data_of(node: Node | None) -> object:
    """Return what a tree means, with the order of keys."""
    if isinstance(node, Mapping):
        return [(key.value, data_of(value)) for key, value in node.pairs()]
    if isinstance(node, Sequence):
        return [data_of(item) for item in node.items]
    return node.value if isinstance(node, Scalar) else None


def tasks_of(source: Source) -> Sequence:
    tree = parse_document(source, lambda _: None)
    assert isinstance(tree, Sequence)
    return tree


def after(source: Source, edits: list[Edit]) -> Source:
    """Return the text after edits, which keeps everything outside of them."""
    result = apply_edits(source, edits)
    places = sorted((source.offset(e.span.start), source.offset(e.span.end)) for e in edits)
    bounds = [0, *(one for place in places for one in place), len(source.text)]
    kept = [source.text[a:b] for a, b in zip(bounds[::2], bounds[1::2], strict=True)]
    assert re.fullmatch(".*".join(map(re.escape, kept)), result, re.DOTALL)
    return Source(source.name, result)


def lost_comments(before: Source, result: Source) -> set[str]:
    found, left = (COMMENT.findall(one.text) for one in (before, result))
    assert [one for one in found if one in left] == left
    return {one.split()[-1] for one in found if one not in left}


def check_form(tasks: Made, result: Source) -> None:
    """The line ends are those of before, and the last line has one if it had one."""
    before = tasks.source.text
    assert {*LINE_END.findall(result.text)} <= {tasks.source.line_break}
    assert result.text.endswith(tasks.line_end) or not before.endswith(tasks.line_end)


MANY = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@MANY
@given(made(), st.data())
def test_a_keyword_is_given(tasks: Made, data: st.DataObject) -> None:
    """The task has it, everything else means what it meant, and comments and order stay."""
    source = tasks.source
    tree = tasks_of(source)
    number = data.draw(st.integers(0, len(tree.items) - 1))
    key = data.draw(st.sampled_from(KEYS))
    node = tree.items[number]
    assert isinstance(node, Mapping)
    edit = rewrite.set_keyword(node, key, "77")
    if edit is None:
        return
    note(source.text)
    result = after(source, [edit])
    note(result.text)
    expected = [dict(data_of(one)) for one in tree.items]
    expected[number][key] = 77
    assert data_of(tasks_of(result)) == [list(one.items()) for one in expected]
    check_form(tasks, result)
    assert lost_comments(source, result) <= {f"{number}.{key}"}


@MANY
@given(made(), st.data())
def test_keywords_are_taken_away(tasks: Made, data: st.DataObject) -> None:
    """The task has them no more, everything else means what it meant, other comments stay."""
    source = tasks.source
    tree = tasks_of(source)
    number = data.draw(st.integers(0, len(tree.items) - 1))
    node = tree.items[number]
    assert isinstance(node, Mapping)
    there = st.sampled_from([str(key) for key in node.entries])
    keys = data.draw(st.lists(there, min_size=1, max_size=3, unique=True))
    edits = rewrite.remove_keywords(node, *keys)
    if edits is None:
        return
    note(source.text)
    result = after(source, list(edits))
    note(result.text)
    expected = [dict(data_of(one)) for one in tree.items]
    for key in keys:
        del expected[number][key]
    assert data_of(tasks_of(result)) == [list(one.items()) for one in expected]
    check_form(tasks, result)
    assert lost_comments(source, result) <= {f"{number}.{key}" for key in keys}


@MANY
@given(made(), st.data())
def test_tasks_come_and_go(tasks: Made, data: st.DataObject) -> None:
    """A task is put behind another or taken out; the others are what they were."""
    source = tasks.source
    tree = tasks_of(source)
    number = data.draw(st.integers(0, len(tree.items) - 1))
    node, expected = tree.items[number], [data_of(one) for one in tree.items]
    assert isinstance(node, Mapping)
    if data.draw(st.booleans()):
        edit = rewrite.insert_task_after(node, "- new:\n    - 1\n")
        expected.insert(number + 1, [("new", [1])])
    else:
        edit = rewrite.remove_item(tree, node)
        del expected[number]
    if edit is None:
        return
    note(source.text)
    result = after(source, [edit])
    note(result.text)
    assert data_of(tasks_of(result)) == expected
    check_form(tasks, result)
    lost = lost_comments(source, result)
    assert {one for one in lost if one != "own"} <= {f"{number}.{key}" for key in KEYS}


def mappings(node: Node, way: tuple[object, ...] = ()) -> Iterator[tuple[Mapping, list[object]]]:
    """Yield each mapping of a tree with the keys and numbers that lead to it."""
    if isinstance(node, Mapping):
        yield node, list(way)
        for key, value in node.pairs():
            yield from mappings(value, (*way, key.value))
    elif isinstance(node, Sequence):
        for number, item in enumerate(node.items):
            yield from mappings(item, (*way, number))


def changed(
    tree: Node, way: list[object], old: object, new: tuple[object, object] | None
) -> object:
    """Return what a tree means if one key of one mapping is another, is added, or goes."""
    data = data_of(tree)
    part = data
    for step in way:
        part = part[step] if isinstance(step, int) else dict(part)[step]
    place = [key for key, _ in part].index(old) if old is not None else len(part)
    part[place : place + 1] = [new] if new else []
    return data


@pytest.mark.parametrize("path", FILES, ids=str)
def test_edits_of_real_files(path: Path) -> None:
    """In every mapping a key can be added, renamed, given a value and taken away by itself."""
    source = Source(path.name, (ROOT / path).read_text("utf-8"))
    tree = parse_document(source, lambda _: None)
    assert tree is not None
    for node, way in mappings(tree):
        key = next(iter(node.entries), None)
        edits = [(rewrite.set_keyword(node, "new", "77"), None, ("new", 77))]
        if isinstance(key, str):
            value = data_of(node.get(key))
            edits += [
                (rewrite.set_keyword(node, key, "77"), key, (key, 77)),
                (rewrite.rename_key(node, key, "new"), key, ("new", value)),
                (rewrite.remove_keyword(node, key), key, None),
            ]
        for edit, old, new in edits:
            if edit is not None:
                result = parse_document(after(source, [edit]), lambda _: None)
                assert data_of(result) == changed(tree, way, old, new)
