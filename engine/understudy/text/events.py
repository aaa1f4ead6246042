"""The events of a YAML text, from the C parser where it is installed, else from the pure one.

The C parser is built on an old libyaml that refuses a colon inside a plain text between brackets,
as in `[http://host/]`, which Ansible reads. A text that fails for that is parsed once more with
these colons disguised; no place moves, because one character stands for one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    CollectionEndEvent,
    CollectionStartEvent,
    Event,
    NodeEvent,
    ScalarEvent,
)

try:
    from _ruamel_yaml import CParser
except ImportError:
    CParser = None

_DEEPEST = 1000
"""The parser takes the longer for a collection the deeper it lies: what is deeper is not asked for,
as nobody takes it."""
_DISGUISE = "\uf8ff"
_INNER_COLON = re.compile(r"(?<=[^\s\"'\[\]{},]):(?=[^\s\[\]{},])")


def parse_events(text: str, most: int | None = None) -> Iterable[Event]:
    """Return the events of a text. Iterating raises YAMLError for what is not YAML.

    After `most` events the rest need not come.
    """
    if CParser is None:
        from ruamel.yaml import YAML

        return YAML(typ="safe", pure=True).parse(text)  # type: ignore[no-any-return]
    try:
        return list(islice(_from_c(text), most))
    except MarkedYAMLError as error:
        if "unexpected ':'" not in str(error.problem) or _DISGUISE in text:
            raise
    return _revealed(_from_c(_INNER_COLON.sub(_DISGUISE, text)))


def _from_c(text: str) -> Iterator[Event]:
    next_event = CParser(text).get_event
    depth = 0
    while depth <= _DEEPEST and (event := next_event()) is not None:
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        yield event


def _revealed(events: Iterable[Event]) -> Iterator[Event]:
    for event in events:
        if isinstance(event, ScalarEvent) and _DISGUISE in event.value:
            event.value = event.value.replace(_DISGUISE, ":")
        tag = getattr(event, "tag", None)  # an alias has none
        if isinstance(event, NodeEvent) and tag and _DISGUISE in tag:
            event.tag = tag.replace(_DISGUISE, ":")  # type: ignore[attr-defined]
        yield event
