"""Events become lines of JSON, one each, as `schemas/event.json` describes them.

Every line is written when its event happens; nothing is kept in memory.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from functools import cache
from typing import Any, TextIO, get_args

from understudy.events import (
    VERSION,
    Event,
    PlayRef,
    RunStarted,
    Stamp,
    Status,
    Tally,
    TaskRef,
    Timings,
    VariableOrigin,
)
from understudy.text.diagnostic import Diagnostic
from understudy.text.source import Span

_FLUSH_AFTER_S = 0.2
_FIELDS: Mapping[type, tuple[str, ...]] = {
    kind: tuple(field.name for field in fields(kind)) for kind in (*get_args(Event), Timings)
}
_WORD_START = re.compile(r"(?<=[a-z])(?=[A-Z])")


class JsonLines:
    """A report that writes one line for each event. `flush` hands over what was held back."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._run_id = ""
        self._flushed_s = 0.0

    def __call__(self, stamp: Stamp, event: Event) -> None:
        """Write an event's line."""
        if isinstance(event, RunStarted):
            self._run_id = event.run_id
        head = {
            "version": VERSION,
            "run_id": self._run_id,
            "sequence": stamp.sequence,
            "t_s": round(stamp.t_s, 6),
            "wall_s": round(stamp.wall_s, 6),
            "event": event_name(type(event).__name__),
        }
        self._out.write(f"{_to_json(head | event_fields(event))}\n")
        if stamp.t_s - self._flushed_s > _FLUSH_AFTER_S:
            self._flushed_s = stamp.t_s
            self.flush()

    def flush(self) -> None:
        """Hand over every line that was written."""
        self._out.flush()


@cache
def event_name(kind: str) -> str:
    """Return the name of a kind of event in the stream: `HostEnded` is `host_ended`."""
    return _WORD_START.sub("_", kind).lower()


def event_fields(event: Event) -> dict[str, Any]:
    """Return an event's own fields; what is None is left out."""
    values = ((name, getattr(event, name)) for name in _FIELDS[type(event)])
    return {
        name: str(value) if type(value) is Span else value
        for name, value in values
        if value is not None and name != "run_id"
    }


def _task(task: TaskRef) -> dict[str, Any]:
    return {
        "id": task.id,
        "play": task.play.id,
        "name": task.name,
        "action": task.action,
        "place": str(task.place),
        "is_handler": task.is_handler,
        "check_mode": task.check_mode,
        "no_log": task.no_log,
        **({"role": task.role} if task.role else {}),
    }


def _play(play: PlayRef) -> dict[str, Any]:
    return {"id": play.id, "name": play.name, "place": str(play.place)}


def _timings(timings: Timings) -> dict[str, float]:
    return {name: round(getattr(timings, name), 6) for name in _FIELDS[Timings]}


def _diagnostic(found: Diagnostic) -> dict[str, Any]:
    said = {
        "code": found.code,
        "severity": found.severity.value,
        "message": found.message,
        "place": str(found.span) if found.span else None,
        "help": found.help,
        "notes": found.notes,
        "others": [{"place": str(other.span), "text": other.text} for other in found.others],
    }
    return {key: value for key, value in said.items() if value}


def _origin(origin: VariableOrigin) -> dict[str, str]:
    return {key: value for key, value in asdict(origin).items() if value is not None}


_AS_JSON: Mapping[type, Callable[[Any], Any]] = {
    TaskRef: _task,
    PlayRef: _play,
    Timings: _timings,
    VariableOrigin: _origin,
    Tally: asdict,
    Status: lambda status: status.value,
    Diagnostic: _diagnostic,
}


def _other(value: object) -> Any:
    """Return what stands in JSON for what JSON does not know; a date, say, is its text."""
    return _AS_JSON.get(type(value), str)(value)


_encode = json.JSONEncoder(ensure_ascii=False, default=_other, separators=(",", ":")).encode


def _to_json(line: dict[str, Any]) -> str:
    try:
        return _encode(line)
    except TypeError:  # a result has a key that JSON cannot have
        return _encode(_text_keys(line))


def _text_keys(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _text_keys(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_text_keys(one) for one in value]
    return value
