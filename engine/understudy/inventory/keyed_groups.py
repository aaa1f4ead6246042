"""A keyed group: the value of an expression becomes the names of groups that a host joins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from understudy.inventory.plugins import PluginFile, is_null, refuse
from understudy.text.nodes import Mapping, Node, Scalar
from understudy.text.source import Span
from understudy.values.load import load
from understudy.values.texts import Value

_KEYS = frozenset("key prefix separator parent_group default_value trailing_separator".split())
_EMPTY = ("", None)


@dataclass(frozen=True, slots=True)
class KeyedGroup:
    """An item of `keyed_groups`. `prefix`, `separator` and `default` are taken as written."""

    span: Span
    key: Value
    prefix: str
    separator: str
    parent: Value
    default: str | None
    trailing: bool
    leading: bool
    """Whether a name without a prefix begins with the separator."""

    def names(self, value: Value) -> Iterator[str]:
        """Yield the names, as yet with letters that a group must not have."""
        start = f"{self.prefix}{self.separator}" if self.prefix or self.leading else ""
        for name in self._values(value):
            yield f"{start}{name}"

    def _values(self, value: Value) -> Iterator[str]:
        if isinstance(value, str) or value is None:
            yield value or self.default or ""
        elif isinstance(value, list):
            yield from (self._of_item(item) for item in value)
        elif isinstance(value, dict):
            yield from (self._of_pair(key, item) for key, item in value.items())
        else:
            refuse(self.span, f"a group's name cannot be made of `{value}`: it is not a text")

    def _of_item(self, item: Value) -> str:
        return self.default if self.default is not None and item in _EMPTY else str(item)

    def _of_pair(self, key: Value, item: Value) -> str:
        if item in _EMPTY and self.default is not None:
            return f"{key}{self.separator}{self.default}"
        if item in _EMPTY and not self.trailing:
            return str(key)
        return f"{key}{self.separator}{item}"


def read_keyed_group(node: Node, file: PluginFile, *, leading: bool) -> KeyedGroup:
    """Return an item of `keyed_groups`; raise PlaybookInvalid."""
    if not isinstance(node, Mapping):
        refuse(node.span, "an item of `keyed_groups` must be a mapping", "write `- key: name`")
    file.warn_of_unknown(node, _KEYS, "a keyed group")
    default, trailing = node.get("default_value"), node.get("trailing_separator")
    if default is not None and trailing is not None:
        refuse(trailing.span, "`default_value` and `trailing_separator` exclude each other")
    key = node.get("key")
    return KeyedGroup(
        span=(key or node).span,
        key=load(key),
        prefix=_written(node, "prefix", ""),
        separator=_written(node, "separator", "_"),
        parent=load(node.get("parent_group")),
        default=_written(node, "default_value", "") if default and not is_null(default) else None,
        trailing=not isinstance(trailing, Scalar) or trailing.value is not False,
        leading=leading,
    )


def _written(node: Mapping, name: str, default: str) -> str:
    value = node.get(name)
    if value is None:
        return default
    return str(value.value) if isinstance(value, Scalar) else str(load(value))
