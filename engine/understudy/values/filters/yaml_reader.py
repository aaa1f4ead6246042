"""YAML to data, by the rules of YAML 1.1."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ruamel.yaml import events as ev
from ruamel.yaml.error import MarkedYAMLError

from understudy.text.yaml11 import CONVERTERS, resolve_plain
from understudy.values.texts import Value


def from_yaml(text: Value) -> Value:
    """Return the data that a YAML text holds; what is no text is returned as it is."""
    if not isinstance(text, str):
        return text
    documents = list(_documents(text))
    if len(documents) > 1:
        raise ValueError("expected a single document in the stream")
    return documents[0] if documents else None


def from_yaml_all(text: Value) -> Value:
    """Return the data of every document that a YAML text holds."""
    if text is None:
        return []
    return list(_documents(text)) if isinstance(text, str) else text


def _documents(text: str) -> Iterator[Value]:
    reader = _Reader(_parsed(text), {})
    try:
        for event in reader.events:
            if isinstance(event, ev.DocumentStartEvent):
                yield reader.node(next(reader.events))
    except MarkedYAMLError as error:
        raise ValueError(_explained(error)) from None


def _explained(error: MarkedYAMLError) -> str:
    parts = (error.context, error.context_mark), (error.problem, error.problem_mark)
    lines = [text + (_place(mark) if mark else "") for text, mark in parts if text]
    return "\n".join(lines)


def _place(mark: Value) -> str:
    return f'\n  in "<unicode string>", line {mark.line + 1}, column {mark.column + 1}'


def _parsed(text: str) -> Iterator[ev.Event]:
    try:
        from _ruamel_yaml import CParser
    except ImportError:
        from ruamel.yaml import YAML

        yield from YAML(typ="safe", pure=True).parse(text)
        return
    next_event = CParser(str(text)).get_event
    while (event := next_event()) is not None:
        yield event


@dataclass(frozen=True, slots=True)
class _Reader:
    """Builds plain data from events; `anchors` holds what aliases stand for."""

    events: Iterator[ev.Event]
    anchors: dict[str, Value]

    def node(self, event: ev.Event) -> Value:
        if isinstance(event, ev.AliasEvent):
            return self.anchors[event.anchor]
        value = self._value(event)
        if isinstance(event, ev.NodeEvent) and event.anchor:
            self.anchors[event.anchor] = value
        return value

    def _value(self, event: ev.Event) -> Value:
        if isinstance(event, ev.ScalarEvent):
            return _read_scalar(event)
        if isinstance(event, ev.SequenceStartEvent):
            return list(map(self.node, self._until(ev.SequenceEndEvent)))
        pairs = self._until(ev.MappingEndEvent)
        return _merged([(self.node(key), self.node(next(self.events))) for key in pairs])

    def _until(self, end: type[ev.Event]) -> Iterator[ev.Event]:
        return iter(lambda: None if isinstance(e := next(self.events), end) else e, None)


def _merged(pairs: list[tuple[Value, Value]]) -> dict[Value, Value]:
    mapping: dict[Value, Value] = {}
    for key, value in pairs:
        if key == "<<":
            for source in reversed(value if isinstance(value, list) else [value]):
                mapping |= source
    return mapping | {key: value for key, value in pairs if key != "<<"}


def _read_scalar(event: ev.ScalarEvent) -> Value:
    tag = str(event.tag or "")
    if tag in CONVERTERS:
        return CONVERTERS[tag](event.value)
    return resolve_plain(event.value) if event.implicit[0] else event.value


FILTERS: Mapping[str, Callable[..., Value]] = {
    "from_yaml": from_yaml,
    "from_yaml_all": from_yaml_all,
}
