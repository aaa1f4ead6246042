"""What an author wrote becomes values: a text is a Template, Authored or locked; the rest is data.

Nodes of YAML, `-e`, inventories in every form and files of variables all pass here. A key stays as
written: Ansible does not render it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from understudy.text.diagnostic import Diagnostic, PlaybookInvalid
from understudy.text.document import parse_document
from understudy.text.nodes import VAULT_TAGS, Mapping, Node, Scalar, Sequence
from understudy.text.source import Span
from understudy.values.texts import Authored, Template, Text, Value, VaultText, is_template
from understudy.values.vault import KEYRING, discreet, read_author_source

Report = Callable[[Diagnostic], None]

_UNSAFE = "!unsafe"


def load(node: Node | None) -> Value:
    """Return the value of a node; None for an empty document."""
    if isinstance(node, Scalar):
        return _scalar(node)
    if node is None:
        return None
    if node.tag == _UNSAFE:
        return _plain(node)
    if isinstance(node, Sequence):
        return [load(item) for item in node.items]
    return load_mapping(node)


def load_mapping(node: Mapping) -> dict[str, Value]:
    """Return the value of a mapping; a key that is not a text stays what it is."""
    loaded: dict[Value, Value] = {key: load(value) for key, (_, value) in node.entries.items()}
    return loaded


def load_text(node: Scalar) -> Text:
    """Return a scalar as a text, whatever YAML takes it for."""
    return text(node.written, node.span)


def text(written: str, span: Span | None = None) -> Text:
    """Return an author's text as what it is: a Template if it holds a Jinja delimiter."""
    return Template(written, span) if is_template(written) else Authored(written, span)


def author(value: Value, span: Span | None = None) -> Value:
    """Turn plain data that an author wrote (JSON, `k=v`, INI) into values, at any depth."""
    if type(value) is str:
        return text(value, span)
    if isinstance(value, dict):
        return {key: author(item, span) for key, item in value.items()}
    if isinstance(value, list):
        return [author(item, span) for item in value]
    return value


def load_vars_file(
    path: Path, report: Report | None = None, *, may_be_list: bool = False
) -> dict[str, Value]:
    """Return the variables of a file; an empty one has none. Warnings go to `report`.

    With `may_be_list` a list of mappings counts as one mapping. Raises PlaybookInvalid when the
    file cannot be read or is not a mapping.
    """
    source = read_author_source(path)
    try:
        root = parse_document(source, report or _ignore)
    except PlaybookInvalid as invalid:
        raise discreet(invalid) from None
    values = variables_of(root, may_be_list=may_be_list)
    if source.name in KEYRING.files:
        KEYRING.hide(values)
    return values


def variables_of(root: Node | None, *, may_be_list: bool = False) -> dict[str, Value]:
    """Return the variables of a tree, as `load_vars_file` does. Raises PlaybookInvalid."""
    if root is None:
        return {}
    parts = list(root.items) if may_be_list and isinstance(root, Sequence) else [root]
    mappings = [part for part in parts if isinstance(part, Mapping)]
    if mappings != parts:
        message = "a file of variables must hold a mapping: names with values"
        raise PlaybookInvalid([Diagnostic(code="not-a-mapping", message=message, span=root.span)])
    values: dict[str, Value] = {}
    for part in mappings:
        values |= load_mapping(part)
    return values


def _ignore(_finding: Diagnostic) -> None:
    """Drop a warning."""


def _scalar(node: Scalar) -> Value:
    value = node.value
    if type(value) is not str or node.tag == _UNSAFE:
        return value
    if node.tag in VAULT_TAGS:
        return VaultText(value, node.span)
    return Template(value, node.span) if is_template(value) else Authored(value, node.span)


def _plain(node: Node) -> Value:
    """Return the value of what stands under `!unsafe`: no text in it is ever evaluated."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [_plain(item) for item in node.items]
    return {key: _plain(value) for key, (_, value) in node.entries.items()}
