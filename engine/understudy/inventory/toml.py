"""The TOML form of an inventory: it becomes the YAML form, group by group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from understudy.inventory.model import Inventory
from understudy.inventory.yaml import read_groups
from understudy.text import nodes
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid
from understudy.text.source import Position, Source, span_at
from understudy.values.texts import Value


def read_toml(source: Source, inventory: Inventory) -> None:
    """Add what a TOML inventory names. Raise PlaybookInvalid with every finding."""
    import tomllib  # costs milliseconds, and few inventories are TOML

    try:
        groups = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        raise PlaybookInvalid([_not_toml(source, str(error))]) from None
    plain = {name: _group(group) for name, group in groups.items()}
    read_groups(_node(plain, source), source, inventory)


@dataclass(slots=True)
class _Start:
    """The beginning of the file: the parser does not tell where a value stands."""

    line: int = 0
    column: int = 0


_START = _Start()


def _node(value: Value, source: Source) -> nodes.Node:
    """Return plain data as a tree, whose every node stands at the beginning of the file."""
    if isinstance(value, Mapping):
        pairs = {key: (_scalar(key, source), _node(item, source)) for key, item in value.items()}
        return nodes.Mapping(source, _START, _START, None, dict(pairs))
    if isinstance(value, list):
        items = [_node(item, source) for item in value]
        return nodes.Sequence(source, _START, _START, None, items)
    return _scalar(value, source)


def _scalar(value: Value, source: Source) -> nodes.Scalar:
    return nodes.Scalar(source, _START, _START, None, value, str(value))


def _not_toml(source: Source, error: str) -> Diagnostic:
    """Return the finding; the parser tells the place at the end of its message, if it has one."""
    reason, _, place = error.rstrip(")").partition(" (at line ")
    line, _, column = place.partition(", column ")
    start = Position(int(line), int(column)) if column.isdigit() else Position(1, 1)
    return Diagnostic(
        code="toml-syntax",
        message=f"this inventory is not TOML: {reason[:1].lower()}{reason[1:]}",
        span=span_at(source, start),
    )


def _group(group: Value) -> Value:
    """Return a group whose hosts and children are mappings, as YAML has them."""
    if not isinstance(group, Mapping):
        return group
    named = {key: _by_name(group[key]) for key in ("hosts", "children") if key in group}
    return {**group, **named}


def _by_name(names: Value) -> Value:
    return dict.fromkeys(names) if isinstance(names, list) else names
