"""Containers that hold templates: what a template gets for them, and how they become plain data.

A template never gets a container with templates in it. It gets a *view*, a subclass of `dict` or
`list` whose elements are rendered in the scope of their owner when they are reached. The methods
of the storage that C code goes by (`__iter__`, `keys`, `__radd__` and the like) are all overridden,
and `finalise` makes plain data of a view at every border where values go out. What is said of a
method below is said of the method of `dict` or `list`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, time
from typing import Any, NoReturn, Protocol, SupportsIndex, cast

from jinja2.environment import TemplateModule

from understudy.values.missing import Missing
from understudy.values.texts import Authored, Decrypted, Template, Value, VaultText


class Omit:
    """The type of OMIT: what `omit` is in a template; drops the key or item that it is."""

    __slots__ = ()
    ansible_type = "_OmitType"

    def __repr__(self) -> str:
        return "<<Omit>>"


OMIT = Omit()


def reason(error: Exception) -> str:
    """Return what an exception says, with views and authored texts called what they stand for."""
    cause = error.args[0] if isinstance(error, KeyError) and error.args else error
    text = str(cause)
    for inner, outer in _STANDS_FOR.items():
        text = text.replace(inner, outer)
    return text


_STANDS_FOR = {
    "understudy.values.lazy.": "",
    "understudy.values.texts.": "",
    "LazyMapping": "dict",
    "LazySequence": "list",
    "Authored": "str",
}


class Owner(Protocol):
    """Whose scope the elements of a view are rendered in."""

    def adopt(self, raw: Value) -> Value:
        """Return what a template sees for a raw value."""


def holds_templates(raw: Value) -> bool:
    """Tell whether a raw value is or holds, at any depth, something that is to be rendered."""
    if isinstance(raw, dict):
        return any(map(holds_templates, raw.values())) or any(type(key) is Template for key in raw)
    if isinstance(raw, (list, tuple)):
        return any(map(holds_templates, raw))
    return isinstance(raw, (Template, VaultText))


class LazyMapping(dict[Value, Value]):
    """A view of a dict: each value is rendered in the owner's scope when it is first reached."""

    __slots__ = ("_owner",)

    def __init__(self, raw: Mapping[Value, Value], owner: Owner) -> None:
        super().__init__(raw)
        self._owner = owner

    def __getitem__(self, key: Value) -> Value:
        value = dict.__getitem__(self, key)
        if type(value) in _ATOMS:
            return value
        seen = self._owner.adopt(value)
        dict.__setitem__(self, key, seen)
        return seen

    def __iter__(self) -> Iterator[Value]:
        return dict.__iter__(self)

    def get(self, key: Value, default: Value = None) -> Value:
        """Return the rendered value of a key, or `default`."""
        return self[key] if key in self else default  # noqa: SIM401 (this is `get`)

    def values(self) -> list[Value] | Missing:  # type: ignore[override]
        """Return every value, rendered; or the one that is missing."""
        return all_there([self[key] for key in self])

    def items(self) -> list[tuple[Value, Value]] | Missing:  # type: ignore[override]
        """Return every key with its rendered value; or the value that is missing."""
        values = self.values()
        return values if isinstance(values, Missing) else list(zip(self, values, strict=True))

    def pop(self, key: Value, *default: Value) -> Value:
        """Remove a key and return its rendered value."""
        if key not in self:
            return super().pop(key, *default)
        value = self[key]
        del self[key]
        return value

    def copy(self) -> dict[Value, Value]:
        """Return a dict of the rendered values."""
        return {key: self[key] for key in self}

    def __eq__(self, other: object) -> bool:
        return self.copy() == other

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __or__(self, other: Any) -> dict[Value, Value]:
        return {**self.copy(), **other}

    def __ror__(self, other: Any) -> dict[Value, Value]:
        return cast("dict[Value, Value]", other) | self.copy()

    def __repr__(self) -> str:
        return repr(finalise(self))

    def __reduce_ex__(self, _protocol: SupportsIndex) -> tuple[Any, ...]:
        return (dict, (self.copy(),))

    __hash__ = None


def all_there(elements: list[Value]) -> list[Value] | Missing:
    """Return the elements, or the first of them that is missing."""
    for element in elements:
        if isinstance(element, Missing):
            return element
    return elements


