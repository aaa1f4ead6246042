"""YAML 1.1 as Ansible reads it: values, places, repetition, limits."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.text import document, events
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid, Severity
from understudy.text.document import parse_document
from understudy.text.events import parse_events
from understudy.text.nodes import Mapping, Node, Scalar, Sequence
from understudy.text.source import Position, Source

# Seen by running ansible-core 2.19.
SCALARS = {
    "yes": True,
    "Yes": True,
    "on": True,
    "TRUE": True,
    "off": False,
    "y": "y",
    "tRUE": "tRUE",
    "0644": 420,
    "0o644": "0o644",
    "0x1F": 31,
    "0b101": 5,
    "1_000": 1000,
    "1:30": 90,
    "1:30:15": 5415,
    "190:20:30.15": 685230.15,
    "-1:30": -90,
    "0:30": "0:30",
    "1:60": "1:60",
    "08": "08",
    "09.5": 9.5,
    "0_7": 7,
    "+12": 12,
    "-0644": -420,
    "0XFF": "0XFF",
    "1_": 1,
    "0x": "0x",
    "00": 0,
    "1.5": 1.5,
    "1.": 1.0,
    ".5": 0.5,
    "-.5": "-.5",
    "1e3": "1e3",
    "1.5e3": "1.5e3",
    "1.0e+3": 1000.0,
    "12e03": "12e03",
    ".inf": float("inf"),
    "-.inf": float("-inf"),
    "~": None,
    "null": None,
    "NULL": None,
    "": None,
    "2001-01-01": date(2001, 1, 1),
    "2001-01-01 10:00:00": datetime(2001, 1, 1, 10),  # noqa: DTZ001 (Ansible's has no zone either)
    "2001-12-14 21:59:43.10 Z": datetime(2001, 12, 14, 21, 59, 43, 100000, UTC),
    "2001-1-1": "2001-1-1",
    '"yes"': "yes",
    "'no'": "no",
    "!!str 12": "12",
    '!!int "12"': 12,
    "!!float 3": 3.0,
    '!!bool "yes"': True,
    '!!null "x"': None,
    "!!binary aGVsbG8=": b"hello",
    "! 12": 12,
    "!unsafe 12": 12,
    "http://host:80/": "http://host:80/",
}


def parse(text: str, warnings: list[Diagnostic] | None = None) -> Node | None:
    """Return the tree of a text."""
    found: list[Diagnostic] = [] if warnings is None else warnings
    return parse_document(Source("site.yml", text), found.append)


def refused(text: str) -> Diagnostic:
    """Return why a text is refused."""
    with pytest.raises(PlaybookInvalid) as invalid:
        parse(text)
    (found,) = invalid.value.diagnostics
    return found


def plain(node: Node | None) -> object:
    """Return a node's value."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return node and {key: plain(value) for key, (_, value) in node.entries.items()}


@pytest.mark.parametrize("written", SCALARS)
def test_scalars_are_what_ansible_makes_of_them(written: str) -> None:
    """A plain scalar is resolved by YAML 1.1, by value and by type."""
    value = plain(parse(f"v: {written}\n"))["v"]
    assert value == SCALARS[written]
    assert type(value) is type(SCALARS[written])


def test_nan() -> None:
    """`.nan` is the number that is not itself."""
    value = plain(parse("v: .nan"))["v"]
    assert value != value  # noqa: PLR0124


@pytest.mark.parametrize(
    "inside", ["http://host:80/x", "12:30:45", "a::b", "x:y"], ids=lambda text: text
)
def test_colons_inside_plain_text_between_brackets(inside: str) -> None:
    """A colon without a space after it belongs to the text, also in `[ ]` and `{ }`."""
    tree = parse(f"a: [{inside}, b]\nc: {{d: {inside}}}\n")
    assert isinstance(tree, Mapping)
    listed = tree.get("a")
    assert isinstance(listed, Sequence)
    assert isinstance(listed.items[0], Scalar)
    assert listed.items[0].written == inside
    assert listed.items[0].span.end.column == 5 + len(inside)


