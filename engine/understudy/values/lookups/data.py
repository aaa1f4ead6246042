"""Lookups over the terms they are given: lists made from lists, dicts, variables and hosts."""

from __future__ import annotations

import itertools
import os
import random
import re
from collections.abc import Iterator, Mapping, Sequence

from understudy.values.filters.containers import subelements as pair_subelements
from understudy.values.lookups.base import Lookup, Request
from understudy.values.missing import NOTHING, Missing
from understudy.values.texts import Value


def items(request: Request) -> list[Value]:
    """Return the terms, those that are lists taken apart (one level)."""
    return list(_flat(request.terms))


def _flat(terms: Iterator[Value] | Value) -> Iterator[Value]:
    for term in terms:
        if isinstance(term, (list, tuple)):
            yield from term
        else:
            yield term


def as_list(request: Request) -> list[Value]:
    """Return the terms as they are."""
    return list(request.terms)


def as_dict(request: Request) -> list[Value]:
    """Return each dict as a list of its keys and values."""
    found: list[Value] = []
    for term in request.terms:
        if not isinstance(term, Mapping):
            raise TypeError(
                f"the 'dict' lookup plugin expects a dictionary, got '{term}' of type {type(term)})"
            )
        found += [{"key": key, "value": value} for key, value in term.items()]
    return found


def indexed_items(request: Request) -> list[Value]:
    """Return each item with its number, from 0."""
    return [[index, item] for index, item in enumerate(_flat(request.terms))]


def nested(request: Request) -> list[Value]:
    """Return every combination of one element of each list, the first list slowest."""
    if not request.terms:
        raise ValueError("with_nested requires at least one element in the nested list")
    return [list(_flat(group)) for group in itertools.product(*request.terms)]


def together(request: Request) -> list[Value]:
    """Return the elements of the lists side by side, null where one is shorter."""
    if not request.terms:
        raise ValueError("with_together requires at least one element in each list")
    return [list(_flat(group)) for group in itertools.zip_longest(*request.terms)]


_NOT_PAIRED = (
    "subelements lookup expects a list of two or three items, first a dict or a list, "
    "second a string pointing to the subkey"
)


def subelements(request: Request) -> list[Value]:
    """Return each element with each element of the list at a path in it."""
    if len(request.terms) not in (2, 3):
        raise ValueError(_NOT_PAIRED)
    if not isinstance(request.terms[1], str):
        raise TypeError(_NOT_PAIRED)
    flags = request.terms[2] if len(request.terms) > 2 else {}  # noqa: PLR2004
    if not isinstance(flags, Mapping) or set(flags) - {"skip_missing"}:
        raise TypeError("the optional third item must be a dict with flags: skip_missing")
    if not isinstance(request.terms[1], str):
        raise TypeError(_NOT_PAIRED)
    data = request.terms[0]
    if not isinstance(data, (Mapping, list, tuple)):
        raise TypeError(_NOT_PAIRED)
    if isinstance(data, Mapping):
        data = [] if data.get("skipped") else list(data.values())
    data = [one for one in data if not (isinstance(one, Mapping) and one.get("skipped"))]
    skip_missing = bool(flags.get("skip_missing", False))
    path = str(request.terms[1]).split(".")
    pairs = pair_subelements(data, path, skip_missing, lenient=skip_missing)
    return [[_without(element, path), sub] for element, sub in pairs]


def _without(element: Value, path: Sequence[str]) -> Value:
    """Return a copy of an element that lacks what `path` leads to."""
    first, *rest = path
    kept = dict(element.items())
    if rest:
        return {**kept, first: _without(element[first], rest)}
    del kept[first]
    return kept


def random_choice(request: Request) -> list[Value]:
    """Return one of the terms, by chance."""
    terms = list(request.terms)
    return [random.choice(terms)] if terms else []  # noqa: S311 (no secret)


def env(request: Request) -> list[Value]:
    """Return environment variables of the controller."""
    default = request.options.get("default", "")
    values = [os.environ.get(str(term), NOTHING) for term in request.terms]
    return [
        _unset(str(term), default) if value is NOTHING else value
        for term, value in zip(request.terms, values, strict=True)
    ]


def _unset(name: str, default: Value) -> Value:
    if isinstance(default, Missing):
        return Missing(f"The environment variable {name!r} is not set.")
    return default


def variables(request: Request) -> list[Value]:
    """Return variables by name."""
    return [_variable(request, term) for term in request.terms]


def _variable(request: Request, name: Value) -> Value:
    if not isinstance(name, str):
        raise TypeError(f"Variable name must be {'str'!r} not {type(name).__name__!r}.")
    value = request.rendering.resolve(name)
    if value is not NOTHING:
        return value
    if "default" in request.options:
        return request.options["default"]
    return Missing(f"No variable named {name!r} was found.")


