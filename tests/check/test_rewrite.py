"""Edits of keywords and tasks change what they name, and keep the form of the rest."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from understudy.check.mending import rewrite
from understudy.text.diagnostic import Edit, Fix
from understudy.text.document import parse_document
from understudy.text.edits import apply_edits, apply_fixes
from understudy.text.nodes import Mapping, Node, Sequence
from understudy.text.source import Source


def item_of(text: str, number: int) -> Mapping:
    """Return an item of the text's list, or the mapping that it is the only key of."""
    tree = tree_of(text)
    assert isinstance(tree, Sequence)
    item = tree.items[number]
    assert isinstance(item, Mapping)
    return item


def tree_of(text: str) -> Node:
    tree = parse_document(Source("site.yml", text), lambda _: None)
    assert tree is not None
    return tree


def after(edit: Edit | None) -> str | None:
    """Return the text after an edit, which must be YAML."""
    if edit is None:
        return None
    result = apply_edits(edit.span.source, [edit])
    tree_of(result)
    return result


SET = {
    "a value": ("- retries: 3 # why\n", "- retries: 9 # why\n"),
    "a missing one": ("- name: x\n  # end\n", "- name: x\n  retries: 9\n  # end\n"),
    "a comment behind": ("- name: x # why\n- b: 1\n", "- name: x # why\n  retries: 9\n- b: 1\n"),
    "line ends": ("- name: x\r\n- b: 1\r\n", "- name: x\r\n  retries: 9\r\n- b: 1\r\n"),
    "other line ends": ("- name: x\x85- b: 1\x85", "- name: x\x85  retries: 9\x85- b: 1\x85"),
    "no last line end": ("- name: x", "- name: x\n  retries: 9"),
    "a deep dash": ("-   name: x\n    b: 1\n", "-   name: x\n    b: 1\n    retries: 9\n"),
    "a tab in a comment": ("- name: x\t#\ty\n", "- name: x\t#\ty\n  retries: 9\n"),
    "quoted keys": ("- 'retries': 3\n", "- 'retries': 9\n"),
    "a text in lines": (
        "- shell: |\n    a\n\n- b: 1\n",
        "- shell: |\n    a\n  retries: 9\n\n- b: 1\n",
    ),
    "a text that keeps line ends": (
        "- shell: |+\n    a\n\n- b: 1\n",
        "- shell: |+\n    a\n\n  retries: 9\n- b: 1\n",
    ),
    "a text without a line end": ("- shell: |\n    a", None),
    "no value": ("- retries: # why\n  b: 1\n", "- retries: 9 # why\n  b: 1\n"),
    "a list as value": ("- retries: # why\n    - 1\n  b: 1\n", "- retries: 9 # why\n  b: 1\n"),
    "a text in lines as value": ("- retries: |- # why\n    1\n\n", "- retries: 9 # why\n\n"),
    "two lines as value": ("- retries: 1\n    2\n  b: 1\n", "- retries: 9\n  b: 1\n"),
    "braces": ("- {name: x}\n", "- {name: x, retries: 9}\n"),
    "empty braces": ("- {}\n", "- {retries: 9}\n"),
    "braces over lines": (
        "- {name: x, # a\n   b: c,\n  }\n",
        "- {name: x, # a\n   b: c, retries: 9,\n  }\n",
    ),
    "a value in braces": ("- {retries: 3, b: 1}\n", "- {retries: 9, b: 1}\n"),
    "a key alone in braces": ("- {retries, b: 1}\n", "- {retries: 9, b: 1}\n"),
    "an alias last": ("- name: &a x\n  b: *a\n", "- name: &a x\n  b: *a\n  retries: 9\n"),
    "an alias as value": ("- name: &a 1\n  retries: *a\n", "- name: &a 1\n  retries: 9\n"),
    "an anchor that is repeated": ("- retries: &a 1\n  b: *a\n", None),
    "an anchor that is not": ("- retries: &a 1\n  b: 2\n", "- retries: 9\n  b: 2\n"),
    "a repeated task": ("- &a\n  name: x\n- *a\n", None),
    "a merge key that brings it": ("- <<: {retries: 3}\n  b: 1\n", None),
    "a merge key": ("- <<: {c: 3}\n  b: 1\n", "- <<: {c: 3}\n  b: 1\n  retries: 9\n"),
    "a key twice": ("- retries: 3\n  retries: 4\n", None),
    "k=v": ("- copy: src=a dest=b\n", "- copy: src=a dest=b\n  retries: 9\n"),
    "question marks": ("- ? name\n  : x\n", None),
    "a mapping as last value": (
        "- vars:\n    a: 1 # b\n\n- c: 1\n",
        "- vars:\n    a: 1 # b\n  retries: 9\n\n- c: 1\n",
    ),
}


