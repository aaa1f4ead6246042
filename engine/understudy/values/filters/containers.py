"""Dicts and lists: made from one another, joined, flattened, queried."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, cast

from jinja2 import Environment, pass_environment
from jinja2.filters import do_groupby

from understudy.values.lazy import finalise
from understudy.values.missing import Missing, type_name
from understudy.values.texts import Value

_LIST_MERGES = ("replace", "keep", "append", "prepend", "append_rp", "prepend_rp")


def combine(
    *terms: Value, recursive: bool = False, list_merge: str = "replace", **other: Value
) -> Value:
    """Return the dicts merged, later ones winning; lists of dicts among `terms` are taken apart.

    One term alone is returned itself, whatever it is.
    """
    if other:
        raise ValueError("'recursive' and 'list_merge' are the only valid keyword arguments")
    if list_merge not in _LIST_MERGES:
        *most, last = map(repr, _LIST_MERGES)
        raise ValueError(
            f"merge_hash: 'list_merge' argument can only be equal to {', '.join(most)} or {last}"
        )
    merged: dict[Value, Value] = {}
    given = list(_flatten(terms, 1, skip_nulls=True))
    if len(given) == 1:
        return given[0]
    for term in given:
        if isinstance(term, Missing):
            raise term.failure()
        if not isinstance(term, Mapping):
            raise TypeError(
                "failed to combine variables, expected dicts but got a "
                f"'{type_name(merged)}' and a '{type_name(term)}'."
            )
        merged = _merged(merged, dict(term.items()), recursive=recursive, list_merge=list_merge)
    return merged


def _merged(
    low: Mapping[Value, Value], high: Mapping[Value, Value], *, recursive: bool, list_merge: str
) -> dict[Value, Value]:
    if list_merge == "replace" and not recursive:
        return {**low, **high}
    merged = dict(low)
    for key, new in high.items():
        old = merged.get(key)
        if recursive and isinstance(old, Mapping) and isinstance(new, Mapping):
            merged[key] = _merged(old, new, recursive=True, list_merge=list_merge)
        elif isinstance(old, list) and isinstance(new, list):
            merged[key] = _merged_lists(old, new, list_merge)
        else:
            merged[key] = new
    return merged


def _merged_lists(low: list[Value], high: list[Value], how: str) -> list[Value]:
    low, high = list(low), list(high)
    choices: Mapping[str, Callable[[], list[Value]]] = {
        "replace": lambda: high,
        "keep": lambda: low,
        "append": lambda: low + high,
        "prepend": lambda: high + low,
        "append_rp": lambda: [item for item in low if item not in high] + high,
        "prepend_rp": lambda: high + [item for item in low if item not in high],
    }
    return choices[how]()


def dict2items(
    mapping: Value, key_name: str = "key", value_name: str = "value"
) -> list[dict[str, Value]]:
    """Return a dict as a list of dicts, one a key."""
    if not isinstance(mapping, Mapping):
        raise TypeError(f"dict2items requires a dictionary, got {type(mapping)} instead.")
    return [{key_name: key, value_name: value} for key, value in mapping.items()]


def items2dict(
    items: Value, key_name: str = "key", value_name: str = "value"
) -> dict[Value, Value]:
    """Return a list of dicts with a key and a value each as one dict."""
    if isinstance(items, str) or not isinstance(items, Sequence):
        raise TypeError(f"items2dict requires a list, got {type(items)} instead.")
    try:
        return {item[key_name]: item[value_name] for item in items}
    except KeyError:
        raise KeyError(
            f"items2dict requires each dictionary in the list to contain the keys '{key_name}' "
            f"and '{value_name}', got {finalise(items)} instead."
        ) from None
    except TypeError:
        raise TypeError(
            f"items2dict requires a list of dictionaries, got {items} instead."
        ) from None


def flatten(values: Value, levels: int | None = None, skip_nulls: bool = True) -> list[Value]:  # noqa: FBT001, FBT002
    """Return a list with the elements of nested lists in their place, `levels` deep."""
    return list(_flatten(values, levels, skip_nulls=skip_nulls))


def _flatten(values: Iterable[Value], levels: int | None, *, skip_nulls: bool) -> Iterator[Value]:
    for value in values:
        if skip_nulls and (value is None or value in ("None", "null")):
            continue
        if isinstance(value, (list, tuple)) and levels != 0:
            deeper = None if levels is None else levels - 1
            yield from _flatten(value, deeper, skip_nulls=skip_nulls)
        else:
            yield value


def subelements(
    values: Value,
    path: Value,
    skip_missing: bool = False,  # noqa: FBT001, FBT002
    *,
    lenient: bool = False,
) -> list[tuple[Value, Value]]:
    """Return each element paired with each element of the list at `path` in it.

    An element is passed over that lacks a key, with `skip_missing`, or, if `lenient`, that has
    something else than a dictionary on the path.
    """
    elements = list(values.values()) if isinstance(values, Mapping) else values
    if not isinstance(elements, list):
        raise TypeError("obj must be a list of dicts or a nested dict")
    keys = path.split(".") if isinstance(path, str) else path
    if not isinstance(keys, list):
        raise TypeError("subelements must be a list or a string")
    return [
        (element, sub)
        for element in elements
        for sub in _sublist(element, keys, skip_missing, lenient)
    ]


def _sublist(
    element: Value,
    keys: Sequence[str],
    skip_missing: bool,  # noqa: FBT001
    lenient: bool,  # noqa: FBT001
) -> list[Value]:
    value = element
    for key in keys:
        try:
            value = value[key]
        except KeyError:
            if skip_missing:
                return []
            raise KeyError(f"could not find {key!r} key in iterated item {value!r}") from None
        except TypeError:
            if lenient:
                return []
            raise TypeError(f"the key {key} should point to a dictionary, got '{value}'") from None
    if isinstance(value, Missing):
        raise value.failure()
    if not isinstance(value, list):
        raise TypeError(f"the key {keys[-1]!r} should point to a list, got {value!r}")
    return value


@pass_environment
def extract(
    environment: Environment, item: Value, container: Value, morekeys: Value = None
) -> Value:
    """Return `container[item]`, and what `morekeys` name within it."""
    keys = [item]
    if morekeys is not None:
        keys += morekeys if isinstance(morekeys, list) else [morekeys]
    value = container
    for key in keys:
        value = environment.getitem(value, key)
    return value


def rekey_on_member(data: Value, key: str, duplicates: str = "error") -> dict[Value, Value]:
    """Return a list of dicts (or a dict of them) as a dict by one of their members."""
    if duplicates not in ("error", "overwrite"):
        raise ValueError(f"duplicates parameter to rekey_on_member has unknown value: {duplicates}")
    if isinstance(data, Mapping):
        items: Iterable[Value] = list(data.values())
    elif isinstance(data, Iterable) and not isinstance(data, (str, bytes)):
        items = data
    else:
        raise TypeError("Type is not a valid list, set, or dict")
    rekeyed: dict[Value, Value] = {}
    for item in items:
        member = _member(item, key)
        if rekeyed.get(member) and duplicates == "error":
            raise ValueError(f"Key {member!r} is not unique, cannot convert to dict.")
        rekeyed[member] = item
    return rekeyed


def _member(item: Value, key: str) -> Value:
    if not isinstance(item, Mapping):
        raise TypeError("List item is not a valid dict")
    if key not in item:
        raise KeyError(f"Key {key!r} was not found.")
    return item[key]


class Group(NamedTuple):
    """One group of `groupby`: what its elements have in common, and they."""

    grouper: Value
    list: Value

    def __repr__(self) -> str:
        """Show it as the tuple that it is."""
        return tuple.__repr__(self)


@pass_environment
def groupby(
    environment: Environment,
    values: Value,
    attribute: Value,
    default: Value = None,
    case_sensitive: bool = False,  # noqa: FBT001, FBT002 (the order is Jinja's)
) -> list[Group]:
    """Return pairs of an attribute's value and the elements that have it."""
    found = do_groupby(environment, values, attribute, default, case_sensitive)
    return [Group(*group) for group in found]


