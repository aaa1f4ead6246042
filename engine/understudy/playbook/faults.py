"""A keyword's value that does not fit its type: which part of it, and what belongs there."""

from __future__ import annotations

from typing import Any

from understudy.playbook.kinds import Kind
from understudy.text.nodes import Mapping, Node, Scalar, Sequence


def find_fault(kind: Kind, node: Node) -> tuple[Node, str, str]:
    """Return the part that does not fit, its path (`[2].name`), and what it must be, in words.

    jsonschema takes longer to import than a playbook to read, so it is asked only now.
    """
    from jsonschema import Draft202012Validator

    errors = Draft202012Validator(kind.full_schema).iter_errors(_plain(node))
    deepest = max(errors, key=lambda error: len(error.absolute_path), default=None)
    if deepest is None:
        return node, "", kind.words
    words = deepest.schema.get("title", kind.words)
    if deepest.validator == "pattern" and "propertyNames" in deepest.absolute_schema_path:
        return _key(node, deepest.instance), "", words
    part, path = _follow(node, list(deepest.absolute_path))
    return part, path, words


def _follow(node: Node, steps: list[Any]) -> tuple[Node, str]:
    path = ""
    for step in steps:
        if isinstance(node, Sequence):
            node, path = node.items[step], f"{path}[{step}]"
        elif isinstance(node, Mapping):
            key = next(key for key in node.entries if str(key) == step)
            node, path = node.entries[key][1], f"{path}.{step}"
    return node, path


def _key(node: Node, name: str) -> Node:
    keys = node.entries if isinstance(node, Mapping) else {}
    return next((key for k, (key, _) in keys.items() if str(k) == name), node)


def _plain(node: Node) -> object:
    """Return a node as JSON data, which has only texts as keys."""
    if isinstance(node, Scalar):
        value = node.value
        plain = value is None or isinstance(value, str | int | float)
        return value if plain else str(value)
    if isinstance(node, Sequence):
        return [_plain(item) for item in node.items]
    return {str(key): _plain(value) for key, (_, value) in node.entries.items()}


def shown(node: Node) -> str:
    """Return what a diagnostic calls a value."""
    if isinstance(node, Mapping):
        return "a mapping"
    if isinstance(node, Sequence):
        return "a list"
    return "nothing" if node.value is None else f"`{node.written}`"