def variable_names(request: Request) -> list[Value]:
    """Return the names of the variables that patterns match."""
    patterns = [_pattern_of_names(term) for term in request.terms]
    names = [*request.rendering.scope.names(), "vars"]
    return [name for pattern in patterns for name in names if pattern.search(name)]


def _pattern_of_names(term: Value) -> re.Pattern[str]:
    if not isinstance(term, str):
        message = f'Invalid setting identifier, "{term}" is not a string, it is a {type(term)}'
        raise TypeError(message)
    try:
        return re.compile(term)
    except re.error as error:
        message = f'Unable to use "{term}" as a search parameter: {error}'
        raise ValueError(message) from None


def inventory_hostnames(request: Request) -> list[Value]:
    """Return the hosts that a pattern selects."""
    pattern = ",".join(str(term) for term in _flat(request.terms))
    return list(request.rendering.scope.world.match(pattern))


_SHORTCUT = re.compile(
    r"(?:(?P<start>-?\w+)-)?(?P<end>-?\w+)(?:/(?P<stride>-?\w+))?(?::(?P<format>.+))?", re.ASCII
)
_SEQUENCE_OPTIONS = ("start", "end", "count", "stride", "format")


def sequence(request: Request) -> list[Value]:
    """Return numbers from `start` to `end` (or `count` of them) in a format, as text."""
    terms = request.terms or ([""] if request.options else [])
    return [number for term in terms for number in _numbers(str(term), dict(request.options))]


def _numbers(term: str, options: dict[str, Value]) -> Iterator[str]:
    options = {**options, **_sequence_options(term)} if term else options
    unknown = [name for name in options if name not in _SEQUENCE_OPTIONS]
    if unknown:
        raise ValueError(f"unrecognized arguments to with_sequence: {unknown}")
    if not _integer("stride", options, 1):
        return iter(())
    start, stride = _integer("start", options, 1), _integer("stride", options, 1)
    end = _sequence_end(options, start, stride)
    format_ = str(options.get("format", "%d"))
    if "%" not in format_:
        raise ValueError(f"bad formatting string: {format_}")
    step = 1 if stride >= 0 else -1
    if (end - start) * step < 0 and "count" not in options:
        hint = (
            "to count backwards make stride negative"
            if step > 0
            else ("to count forward don't make stride negative")
        )
        raise ValueError(hint)
    return (format_ % number for number in range(start, end + step, stride) if stride)


def _sequence_options(term: str) -> dict[str, Value]:
    short = _SHORTCUT.fullmatch(term.strip())
    if short and (short["end"] != term.strip() or type(_number(short["end"])) is int):
        found = {name: value for name, value in short.groupdict().items() if value is not None}
        return {name: v if name == "format" else _number(v) for name, v in found.items()}
    return dict(_key_value(part) for part in term.split())


def _number(text: str) -> Value:
    """Return a number, also one in octal or hexadecimal; what is none is judged later."""
    try:
        return int(text, 0)
    except ValueError:
        return text


def _key_value(part: str) -> tuple[str, str]:
    name, equals, value = part.partition("=")
    return (name, value) if equals else ("_raw_params", part)


def _integer(name: str, options: Mapping[str, Value], default: int) -> int:
    value = options.get(name, default)
    try:
        return int(value)
    except (TypeError, ValueError):
        raise ValueError(
            f"Config {name!r} for 'sequence' lookup plugin from 'Direct' has an invalid value: "
            f"Invalid value provided for 'integer': {value!r}"
        ) from None


def _sequence_end(options: Mapping[str, Value], start: int, stride: int) -> int:
    if ("count" in options) == ("end" in options):
        raise ValueError(
            "can't specify both count and end in with_sequence"
            if "count" in options
            else "must specify count or end in with_sequence"
        )
    if "end" in options:
        return _integer("end", options, 0)
    count = _integer("count", options, 0)
    return start + count * stride - 1


LOOKUPS: Mapping[str, Lookup] = {
    "items": Lookup(items),
    "list": Lookup(as_list),
    "dict": Lookup(as_dict),
    "indexed_items": Lookup(indexed_items),
    "nested": Lookup(nested),
    "together": Lookup(together),
    "subelements": Lookup(subelements),
    "random_choice": Lookup(random_choice),
    "env": Lookup(env),
    "vars": Lookup(variables),
    "varnames": Lookup(variable_names),
    "inventory_hostnames": Lookup(inventory_hostnames),
    "sequence": Lookup(sequence),
}