def zipped(*sequences: Value) -> list[tuple[Value, ...]]:
    """Return the elements of several lists side by side, as far as the shortest goes."""
    return list(zip(*sequences, strict=False))


def zip_longest(*sequences: Value, fillvalue: Value = None) -> list[tuple[Value, ...]]:
    """Return the elements of several lists side by side, as far as the longest goes."""
    return list(itertools.zip_longest(*sequences, fillvalue=fillvalue))


def json_query(data: Value, expression: str) -> Value:
    """Return what a JMESPath expression finds in the data."""
    import jmespath

    try:
        return jmespath.search(expression, finalise(data))
    except jmespath.exceptions.JMESPathError as error:
        raise ValueError(f"JMESPathError in json_query filter plugin:\n{error}") from None


FILTERS: Mapping[str, Callable[..., Value]] = {
    "combine": combine,
    "dict2items": dict2items,
    "items2dict": items2dict,
    "flatten": flatten,
    "subelements": subelements,
    "extract": extract,
    "rekey_on_member": rekey_on_member,
    "groupby": groupby,
    "zip": zipped,
    "zip_longest": zip_longest,
    "product": cast("Callable[..., Value]", itertools.product),
    "permutations": cast("Callable[..., Value]", itertools.permutations),
    "combinations": cast("Callable[..., Value]", itertools.combinations),
}