@pytest.mark.parametrize("name", SET)
def test_a_keyword_is_given(name: str) -> None:
    """Its value is replaced, or it is added behind the last one in the same form."""
    text, expected = SET[name]
    assert after(rewrite.set_keyword(item_of(text, 0), "retries", "9")) == expected


def test_a_value_of_several_lines_is_indented() -> None:
    """Lines behind the first belong to the keyword; they cannot stand between braces."""
    text = "- name: x\n"
    edit = rewrite.set_keyword(item_of(text, 0), "until", "\n  - a\n  - b")
    assert after(edit) == "- name: x\n  until:\n    - a\n    - b\n"
    assert rewrite.set_keyword(item_of("- {a: 1}\n", 0), "until", "\n  - a") is None
    assert rewrite.set_keyword(item_of("- {a: 1}\n", 0), "until", "a, b") is None


REMOVE = {
    "a line": ("- name: x\n  poll: 0 # why\n  b: 1\n", "- name: x\n  b: 1\n"),
    "comments stay": ("- a: 1\n  # x\n  poll: 0\n  # y\n", "- a: 1\n  # x\n  # y\n"),
    "the first": ("- poll: 0\n  b: 1\n", "- b: 1\n"),
    "the first, a comment below": ("- poll: 0 # z\n  # b is\n  b: 1\n", "# b is\n- b: 1\n"),
    "the only one": ("- poll: 0\n", None),
    "line ends": ("- a: 1\r\n  poll: 0\r\n- b: 1\r\n", "- a: 1\r\n- b: 1\r\n"),
    "the last without a line end": ("- a: 1\n  poll: 0", "- a: 1"),
    "the last": ("- a: 1\n  poll: 0\n", "- a: 1\n"),
    "a text in lines": ("- a: 1\n  poll: |\n    x\n\n- b: 1\n", "- a: 1\n\n- b: 1\n"),
    "a list": ("- a: 1\n  poll:\n  - 1\n  - 2 # x\n  b: 1\n", "- a: 1\n  b: 1\n"),
    "quoted": ('- a: 1\n  "poll": 0\n', "- a: 1\n"),
    "of two": ("- {a: 1, poll: 0}\n", "- {a: 1}\n"),
    "the first in braces": ("- {poll: 0, a: 1}\n", "- {a: 1}\n"),
    "the only one in braces": ("- {poll: 0, }\n", "- { }\n"),
    "a comment in braces": ("- {a: 1, # x\n   poll: 0}\n", None),
    "a needed anchor": ("- a: 1\n  poll: &p 0\n- b: *p\n", None),
    "a comment below a text": ("- a: |\n    x\n  poll: 0\n    # y\n  b: 1\n", None),
    "an empty line below a text": ("- a: |+\n    x\n  poll: 0\n\n  b: 1\n", None),
    "of a merge key": ("- <<: {poll: 3}\n  b: 1\n", None),
    "in the place of a merge key's": ("- <<: {poll: 3}\n  poll: 1\n", None),
}


