"""Which filters, tests and functions a template may call: an environment gets their names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import wraps
from itertools import chain
from typing import Any, TypeAlias, cast

from jinja2 import Environment

from understudy.values.debugging import DEBUG_FILTERS, DEBUG_TESTS
from understudy.values.errors import TemplateFailed
from understudy.values.filters import FILTERS
from understudy.values.filters.containers import json_query
from understudy.values.hostvars import AllVariables
from understudy.values.lazy import OMIT, reason
from understudy.values.lookups import lookup, query
from understudy.values.missing import Missing
from understudy.values.tests import TESTS
from understudy.values.texts import Value

_TAKES_MISSING = frozenset(
    {"default", "d", "mandatory", "type_debug", "defined", "undefined", "ternary"}
)
_KEEPS_MISSING = frozenset(
    {"map", "select", "selectattr", "reject", "rejectattr", "default", "d", "mandatory", "ternary"}
)
Functions: TypeAlias = Mapping[str, Callable[..., Any]]


def install(environment: Environment) -> None:
    """Give an environment every filter, test and function."""
    environment.filters.update(_named("filter", cast("Functions", environment.filters), FILTERS))
    full_name = "community.general.json_query"
    for name in ("json_query", full_name):
        environment.filters[name] = guarded("filter", full_name, json_query)
    environment.tests.update(_named("test", cast("Functions", environment.tests), TESTS))
    environment.filters.update(DEBUG_FILTERS)
    environment.tests.update(DEBUG_TESTS)
    environment.globals |= GLOBALS


def now(utc: bool = False, fmt: str | None = None) -> Value:  # noqa: FBT001, FBT002
    """Return the controller's time, or a text made from it."""
    moment = datetime.now(UTC) if utc else datetime.now()  # noqa: DTZ005 (naive, as Ansible's)
    moment = moment.replace(tzinfo=None)
    return moment.strftime(fmt) if fmt else moment


def undef(hint: str = "Mandatory variable has not been overridden") -> Missing:
    """Return an undefined value, for a variable that must be overridden."""
    return Missing(hint)


GLOBALS: Mapping[str, Value] = {
    "lookup": lookup,
    "query": query,
    "q": query,
    "now": now,
    "undef": undef,
    "omit": OMIT,
    "vars": AllVariables(),
}


def _named(kind: str, jinjas: Functions, ours: Functions) -> dict[str, Callable[..., Any]]:
    """Return every function under its short name and its full ones."""
    named: dict[str, Callable[..., Any]] = {}
    for name, function in {**jinjas, **ours}.items():
        full_name = f"ansible.builtin.{name}"
        named[name] = named[full_name] = guarded(kind, full_name, function)
        if name in ours:
            named[f"ansible.legacy.{name}"] = named[name]
    return named


def guarded(kind: str, full_name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Let what is missing pass through, make lists of generators, and name what failed."""
    keeps_missing = full_name.rpartition(".")[2] in _KEEPS_MISSING
    takes_missing = full_name.rpartition(".")[2] in _TAKES_MISSING

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if not takes_missing:
            for arg in (*args, *kwargs.values()) if kwargs else args:
                if isinstance(arg, Missing):
                    return arg
        try:
            value = function(*args, **kwargs)
            if isinstance(value, Iterator):
                value = list(value)
            return value if keeps_missing else _whole(value)
        except TemplateFailed as failure:
            if failure.code != "undefined-variable":
                raise
            return Missing(failure=failure)
        except Exception as error:
            raise _failed(kind, full_name, error) from error

    return call


def _whole(value: Value) -> Value:
    """Return what a filter gave, or what is missing in it or in an element of it."""
    if type(value) is not list and type(value) is not dict:
        return value
    elements = value.values() if type(value) is dict else value
    nested = chain.from_iterable(one for one in elements if type(one) in (list, tuple))
    return next((one for one in chain(elements, nested) if isinstance(one, Missing)), value)


def _failed(kind: str, full_name: str, error: Exception) -> TemplateFailed:
    return TemplateFailed(
        f"The {kind} plugin {full_name!r} failed: {reason(error)}", code=f"{kind}-failed"
    )
