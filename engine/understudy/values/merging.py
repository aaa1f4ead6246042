"""Mappings of variables laid over each other: replaced, or merged key by key if that is wished."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from understudy.values.texts import Value


def merged_hashes(low: Mapping[str, Value], high: Mapping[str, Value]) -> dict[str, Value]:
    """Return two mappings as one; those that stand under the same key are merged in turn."""
    merged = dict(low)
    for key, new in high.items():
        old = merged.get(key)
        if isinstance(old, dict) and isinstance(new, dict):
            merged[key] = merged_hashes(old, new)
        else:
            merged[key] = new
    return merged


def layered(layers: Iterable[Mapping[str, Value]], *, deep: bool = False) -> dict[str, Value]:
    """Return layers as one mapping, the later one winning; `deep` merges hashes."""
    result: dict[str, Value] = {}
    for layer in layers:
        result = merged_hashes(result, layer) if deep else {**result, **layer}
    return result