def test_the_pure_parser_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the C parser the tree has the same values and places."""
    text = "a: &x [1, 'two', \"th\\tree\"]\nb: {<<: {c: 0644}, d: *x}\ne: |\n  block\n"
    with_c = parse(text)
    monkeypatch.setattr(events, "CParser", None)
    assert plain(parse(text)) == plain(with_c)
    assert [str(s) for s in spans(parse(text))] == [str(s) for s in spans(with_c)]


def spans(node: Node | None) -> list[object]:
    """Return the places of all keys and values."""
    if isinstance(node, Mapping):
        own = [key.span for key, _ in node.pairs()]
        return own + [s for _, value in node.pairs() for s in spans(value)]
    if isinstance(node, Sequence):
        return [node.span] + [s for item in node.items for s in spans(item)]
    return [node.span] if node else []


def test_keys_and_values_have_places() -> None:
    """A span holds line and column from 1; its end is exclusive."""
    tree = parse("- name: x\n  poll: 10\n")
    assert isinstance(tree, Sequence)
    (task,) = tree.items
    assert isinstance(task, Mapping)
    key, value = task.entries["poll"]
    assert key.span[1:] == (Position(2, 3), Position(2, 7))
    assert value.span[1:] == (Position(2, 9), Position(2, 11))
    assert str(value.span) == "site.yml:2:9"


def test_the_last_of_two_equal_keys_counts() -> None:
    """A key that stands twice is a warning with both places; the last value is kept."""
    warnings: list[Diagnostic] = []
    assert plain(parse("a: 1\nb: 2\na: 3\n", warnings)) == {"a": 3, "b": 2}
    (found,) = warnings
    assert found.severity is Severity.WARNING
    assert found.span is not None
    assert found.span.start.line == 3
    assert found.others[0].span.start.line == 1


def test_merge_keys() -> None:
    """Own keys win over merged ones, and of merged ones the first; that is no repetition."""
    warnings: list[Diagnostic] = []
    text = "a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc: {<<: [*a, *b], x: 9}\nd: {<<: *a, '<<': q}\n"
    tree = plain(parse(text, warnings))
    assert tree["c"] == {"x": 9, "y": 2, "z": 4}
    assert tree["d"] == {"x": 1, "y": 2, "<<": "q"}
    assert not warnings


def test_aliases_share_the_node() -> None:
    """An alias stands for the very node that was named."""
    tree = parse("a: &a [1]\nb: *a\n")
    assert isinstance(tree, Mapping)
    assert tree.get("a") is tree.get("b")


def test_tags_of_collections() -> None:
    """Sets become lists of their keys, ordered mappings lists of pairs, as Ansible gives them."""
    assert plain(parse("!!set {a, b}")) == ["a", "b"]
    assert plain(parse("!!omap [a: 1, b: 2]")) == [["a", 1], ["b", 2]]
    assert plain(parse("!!map {a: 1}")) == {"a": 1}


def test_line_ends_and_byte_order() -> None:
    """Lines may end as they do on any system, and are counted alike."""
    for end in ("\n", "\r\n", "\r"):
        tree = parse(f"a: |{end}  x{end}  y{end}b: 1{end}")
        assert plain(tree) == {"a": "x\ny\n", "b": 1}
        assert isinstance(tree, Mapping)
        assert tree.entries["b"][0].span.start == Position(4, 1)


@pytest.mark.parametrize("text", ["", "---\n", "# only a comment\n"])
def test_nothing_is_none(text: str) -> None:
    """A text without a document, or with an empty one, gives None."""
    assert parse(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: !secret b", "yaml-tag"),
        ("a: !!python/object/apply:os.system [id]", "yaml-tag"),
        ("a: !!str [b]", "yaml-tag"),
        ("a: !vault [b]", "yaml-tag"),
        ("a: &a 1\nb: &a 2", "yaml-anchor"),
        ("a: *b", "yaml-alias"),
        ("a: &a [*a]", "yaml-alias"),
        ("a: 2001-13-45", "yaml-value"),
        ("a: !!int foo", "yaml-value"),
        ("a: !!bool foo", "yaml-value"),
        ("a: !!binary é", "yaml-value"),
        ("a: " + "9" * 5000, "yaml-value"),
        ("a: {<<: 12}", "yaml-merge"),
        ("a: {[1, 2]: b}", "yaml-key"),
        ("a: 1\n---\nb: 2", "yaml-documents"),
        ("a: \x00", "control-character"),
        ("a: {{ b }}", "unquoted-template"),
        ("a: b: c", "yaml-colon"),
        ("a:\n\tb: c", "yaml-tab"),
        ('a: "b', "yaml-unclosed"),
        ("a: [b", "yaml-unclosed"),
    ],
)
def test_what_is_no_yaml_for_us(text: str, code: str) -> None:
    """Each is refused with one finding, and its place."""
    found = refused(text)
    assert found.code == code
    assert found.span is not None


def test_what_a_second_colon_is_told_to_become_can_be_read() -> None:
    """Quotes and backslashes of the value are as the new quotes need them."""
    for value in ("b: c", "'b': c", 'say "it\'s": b', "it's \\d: b"):
        advice = refused(f"a: {value}").help
        assert advice is not None
        assert plain(parse(advice.partition("`")[2].rpartition("`")[0])) == {"a": value}


def test_depth_is_limited() -> None:
    """Nesting at the limit is read, one more is refused; twenty times more does no harm."""
    limit = document.DEPTH_LIMIT
    assert plain(parse("[" * limit + "]" * limit)) is not None
    assert refused("[" * (limit + 1) + "]" * (limit + 1)).code == "yaml-depth"
    assert refused("- " * 20 * limit).code == "yaml-depth"


def test_alias_bombs_are_refused() -> None:
    """Aliases that stand for millions of nodes are refused before they are expanded."""
    text = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n"
        for old, new in zip("abcdefghi", "bcdefghij", strict=True)
    )
    began = time.perf_counter()
    assert refused(text).code == "yaml-aliases"
    assert time.perf_counter() - began < 0.2


@given(st.text(alphabet="ab:-[]{}&*!|>'\"%@`#,? \n\t0<~\\", max_size=40))
def test_any_text_is_a_tree_or_a_finding(text: str) -> None:
    """Whatever a file holds, the outcome is a tree, nothing, or findings with a place."""
    try:
        tree = parse(text)
        places = [tree.span] if tree else []
    except PlaybookInvalid as invalid:
        places = [found.span for found in invalid.diagnostics]
    assert all(place and place.start.line >= 1 for place in places)


def test_an_alias_beside_a_colon_that_is_no_separator() -> None:
    """The words of a flow mapping are read again then, and an alias among them has no tag."""
    text = 'a: &one {b: c}\nd: *one\ne: {f:g: "h"}\n'
    assert len(list(parse_events(text))) > 10
