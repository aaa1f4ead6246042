"""The result of a task becomes text: which keys are shown, and how JSON looks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, time
from typing import Any

_NEVER_SHOWN = frozenset({"failed", "skipped", "exception", "warnings", "deprecations"})
_ONLY_WHEN_TRUE = frozenset({"unreachable"})
_AT_THREE_VS = frozenset({"invocation", "diff"})
_OF_DEBUG = frozenset(
    "changed skipped skip_reason failed_when_result"
    " ansible_loop ansible_loop_var ansible_index_var".split()
)
_OF_SKIPPED = frozenset({"skipped", "results"})
_INDENT = 4
_INTERNAL = "_ansible_"


def shown(
    result: Mapping[str, Any], *, action: str, skipped: bool = False, verbosity: int = 0
) -> dict[str, Any]:
    """Return the keys of a result that Ansible shows; of `debug` only what it was asked for."""
    hidden = _NEVER_SHOWN
    if verbosity < 3:  # noqa: PLR2004 (`-vvv`)
        hidden |= _AT_THREE_VS
    if skipped:
        hidden |= _OF_SKIPPED
    if action == "debug":
        if "msg" in result and not skipped:
            return {"msg": result["msg"]}
        hidden |= _OF_DEBUG
    return {
        key: value
        for key, value in result.items()
        if key not in hidden and (value or key not in _ONLY_WHEN_TRUE)
    }


def plain(value: object) -> str:
    """Return a value that JSON has no word for as text; a time as ISO 8601 writes it."""
    return value.isoformat() if isinstance(value, (date, time)) else str(value)


def without_copies(result: Mapping[str, Any]) -> dict[str, Any]:
    """Replace the lists of lines where the text itself is there, as Ansible does in YAML."""
    copies = {f"{name}_lines" for name in ("stdout", "stderr") if name in result}
    return {key: "<omitted>" if key in copies else value for key, value in result.items()}


def to_json(result: Mapping[str, Any], *, indented: bool) -> str:
    """Return JSON with sorted keys, in one line or indented. Bytes beyond UTF-8 are escaped."""
    indent = _INDENT if indented else None
    text = _dumped(result, indent)
    if f'"{_INTERNAL}' in text:
        text = _dumped(_without_internal(result), indent)
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def _without_internal(value: Any) -> Any:
    """Return a value without the keys that Ansible keeps for itself, at any depth."""
    if isinstance(value, Mapping):
        return {
            key: _without_internal(item)
            for key, item in value.items()
            if not str(key).startswith(_INTERNAL)
        }
    return [_without_internal(item) for item in value] if isinstance(value, list) else value


def _dumped(result: Mapping[str, Any], indent: int | None) -> str:
    try:
        return json.dumps(result, ensure_ascii=False, sort_keys=True, indent=indent, default=plain)
    except TypeError:  # keys of several types cannot be sorted
        return json.dumps(_text_keys(result), ensure_ascii=False, indent=indent, default=plain)


def on_one_line(figures: Mapping[str, Any]) -> str:
    """Return figures as JSON whose lines are joined, as Ansible shows custom statistics."""
    text = json.dumps(figures, ensure_ascii=False, sort_keys=True, indent=1, default=plain)
    return text.replace("\n", "")


def _text_keys(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _text_keys(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, (list, tuple)):
        return [_text_keys(one) for one in value]
    return value
