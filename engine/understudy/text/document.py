"""A text becomes one tree of nodes; what is wrong with it as YAML becomes findings with places.

The parser's events are composed with a stack of our own, so depth is a number and not a traceback.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TypeAlias

from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)

from understudy.text import yaml11
from understudy.text.diagnostic import Diagnostic, Label, PlaybookInvalid
from understudy.text.duplicates import duplicate
from understudy.text.events import parse_events
from understudy.text.malformed import explain, unquoted_template
from understudy.text.nodes import VAULT_TAGS, Mapping, Mark, Node, Resolved, Scalar, Sequence
from understudy.text.source import Position, Source, Span, span_at

DEPTH_LIMIT = 200
"""How deep collections may be nested."""
ALIAS_LIMIT = 200_000
"""How many nodes aliases may stand for in one document."""

Report: TypeAlias = Callable[[Diagnostic], None]
Pairs: TypeAlias = list[tuple[Scalar, Node]]

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
"""What YAML does not have as it is: the complement of what its definition allows, which Python
would need milliseconds to compile."""
_MERGE = object()
_UNSAFE = "!unsafe"
_SET, _OMAP, _PAIRS = (yaml11.TAG + name for name in ("set", "omap", "pairs"))


def parse_document(source: Source, report: Report, *, most: int | None = None) -> Node | None:
    """Return the tree of the only document in a text, or None when it holds nothing.

    Warnings go to `report`. `most` is how many nodes there may be. Raises PlaybookInvalid with the
    first thing that makes it no YAML.
    """
    found = _UNPRINTABLE.search(source.text)
    if found:
        raise PlaybookInvalid([_unprintable(source, found.start())])
    try:
        return _Composer(source, report).compose(_at_most(most, source))
    except MarkedYAMLError as error:
        raise PlaybookInvalid([explain(source, error)]) from None
    except YAMLError as error:
        message = f"this is not YAML: {str(error).splitlines()[0]}"
        raise PlaybookInvalid([Diagnostic(code="yaml-syntax", message=message)]) from None


def _at_most(most: int | None, source: Source) -> Iterable[Event]:
    """Yield the events of a text; raise PlaybookInvalid if there are too many."""
    if most is None:
        yield from parse_events(source.text)
        return
    for number, event in enumerate(parse_events(source.text, most + 1)):
        if number >= most:
            message = f"this file is not checked: it holds more than {most:,} values"
            place = Position(event.start_mark.line + 1, event.start_mark.column + 1)
            found = Diagnostic(code="file-too-big", message=message, span=span_at(source, place))
            raise PlaybookInvalid([found])
        yield event


def _unprintable(source: Source, offset: int) -> Diagnostic:
    return Diagnostic(
        code="control-character",
        message=f"the text holds the control character U+{ord(source.text[offset]):04X}",
        span=span_at(source, source.position(offset)),
        help="remove it, or write it as an escape in double quotes",
    )


class _Open:
    """A collection whose end has not been met: for a mapping, keys and values take turns."""

    __slots__ = ("children", "event", "size")

    def __init__(self, event: CollectionStartEvent) -> None:
        self.event = event
        self.children: list[Node] = []
        self.size = 1


class _Composer:
    """Builds the tree: open collections, anchors with the sizes of what they name."""

    def __init__(self, source: Source, report: Report) -> None:
        self.source = source
        self.report = report
        self.open: list[_Open] = []
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.anchor_places: dict[str, Span] = {}
        self.aliased = 0
        self.root: Node | None = None
        self.documents = 0

    def compose(self, events: Iterable[Event]) -> Node | None:
        for event in events:
            if isinstance(event, ScalarEvent):
                self._add(self._scalar(event), 1, event.anchor)
            elif isinstance(event, CollectionStartEvent):
                self._begin(event)
            elif isinstance(event, CollectionEndEvent):
                self._end(event)
            elif isinstance(event, AliasEvent):
                self._alias(event)
            elif isinstance(event, DocumentStartEvent):
                self._next_document(event)
        return self.root

    def _add(self, node: Node, size: int, anchor: str | None) -> None:
        if anchor is not None:
            self.anchors[anchor] = (node, size)
        if self.open:
            self.open[-1].children.append(node)
            self.open[-1].size += size
        else:
            self.root = None if _is_nothing(node) else node

    def _begin(self, event: CollectionStartEvent) -> None:
        if len(self.open) >= DEPTH_LIMIT:
            raise self._invalid(
                "yaml-depth", f"this is nested deeper than {DEPTH_LIMIT} levels", event
            )
        self._name_anchor(event)
        self.open.append(_Open(event))

    def _end(self, event: CollectionEndEvent) -> None:
        done = self.open.pop()
        end = event.end_mark
        if not done.event.flow_style:
            end = done.children[-1].end if done.children else done.event.end_mark
        make = self._mapping if isinstance(done.event, MappingStartEvent) else self._sequence
        self._add(make(done, end), done.size, done.event.anchor)

    def _next_document(self, event: DocumentStartEvent) -> None:
        self.documents += 1
        if self.documents > 1:
            raise self._invalid(
                "yaml-documents",
                "a second document begins here",
                event,
                help="remove this `---`, or put what follows into a file of its own",
            )

    def _alias(self, event: AliasEvent) -> None:
        name = event.anchor
        if name not in self.anchors:
            raise self._unknown_alias(event)
        node, size = self.anchors[name]
        self.aliased += size
        if self.aliased > ALIAS_LIMIT:
            message = f"aliases stand for more than {ALIAS_LIMIT} nodes"
            raise self._invalid("yaml-aliases", message, event, help="repeat fewer values")
        self._add(node, size, None)

    def _unknown_alias(self, event: AliasEvent) -> PlaybookInvalid:
        if event.anchor in self.anchor_places:
            message = f"`*{event.anchor}` stands inside the very value that it is to repeat"
            return self._invalid("yaml-alias", message, event)
        return self._invalid(
            "yaml-alias",
            f"`*{event.anchor}` repeats a value named `&{event.anchor}`, and there is none above",
            event,
            help="put the text in quotes if it is not meant as an alias",
        )

    def _name_anchor(self, event: NodeEvent) -> None:
        name = event.anchor
        if name is None:
            return
        place = self._span(event.start_mark)._replace()
        if name in self.anchor_places:
            first = Label(self.anchor_places[name], "first given here")
            raise self._invalid(
                "yaml-anchor", f"`&{name}` names two values", event, others=(first,)
            )
        self.anchor_places[name] = place

    def _scalar(self, event: ScalarEvent) -> Scalar:
        if event.anchor is not None:
            self._name_anchor(event)
        text, tag = event.value, event.tag
        try:
            value = self._resolve(event, text, tag)
        except (ValueError, OverflowError) as error:
            message = f"`{text[:60]}` is not possible here: {_reason(error)}"
            raise self._invalid("yaml-value", message, event, help="put it in quotes") from None
        return Scalar(self.source, event.start_mark, event.end_mark, tag, value, text)

    def _resolve(self, event: ScalarEvent, text: str, tag: str | None) -> Resolved:
        if tag in (None, "!", _UNSAFE):
            if event.style or not (event.implicit[0] or tag):
                return text
            return yaml11.resolve_plain(text)
        if tag in VAULT_TAGS:
            return text
        convert = yaml11.CONVERTERS.get(tag)
        if convert is None:
            raise self._unknown_tag(event, tag)
        return convert(text)

    def _unknown_tag(self, event: NodeEvent, tag: str | None) -> PlaybookInvalid:
        short = str(tag).replace(yaml11.TAG, "!!")
        return self._invalid(
            "yaml-tag",
            f"`{short}` is not a tag that playbooks have",
            event,
            length=len(short),
            help="put the text in quotes if it is not meant as a tag",
        )

    def _sequence(self, done: _Open, end: Mark) -> Node:
        tag = done.event.tag
        sequence = Sequence(self.source, done.event.start_mark, end, tag, done.children)
        if tag in (_OMAP, _PAIRS):
            sequence.items = [self._pair(node, done.event) for node in done.children]
        elif tag is not None:
            self._check_tag(done.event, yaml11.TAG + "seq")
        return sequence

    def _pair(self, node: Node, event: CollectionStartEvent) -> Node:
        if not isinstance(node, Mapping) or len(node.entries) != 1:
            message = "each element of this list must be a mapping with one key"
            raise self._invalid("yaml-value", message, event)
        return Sequence(node.source, node.start, node.end, None, [*next(node.pairs())])

    def _mapping(self, done: _Open, end: Mark) -> Node:
        children = done.children
        keys_and_values = zip(children[::2], children[1::2], strict=True)
        merged: Pairs = []
        own: Pairs = []
        for key, value in keys_and_values:
            if self._key(key) is _MERGE:
                merged += self._merged(value)
            else:
                own.append((key, value))  # type: ignore[arg-type]
        entries = {key.value: (key, value) for key, value in merged}
        self._add_own(entries, own, in_block=not done.event.flow_style)
        tag, start = done.event.tag, done.event.start_mark
        if tag == _SET:
            return Sequence(self.source, start, end, None, [key for key, _ in entries.values()])
        if tag is not None:
            self._check_tag(done.event, yaml11.TAG + "map")
        return Mapping(self.source, start, end, tag, entries)

    def _key(self, key: Node) -> object:
        """Return what a key is, after checking that it can be one."""
        if not isinstance(key, Scalar):
            place = Position(key.start.line + 1, key.start.column + 1)
            found = unquoted_template(self.source, place) or Diagnostic(
                code="yaml-key",
                message="a key must be a text, not a list or a mapping",
                span=key.span,
                help="put it in quotes",
            )
            raise PlaybookInvalid([found])
        return _MERGE if key.value == "<<" and _is_plain(key) else key.value

    def _merged(self, value: Node) -> Pairs:
        if isinstance(value, Mapping):
            return list(value.pairs())
        if isinstance(value, Sequence):
            parts = [p for p in value.items if isinstance(p, Mapping)]
            if len(parts) == len(value.items):
                return [pair for part in reversed(parts) for pair in part.pairs()]
        raise PlaybookInvalid(
            [
                Diagnostic(
                    code="yaml-merge",
                    message="`<<` takes a mapping or a list of mappings",
                    span=value.span,
                    help="refer to a mapping named with `&name` by `<<: *name`",
                )
            ]
        )

    def _add_own(
        self, entries: dict[Resolved, tuple[Scalar, Node]], own: Pairs, *, in_block: bool
    ) -> None:
        seen: dict[Resolved, tuple[Scalar, Node]] = {}
        for key, value in own:
            if key.value in seen:
                self.report(duplicate(seen[key.value], (key, value), in_block=in_block))
            seen[key.value] = (key, value)
            entries[key.value] = (key, value)

    def _check_tag(self, event: CollectionStartEvent, expected: str) -> None:
        tag = event.tag
        if tag in (expected, _UNSAFE, "!"):
            return
        if tag in VAULT_TAGS or tag in yaml11.CONVERTERS:
            raise self._invalid("yaml-tag", f"`{tag}` is for a text only", event)
        raise self._unknown_tag(event, tag)

    def _invalid(
        self,
        code: str,
        message: str,
        event: NodeEvent | DocumentStartEvent,
        *,
        help: str | None = None,  # noqa: A002 (the field's name)
        others: tuple[Label, ...] = (),
        length: int = 0,
    ) -> PlaybookInvalid:
        span = self._span(event.start_mark, None if length else event.end_mark, length)
        return PlaybookInvalid(
            [Diagnostic(code=code, message=message, span=span, help=help, others=others)]
        )

    def _span(self, start: Mark, end: Mark | None = None, length: int = 1) -> Span:
        place = Position(start.line + 1, start.column + 1)
        if end is None:
            return span_at(self.source, place, length)
        return Span(self.source, place, Position(end.line + 1, end.column + 1))


def _is_nothing(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None


def _is_plain(key: Scalar) -> bool:
    """Tell whether a key stands in the text without quotes."""
    return key.end.column - key.start.column == len(key.written) and key.tag is None


def _reason(error: Exception) -> str:
    return str(error).split(";")[0].replace("sys.", "")
