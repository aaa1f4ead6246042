"""The shape of an argument spec that somebody wrote as text: what cannot be one, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from understudy.text.diagnostic import did_you_mean
from understudy.text.nodes import Mapping as MappingNode
from understudy.text.nodes import Node
from understudy.values.argument_types import CONVERTERS, type_name
from understudy.values.texts import Template

Way = tuple[str, ...]

_TYPES = (CONVERTERS.keys() - {"str_or_list", "whole"}) | {"json"}


@dataclass(frozen=True, slots=True)
class SpecFault:
    """What is wrong with the part to which keys lead."""

    way: Way
    message: str

    def __str__(self) -> str:
        return f"{'.'.join(self.way) or 'argument_spec'} {self.message}"


def spec_faults(spec: object, way: Way = ()) -> Iterator[SpecFault]:
    """Yield what makes a spec unusable; what is a template still is not looked at."""
    if not isinstance(spec, Mapping):
        if not isinstance(spec, Template):
            yield _must_be(way, "a mapping from arguments to what they are", spec)
        return
    for name, about in spec.items():
        here = (*way, str(name))
        if not isinstance(name, str):
            yield _must_be(here, "a text, as the name of an argument", name)
        elif isinstance(about, Mapping):
            yield from _argument_faults(about, here)
        elif not isinstance(about, Template):
            yield _must_be(here, "a mapping, such as `{type: str, required: true}`", about)


def unknown_types(spec: object, way: Way = ()) -> Iterator[SpecFault]:
    """Yield every type that there is not: only who gives such an argument a value fails."""
    for name, about in spec.items() if isinstance(spec, Mapping) else ():
        here = (*way, str(name))
        if not isinstance(about, Mapping):
            continue
        for key in ("type", "elements"):
            wanted = about.get(key)
            if isinstance(wanted, str) and wanted and wanted not in _TYPES:
                near = did_you_mean(wanted, _TYPES)
                meant = f"`{near}` is one" if near else f"there are {', '.join(sorted(_TYPES))}"
                yield SpecFault((*here, key), f"names no type: {meant}")
        yield from unknown_types(about.get("options"), (*here, "options"))


def node_at(root: Node, way: Sequence[str]) -> Node:
    """Return the node to which keys lead, or the last one on the way."""
    for key in way:
        below = root.get(key) if isinstance(root, MappingNode) else None
        if below is None:
            break
        root = below
    return root


def _argument_faults(about: Mapping[str, Any], way: Way) -> Iterator[SpecFault]:
    for key, is_right, wanted in _PARTS:
        value = about.get(key)
        if value is not None and not isinstance(value, Template) and not is_right(value):
            yield _must_be((*way, key), wanted, value)
    if about.get("fallback") is not None:
        yield SpecFault((*way, "fallback"), "is only for modules: what it calls cannot be written")
    if about.get("options") is not None:
        yield from spec_faults(about["options"], (*way, "options"))


def _is_text(value: object) -> bool:
    return isinstance(value, (str, Template))


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _are_names(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str) and all(map(_is_text, value))


def _is_group(value: object) -> bool:
    return _is_text(value) or _are_names(value)


def _are_groups(value: object) -> bool:
    return _is_text(value) or (isinstance(value, Sequence) and all(map(_is_group, value)))


def _are_choices(value: object) -> bool:
    return isinstance(value, Mapping) or _is_list(value)


def _are_conditions(value: object) -> bool:
    return isinstance(value, Sequence) and all(
        isinstance(one, Sequence) and len(one) in (3, 4) and _is_text(one[0]) and _are_names(one[2])
        for one in value
    )


def _are_dependencies(value: object) -> bool:
    return isinstance(value, Mapping) and all(map(_is_group, value.values()))


def _are_deprecations(value: object) -> bool:
    return isinstance(value, Sequence) and all(
        isinstance(one, Mapping) and "name" in one for one in value
    )


_PARTS: tuple[tuple[str, Callable[[object], bool], str], ...] = (
    ("type", _is_text, "the name of a type"),
    ("elements", _is_text, "the name of a type"),
    ("aliases", _are_names, "a list of names"),
    ("choices", _are_choices, "a list"),
    ("mutually_exclusive", _are_groups, "a list of lists of names"),
    ("required_together", _are_groups, "a list of lists of names"),
    ("required_one_of", _are_groups, "a list of lists of names"),
    ("required_if", _are_conditions, "a list of lists: a name, a value, a list of names"),
    ("required_by", _are_dependencies, "a mapping from names to lists of names"),
    ("deprecated_aliases", _are_deprecations, "a list of mappings with a `name`"),
)


def _must_be(way: Way, wanted: str, value: object) -> SpecFault:
    kind = "nothing" if value is None else type_name(value)
    here = f"this {kind}" if kind in ("list", "dict") else kind
    return SpecFault(way, f"must be {wanted}, not {here}")