@pytest.mark.parametrize("name", REMOVE)
def test_a_keyword_is_taken_away(name: str) -> None:
    """Its lines go, or its entry between braces, and nothing else."""
    text, expected = REMOVE[name]
    assert after(rewrite.remove_keyword(item_of(text, 0), "poll")) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- a: 1\n  until: x\n  retries: 3 # y\n- b: 1\n", "- a: 1\n- b: 1\n"),
        ("- a: 1\n  until: x\n  b: 1\n  retries: 3\n", "- a: 1\n  b: 1\n"),
        ("- until: x\n  retries: 3\n  a: 1\n", "- a: 1\n"),
        ("- {a: 1, until: x, retries: 3}\n", "- {a: 1}\n"),
        ("- {until: x, retries: 3, a: 1}\n", "- {a: 1}\n"),
        ("- {until: x, retries: 3}\n", "- {}\n"),
        ("- until: x\n  retries: 3\n", None),
        ("- a: 1\n  retries: 3\n", None),
    ],
)
def test_keywords_are_taken_away_together(text: str, expected: str | None) -> None:
    """Neighbours go as one; if one of them cannot go, none does."""
    node = item_of(text, 0)
    edits = rewrite.remove_keywords(node, "retries", "until")
    result = apply_fixes([Fix(message="", edits=edits)])[0][node.source] if edits else None
    assert result == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- retrys: 3 # x\n", "- retries: 3 # x\n"),
        ('- "retrys" : 3\n', '- "retries" : 3\n'),
        ("- {'retrys': 3}\n", "- {'retries': 3}\n"),
        ("- retrys: 3\n  retries: 3\n", None),
        ("- <<: {retrys: 3}\n  a: 1\n", None),
        ("- <<: {retrys: 3}\n  retrys: 1\n", None),
        ("- &a\n  retrys: 3\n- *a\n", None),
    ],
)
def test_a_keyword_is_renamed(text: str, expected: str | None) -> None:
    """The key changes, its quotes and its value stay."""
    assert after(rewrite.rename_key(item_of(text, 0), "retrys", "retries")) == expected


@pytest.mark.parametrize(
    ("text", "number", "expected"),
    [
        ("- a\n- b # x\n- c\n", 1, "- a\n- c\n"),
        (
            "- a: 1\n  # in a\n\n# b is\n- b: 1\n\n- c: 1\n",
            1,
            "- a: 1\n  # in a\n\n# b is\n\n- c: 1\n",
        ),
        ("- a: 1\n\n- b: 1\n\n- c: 1\n", 1, "- a: 1\n\n- c: 1\n"),
        ("- # of a\n  a: 1\n- b: 1\n", 0, "- b: 1\n"),
        ("- a\r\n- b\r\n", 1, "- a\r\n"),
        ("- a\n- b", 1, "- a"),
        ("[a, b, c]\n", 0, "[b, c]\n"),
        ("[a, b, c]\n", 2, "[a, b]\n"),
        ("- a\n", 0, None),
        ("- &x a\n- *x\n", 0, None),
    ],
)
def test_an_item_is_taken_out(text: str, number: int, expected: str | None) -> None:
    """Its lines go, from its dash on; one empty line is left between the others."""
    tree = tree_of(text)
    assert isinstance(tree, Sequence)
    assert after(rewrite.remove_item(tree, tree.items[number])) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- a: 1 # x\n- b: 1\n", "- a: 1 # x\n- wait:\n    for: it\n- b: 1\n"),
        ("- a: 1\n\n- b: 1\n", "- a: 1\n\n- wait:\n    for: it\n\n- b: 1\n"),
        ("- a: 1\r\n", "- a: 1\r\n- wait:\r\n    for: it\r\n"),
        ("- {a: 1}", "- {a: 1}\n- wait:\n    for: it"),
        ("  - a: |\n      x\n\n", "  - a: |\n      x\n  - wait:\n      for: it\n\n"),
        ("[{a: 1}]\n", None),
        ("- &a\n  b: 1\n- *a\n", None),
    ],
)
def test_a_task_is_put_behind_another(text: str, expected: str | None) -> None:
    """It stands where the other does, apart from it as the others are."""
    edit = rewrite.insert_task_after(item_of(text, 0), "- wait:\n    for: it\n")
    assert after(edit) == expected


@pytest.mark.parametrize(
    "edit",
    [
        lambda node: rewrite.set_keyword(node, "retries", "9"),
        lambda node: rewrite.remove_keyword(node, "b"),
        lambda node: rewrite.insert_task_after(node, "- b: 1"),
    ],
)
def test_what_stands_nowhere_is_not_edited(edit: Callable[[Mapping], Edit | None]) -> None:
    """A mapping that was not read as one of the text has no edit."""
    node = item_of("- a: 1\n  b: 2\n", 0)
    other = Mapping(Source("other.yml", "[]\n"), node.start, node.end, None, node.entries)
    assert edit(other) is None
