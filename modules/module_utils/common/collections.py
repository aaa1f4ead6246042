"""Kinds of containers."""

from collections.abc import (
    Mapping,
    Sequence,
)


class ImmutableDict(Mapping):
    """A mapping that can be a key."""

    def __init__(self, *args, **kwargs):
        self._items = dict(*args, **kwargs)

    def __getitem__(self, key):
        return self._items[key]

    def __iter__(self):
        return iter(self._items)

    def __len__(self):
        return len(self._items)

    def __hash__(self):
        return hash(frozenset(self._items.items()))

    def __eq__(self, other):
        return isinstance(other, Mapping) and dict(other.items()) == self._items

    def __repr__(self):
        return "ImmutableDict(%r)" % self._items

    def union(self, other):
        """Return a new one with more items."""
        return ImmutableDict(self._items, **other)

    def difference(self, keys):
        """Return a new one without some keys."""
        return ImmutableDict({k: v for k, v in self._items.items() if k not in set(keys)})


def is_string(value):
    """Whether a value is text or bytes."""
    return isinstance(value, (str, bytes))


def is_iterable(value, include_strings=False):
    """Whether a value can be gone through; texts do not count unless asked."""
    if is_string(value) and not include_strings:
        return False
    try:
        iter(value)
    except TypeError:
        return False
    return True


def is_sequence(value, include_strings=False):
    """Whether a value has an order and a length."""
    return (include_strings or not is_string(value)) and isinstance(value, (Sequence, bytes))


def count(values):
    """Return how often each value is there."""
    counts = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return counts
