"""From an offset in a value to its place in the file."""

from __future__ import annotations

import pytest

from understudy.text.document import parse_document
from understudy.text.nodes import Mapping, Scalar
from understudy.text.offsets import part_of, place_of
from understudy.text.source import Position, Source

TEXTS = {
    "plain": "v: say {{ x }}\n",
    "plain over two lines": "v: say\n   {{ x }}\n",
    "double quotes": 'v: "say {{ x }}"\n',
    "escapes": 'v: "a\\tb\\x41\\u00e9\\\\ {{ x }}"\n',
    "escaped line end": 'v: "say \\\n   {{ x }}"\n',
    "single quotes": "v: 'it''s {{ x }}'\n",
    "literal": "v: |\n  one\n    two {{ x }}\n",
    "literal with header": "v: |2-  # why\n    {{ x }}\n",
    "folded": "v: >-\n  one\n  two\n\n  three {{ x }}\n",
    "after tag and anchor": "v: &name !!str 'say {{ x }}'\n",
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_place_of_a_part(name: str) -> None:
    """The first brace of a template is found in the file, whatever the value's style."""
    source = Source("vars.yml", TEXTS[name])
    tree = parse_document(source, lambda _: None)
    assert isinstance(tree, Mapping)
    node = tree.get("v")
    assert isinstance(node, Scalar)
    value = str(node.value)
    place = place_of(value, node.span, value.index("{{"))
    expected = source.position(TEXTS[name].index("{{"))
    assert place == expected


def test_a_part_of_a_value() -> None:
    """A part's span covers its characters."""
    source = Source("site.yml", "shell: echo x chdir=/tmp\n")
    tree = parse_document(source, lambda _: None)
    assert isinstance(tree, Mapping)
    node = tree.get("shell")
    assert isinstance(node, Scalar)
    span = part_of("echo x chdir=/tmp", node.span, 7, 12)
    assert span[1:] == (Position(1, 15), Position(1, 20))


def test_an_offset_behind_the_end_is_no_crash() -> None:
    """An offset that a text does not have gives its begin or its end."""
    source = Source("site.yml", "v: abc\n")
    tree = parse_document(source, lambda _: None)
    assert isinstance(tree, Mapping)
    node = tree.get("v")
    assert isinstance(node, Scalar)
    assert place_of("abc", node.span, 99).line == 1
    assert place_of("", node.span, 0) == node.span.start
