"""Data to YAML, in the form in which Ansible writes it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count

from ruamel.yaml import events as ev

from understudy.text.yaml11 import TAG, resolve_plain
from understudy.values.lazy import finalise
from understudy.values.texts import Value


def to_yaml(value: Value, default_flow_style: bool | None = None, **options: Value) -> str:  # noqa: FBT001
    """Return a value as YAML; by default, collections without others in them are in flow style."""
    plain = finalise(value)
    layout = _Layout(
        flow=default_flow_style,
        sort_keys=bool(options.pop("sort_keys", True)),
        explicit_start=bool(options.pop("explicit_start", False)),
        explicit_end=bool(options.pop("explicit_end", False)),
        style=options.pop("default_style", None),
        tags=bool(options.get("canonical", False)),
        anchors=_anchors(plain),
    )
    out = io.StringIO()
    emitter = _emitter(out, **{"allow_unicode": True, **options})
    for event in layout.stream(plain):
        emitter.emit(event)
    text = out.getvalue()
    return text if layout.explicit_end else text.removesuffix("...\n")


def to_nice_yaml(
    value: Value,
    indent: int = 4,
    default_flow_style: bool | None = False,  # noqa: FBT001, FBT002
    **options: Value,
) -> str:
    """Return a value as YAML with every element on a line of its own."""
    return to_yaml(value, default_flow_style=default_flow_style, indent=indent, **options)


def _anchors(value: Value) -> dict[int, str]:
    """Name the collections that occur more than once, in the order in which they do so again."""
    names: dict[int, str] = {}
    seen: set[int] = set()
    numbers = count(1)

    def visit(node: Value) -> None:
        if not isinstance(node, (dict, list)):
            return
        if id(node) in seen:
            if id(node) not in names:
                names[id(node)] = f"id{next(numbers):03}"
            return
        seen.add(id(node))
        for element in node.values() if isinstance(node, dict) else node:
            visit(element)

    visit(value)
    return names


def _emitter(out: io.StringIO, **options: Value) -> Value:
    try:
        from _ruamel_yaml import CEmitter as Emitter
    except ImportError:
        from ruamel.yaml.emitter import Emitter
    return Emitter(out, **options)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """How collections are laid out: `flow` is None where each decides by what is in it."""

    flow: bool | None
    sort_keys: bool
    explicit_start: bool
    explicit_end: bool
    style: str | None
    """How every scalar is quoted; a scalar that is no text has a tag then."""
    tags: bool
    """Whether every collection has a tag."""
    anchors: Mapping[int, str]
    written: set[int] = field(default_factory=set)

    def stream(self, value: Value) -> Iterator[ev.Event]:
        yield ev.StreamStartEvent()
        yield ev.DocumentStartEvent(explicit=self.explicit_start)
        yield from self.node(value)
        yield ev.DocumentEndEvent(explicit=self.explicit_end)
        yield ev.StreamEndEvent()

    def node(self, value: Value) -> Iterator[ev.Event]:
        if not isinstance(value, (dict, list)):
            yield _scalar(value, self.style)
        elif id(value) in self.written:
            yield ev.AliasEvent(self.anchors[id(value)])
        else:
            yield from self._collection(value, self.anchors.get(id(value)))

    def _collection(self, value: Value, anchor: str | None) -> Iterator[ev.Event]:
        if anchor:
            self.written.add(id(value))
        if isinstance(value, dict):
            flow = self._in_flow(value.values())
            yield ev.MappingStartEvent(anchor, self._tag("map"), implicit=True, flow_style=flow)
            for key in self._ordered(value):
                yield from self.node(key)
                yield from self.node(value[key])
            yield ev.MappingEndEvent()
            return
        flow = self._in_flow(value)
        yield ev.SequenceStartEvent(anchor, self._tag("seq"), implicit=True, flow_style=flow)
        for item in value:
            yield from self.node(item)
        yield ev.SequenceEndEvent()

    def _tag(self, kind: str) -> str | None:
        return TAG + kind if self.tags else None

    def _in_flow(self, elements: Iterable[Value]) -> bool:
        if self.flow is not None:
            return self.flow
        if self.style is not None:
            return False
        return not any(isinstance(element, (dict, list)) for element in elements)

    def _ordered(self, mapping: dict[Value, Value]) -> list[Value]:
        try:
            return sorted(mapping) if self.sort_keys else list(mapping)
        except TypeError:
            return list(mapping)


def _scalar(value: Value, style: str | None) -> ev.ScalarEvent:
    if isinstance(value, str):
        plain = value not in ("", "=", "<<") and _stays_text(value)
        return ev.ScalarEvent(None, TAG + "str", (plain, True), str(value), style=style)
    return ev.ScalarEvent(None, _tag(value), (True, False), _plain(value), style=style)


def _tag(value: Value) -> str:
    kinds = {type(None): "null", bool: "bool", int: "int", float: "float"}
    return TAG + kinds.get(type(value), "timestamp")


def _stays_text(text: str) -> bool:
    try:
        return isinstance(resolve_plain(text), str)
    except ValueError:
        return False


def _plain(value: Value) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else str(value)


def _float(value: float) -> str:
    text = repr(value).lower()
    if text in ("inf", "-inf", "nan"):
        return text.replace("inf", ".inf").replace("nan", ".nan")
    return text.replace("e", ".0e", 1) if "e" in text and "." not in text else text


FILTERS: Mapping[str, Callable[..., Value]] = {"to_yaml": to_yaml, "to_nice_yaml": to_nice_yaml}
