"""Lists as sets: elements of one that are, or are not, in another; the smallest and the largest."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping

from jinja2 import Environment, pass_environment
from jinja2.filters import do_max, do_min, do_unique

from understudy.values.texts import Value


def _distinct(values: Iterable[Value]) -> list[Value]:
    elements = list(values)
    if all(isinstance(element, Hashable) for element in elements):
        return list(dict.fromkeys(elements))
    kept: list[Value] = []
    for element in elements:
        if element not in kept:
            kept.append(element)
    return kept


@pass_environment
def unique(
    environment: Environment,
    values: Value,
    case_sensitive: bool | None = None,  # noqa: FBT001
    attribute: Value = None,
) -> list[Value]:
    """Return each element once, the first one of equals."""
    try:
        return list(do_unique(environment, values, bool(case_sensitive), attribute))
    except TypeError:
        if case_sensitive is not None or attribute is not None:
            raise
        return _distinct(values)


def union(first: Value, second: Value) -> list[Value]:
    """Return the elements of either list, each once."""
    return _distinct([*first, *second])


def intersect(first: Value, second: Value) -> list[Value]:
    """Return the elements of the first list that are in the second, each once."""
    other = list(second)
    return [element for element in _distinct(first) if element in other]


def difference(first: Value, second: Value) -> list[Value]:
    """Return the elements of the first list that are not in the second, each once."""
    other = list(second)
    return [element for element in _distinct(first) if element not in other]


def symmetric_difference(first: Value, second: Value) -> list[Value]:
    """Return the elements that only one of the lists has, each once."""
    return [*difference(first, second), *difference(second, first)]


@pass_environment
def smallest(environment: Environment, values: Value, **options: Value) -> Value:
    """Return the smallest element."""
    return _extreme(do_min, min, environment, values, options)


@pass_environment
def largest(environment: Environment, values: Value, **options: Value) -> Value:
    """Return the largest element."""
    return _extreme(do_max, max, environment, values, options)


def _extreme(
    with_options: Callable[..., Value],
    plain: Callable[[Value], Value],
    environment: Environment,
    values: Value,
    options: Mapping[str, Value],
) -> Value:
    elements = list(values)
    if options or not elements:
        return with_options(environment, elements, **options)
    return plain(elements)


FILTERS: Mapping[str, Callable[..., Value]] = {
    "unique": unique,
    "union": union,
    "intersect": intersect,
    "difference": difference,
    "symmetric_difference": symmetric_difference,
    "min": smallest,
    "max": largest,
}
