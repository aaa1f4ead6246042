"""What a module's schema file says about its arguments, read once into frozen records."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

from understudy.playbook.argument_relations import Relations, RequiredIf
from understudy.resources import SCHEMAS
from understudy.values.texts import Value

Names: TypeAlias = tuple[str, ...]

_DECIDED_HERE = frozenset(
    {"description", "type", "items", "enum", "default", "pattern", "no_log"}
    | {"x-type", "x-aliases", "x-expression", "x-internal", "x-deprecated"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One argument. `type` and `elements` are `x-type`s; a default of None is no default."""

    name: str
    description: str
    type: str
    elements: str | None
    required: bool
    choices: tuple[Value, ...]
    default: Value
    aliases: Names
    pattern: re.Pattern[str] | None
    """What a literal's texts must match. Only checked at load: modules judge for themselves."""
    constraints: Mapping[str, Value] | None
    """The JSON Schema of the value, when it says more than type, choices and pattern."""
    no_log: bool
    internal: bool
    expression: bool
    deprecated: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Supports:
    """`check_mode` and `diff` are `full`, `partial` or `none`; `detached` is Ansible's `async`."""

    check_mode: str
    diff: str
    detached: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnValue:
    """One key of a module's result, and when it is there."""

    name: str
    description: str
    type: str
    returned: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleSchema:
    """The arguments of one module or action."""

    name: str
    description: str
    on_controller: bool
    supports: Supports
    arguments: Mapping[str, Argument]
    canonical: Mapping[str, str]
    """Every name and alias, and `_raw_params` for the free form → the proper name."""
    unsupported: Mapping[str, str]
    """Arguments of Ansible's module that ours has not → why."""
    required: Names
    defaults: Mapping[str, Value]
    free_form: str | None
    """The argument that takes the text written after the module's name."""
    any_name: bool
    unknown_ignored: bool
    minimum_free_names: int
    relations: Relations
    messages: Mapping[str, str]
    reported_as: str | None
    returns: tuple[ReturnValue, ...]
    examples: Names
    """Tasks, as YAML."""

    @property
    def way_of_running(self) -> str:
        """Where it runs and what it can do, as a sentence for its documentation."""
        where = "controller" if self.on_controller else "target"
        able = self.supports
        modes = f"check mode: {able.check_mode}; diff: {able.diff}"
        return f"Runs on the {where}; {modes}; async: {'yes' if able.detached else 'no'}."


def load_schema(name: str) -> ModuleSchema | None:
    """Return the schema of the module with this short name, or None when there is none."""
    return _load(name) if name in known_modules() else None


@cache
def known_modules() -> frozenset[str]:
    """Return the short names of all modules and actions that have a schema."""
    return frozenset(path.stem for path in (SCHEMAS / "modules").glob("*.json"))


def all_schemas() -> list[ModuleSchema]:
    """Return the schema of every module and action, sorted by name."""
    return [_load(name) for name in sorted(known_modules())]


@cache
def _load(name: str) -> ModuleSchema:
    return read_schema(SCHEMAS / "modules" / f"{name}.json")


def read_schema(path: Path) -> ModuleSchema:
    """Read one schema file, which must satisfy `schemas/module.meta.json`."""
    document = json.loads(path.read_text("utf-8"))
    required = tuple(document.get("required", ()))
    arguments = {
        name: _argument(name, properties, required=name in required)
        for name, properties in document["properties"].items()
    }
    supports = document["x-supports"]
    return ModuleSchema(
        name=document["title"],
        description=document["description"],
        on_controller=document["x-runs-on"] == "controller",
        supports=Supports(
            check_mode=supports["check_mode"], diff=supports["diff"], detached=supports["async"]
        ),
        arguments=arguments,
        canonical=_canonical(arguments, document.get("x-free-form")),
        unsupported=document.get("x-unsupported", {}),
        required=required,
        defaults={a.name: a.default for a in arguments.values() if a.default is not None},
        free_form=document.get("x-free-form"),
        any_name=document["additionalProperties"],
        unknown_ignored=document.get("x-unknown") == "ignored",
        minimum_free_names=document.get("x-minimum-free-names", 0),
        relations=_relations(document),
        messages=document.get("x-messages", {}),
        reported_as=document.get("x-reported-as"),
        returns=tuple(
            ReturnValue(name=key, **told) for key, told in document.get("x-returns", {}).items()
        ),
        examples=tuple(document.get("x-examples", ())),
    )


def _canonical(arguments: Mapping[str, Argument], free_form: str | None) -> dict[str, str]:
    names = {
        alias: argument.name
        for argument in arguments.values()
        for alias in (argument.name, *argument.aliases)
    }
    if free_form is not None:
        names.setdefault("_raw_params", free_form)
    return names


def _argument(name: str, properties: Mapping[str, Value], *, required: bool) -> Argument:
    items = properties.get("items", {})
    pattern = properties.get("pattern") or items.get("pattern")
    return Argument(
        name=name,
        description=properties["description"],
        type=properties["x-type"],
        elements=items.get("x-type"),
        required=required,
        choices=tuple(properties.get("enum", ())),
        default=properties.get("default"),
        aliases=tuple(properties.get("x-aliases", ())),
        pattern=re.compile(pattern) if pattern else None,
        constraints=None if properties.keys() <= _DECIDED_HERE else properties,
        no_log=properties.get("no_log", False),
        internal=properties.get("x-internal", False),
        expression=properties.get("x-expression", False),
        deprecated=properties.get("x-deprecated"),
    )


def _relations(document: Mapping[str, Value]) -> Relations:
    def groups(keyword: str) -> tuple[Names, ...]:
        return tuple(tuple(group) for group in document.get(keyword, ()))

    return Relations(
        mutually_exclusive=groups("x-mutually-exclusive"),
        required_together=groups("x-required-together"),
        required_one_of=groups("x-required-one-of"),
        required_if=tuple(
            RequiredIf(
                argument=rule["argument"],
                value=rule["value"],
                needs=tuple(rule["needs"]),
                one_is_enough=rule.get("any", False),
            )
            for rule in document.get("x-required-if", ())
        ),
        required_by=tuple(
            (name, tuple(needs)) for name, needs in document.get("x-required-by", {}).items()
        ),
    )