class LazySequence(list[Value]):
    """A view of a list: each element is rendered in the owner's scope when it is first reached."""

    __slots__ = ("_owner",)

    def __init__(self, raw: list[Value], owner: Owner) -> None:
        super().__init__(raw)
        self._owner = owner

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        value = list.__getitem__(self, index)
        if type(value) in _ATOMS:
            return value
        seen = self._owner.adopt(value)
        list.__setitem__(self, index, seen)
        return seen

    def __iter__(self) -> Iterator[Value]:
        return (self[i] for i in range(len(self)))

    def __reversed__(self) -> Iterator[Value]:
        return (self[i] for i in reversed(range(len(self))))

    def __contains__(self, value: object) -> bool:
        return any(value is element or value == element for element in self)

    def copy(self) -> list[Value]:
        """Return a list of the rendered elements."""
        return list(iter(self))

    def index(self, value: Value, *bounds: Any) -> int:
        """Return where an element is."""
        return self.copy().index(value, *bounds)

    def count(self, value: Value) -> int:
        """Return how often an element is there."""
        return self.copy().count(value)

    def pop(self, index: SupportsIndex = -1) -> Value:
        """Remove an element and return it, rendered."""
        value = self[index]
        super().pop(index)
        return value

    def sort(self, **options: Any) -> None:
        """Sort by the rendered elements."""
        self[:] = sorted(self, **options)

    def __add__(self, other: Any) -> list[Value]:
        return [*self, *other]

    def __radd__(self, other: Any) -> list[Value]:
        return cast("list[Value]", other) + self.copy()

    def __mul__(self, times: SupportsIndex) -> list[Value]:
        return self.copy() * times

    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        return self.copy() == other

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __lt__(self, other: list[Value]) -> bool:
        return self.copy() < other

    def __le__(self, other: list[Value]) -> bool:
        return self.copy() <= other

    def __gt__(self, other: list[Value]) -> bool:
        return self.copy() > other

    def __ge__(self, other: list[Value]) -> bool:
        return self.copy() >= other

    def __repr__(self) -> str:
        return repr(finalise(self))

    def __reduce_ex__(self, _protocol: SupportsIndex) -> tuple[Any, ...]:
        return (list, (self.copy(),))

    __hash__ = None


_ATOMS = frozenset({str, int, float, bool, type(None), Authored, LazyMapping, LazySequence})
_LISTS: tuple[type, ...] = (
    list,
    tuple,
    set,
    frozenset,
    type({}.keys()),
    type({}.values()),
    type({}.items()),
)


def finalise(value: Value) -> Value:
    """Return plain data: no view, no tuple, no generator, nothing omitted, nothing missing.

    A value that is plain already is returned itself, uncopied. Raise TemplateFailed for what is
    missing and for an object that is no data (a function, a range).
    """
    kind = type(value)
    if kind in _SCALARS:
        return value
    if kind is dict:
        return _plain_mapping(value)
    if kind is list:
        return _plain_list(value)
    return _convert(value)


_SCALARS = frozenset({str, int, float, bool, type(None), Authored, Decrypted})


def _plain_mapping(value: dict[Value, Value]) -> dict[Value, Value]:
    for key, element in value.items():
        if type(key) not in _SCALARS or not _is_final(element):
            return _copy_mapping(value)
    return value


def _is_final(element: Value) -> bool:
    if type(element) in _SCALARS:
        return True
    return element is not OMIT and finalise(element) is element


def _copy_mapping(value: Mapping[Value, Value]) -> dict[Value, Value]:
    pairs = ((finalise(key), finalise(value[key])) for key in value)
    return {key: element for key, element in pairs if element is not OMIT}


def _plain_list(value: list[Value]) -> list[Value]:
    return value if all(map(_is_final, value)) else _copy_list(value)


def _copy_list(value: Any) -> list[Value]:
    return [element for element in map(finalise, value) if element is not OMIT]


def _convert(value: Value) -> Value:
    if isinstance(value, Missing):
        raise value.failure()
    if value is OMIT or isinstance(value, (date, time)):
        return value
    if isinstance(value, TemplateModule):
        return "".join(str(finalise(piece)) for piece in value._body_stream)  # noqa: SLF001
    if isinstance(value, Mapping):
        return _copy_mapping(value)
    if isinstance(value, (*_LISTS, Iterator)):
        return _copy_list(value)
    for plain in (str, bool, int, float):
        if isinstance(value, plain):
            return plain(value)
    return _refuse(value)


def _refuse(value: Value) -> NoReturn:
    raise TypeError(f"Type {type(value).__name__!r} is unsupported for variable storage.")
