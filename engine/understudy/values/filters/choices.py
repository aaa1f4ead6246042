"""One value or another: defaults, booleans, what must be given."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from jinja2 import Environment, Undefined, pass_environment

from understudy.values.lazy import LazyMapping, LazySequence
from understudy.values.missing import Missing, type_name
from understudy.values.texts import Authored, Decrypted, Value

_TRUE = ("yes", "on", "1", "true")


def boolean(value: Value) -> bool:
    """Return whether a value is one of the spellings of true; anything else is false."""
    if value is None or isinstance(value, bool):
        return bool(value)
    if isinstance(value, str):
        return value.lower() in _TRUE
    return isinstance(value, (int, float)) and value == 1


def default(value: Value, default_value: Value = "", boolean: bool = False) -> Value:  # noqa: FBT001, FBT002
    """Return the value, or another one where it is undefined (or false, if `boolean`)."""
    if isinstance(value, Undefined) or (boolean and not value):
        return default_value
    return value


def ternary(value: Value, true_val: Value, false_val: Value, none_val: Value = None) -> Value:
    """Return one of two values by whether the first is true (of three, if it is null).

    The one that is not chosen may be undefined.
    """
    if isinstance(value, Undefined):
        return value
    if value is None and none_val is not None:
        return none_val
    return true_val if bool(value) else false_val


def mandatory(value: Value, msg: str | None = None) -> Value:
    """Return the value, or fail where it is undefined."""
    if not isinstance(value, Undefined):
        return value
    name = value._undefined_name  # noqa: SLF001 (Jinja's only way to know it)
    raise ValueError(
        msg
        or (
            f"Mandatory variable {name!r} not defined."
            if name
            else "Mandatory variable not defined."
        )
    )


_DICT_PARTS: tuple[type, ...] = (type({}.keys()), type({}.values()), type({}.items()))


@pass_environment
def attribute(environment: Environment, value: Value, name: str) -> Value:
    """Return an attribute of a value, never one of its keys."""
    if name.startswith("__"):
        return environment.getattr(value, name)
    return getattr(value, name, Missing(obj=value, name=name))


def type_debug(value: Value) -> str:
    """Return the name of a value's type."""
    if isinstance(value, Missing):
        return "UndefinedMarker"
    if isinstance(value, _DICT_PARTS):
        return "list"
    if type(value) in (Authored, Decrypted, LazyMapping, LazySequence):
        return type_name(value)
    return getattr(type(value), "ansible_type", type(value).__name__)


FILTERS: Mapping[str, Callable[..., Value]] = {
    "bool": boolean,
    "default": default,
    "d": default,
    "ternary": ternary,
    "mandatory": mandatory,
    "type_debug": type_debug,
    "attr": attribute,
}
