"""Filters and tests that tell of a value itself; their names are those of ansible-core's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from understudy.values.lazy import LazyMapping, LazySequence, finalise
from understudy.values.texts import Authored, Value

_PREFIX = "ansible._protomatter."


def origin(value: Value) -> str | None:
    """Return where an author wrote a text, None for everything else."""
    span = getattr(value, "span", None)
    return None if span is None else str(span)


def tagged_with(value: Value, tag: str) -> bool:
    """Tell whether a text is an author's, so that it may be evaluated, or has a known origin."""
    if tag == "TrustedAsTemplate":
        return isinstance(value, (Authored, LazyMapping, LazySequence))
    return tag == "Origin" and origin(value) is not None


DEBUG_FILTERS: Mapping[str, Callable[..., Any]] = {
    f"{_PREFIX}finalize": finalise,
    f"{_PREFIX}origin": origin,
}
DEBUG_TESTS: Mapping[str, Callable[..., Any]] = {f"{_PREFIX}tagged_with": tagged_with}
