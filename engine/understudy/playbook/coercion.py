"""Finalised arguments of one task become what the module is called with, or an error as Ansible's.

The steps are those of ansible-core 2.19, in its order, as the first fault is the one it reports:
aliases, exclusions, required names, types, choices, the other relations, unknown names; defaults
come last, though a condition of `required_if` sees them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from understudy.playbook.argument_spec import (
    chosen,
    converted,
    exclusion_faults,
    relation_faults,
    supported_names,
)
from understudy.playbook.module_schema import Argument, ModuleSchema
from understudy.values.texts import Value

_UNCHANGED: Mapping[str, type] = {
    "bool": bool,
    "dict": dict,
    "int": int,
    "path": str,
    "str": str,
    "whole": int,
}


class ArgumentsInvalid(Exception):  # noqa: N818 (names what is so, as the diagnostics do)
    """A module cannot be called so. `str()` is the first message: the one that Ansible gives."""

    def __init__(self, messages: Sequence[str]) -> None:
        super().__init__(messages[0])
        self.messages = tuple(messages)


def coerce_arguments(
    name: str, args: Mapping[str, Value], schema: ModuleSchema
) -> dict[str, Value]:
    """Return finalised `args` under their proper names, converted, with defaults.

    `name` is the module's name as written; `_raw_params` stands for the free form. An argument that
    is null and has no default is left out. Raises ArgumentsInvalid with every fault found.
    """
    given, unknown = _by_name(args, schema)
    faults = [*_exclusions(schema, given), *_missing(name, schema, given, unknown)]
    values = _convert_all(given, schema, faults)
    faults += _relations(schema, given, values)
    if unknown and not (schema.any_name or schema.unknown_ignored):
        faults.append(_unsupported(name, unknown, schema))
    if faults:
        raise ArgumentsInvalid(faults)
    if schema.any_name:
        values.update(unknown)
    for argument, default in schema.defaults.items():
        if argument not in values:
            values[argument] = list(default) if isinstance(default, list) else default
    return values


def alias_warnings(args: Mapping[str, Value], schema: ModuleSchema) -> list[str]:
    """Return a warning for each argument given under more than one name; the last one counts."""
    return [
        f"Both option {schema.canonical[written]} and its alias {written} are set."
        for written in args
        if schema.canonical.get(written, written) != written and schema.canonical[written] in args
    ]


def secret_arguments(schema: ModuleSchema) -> frozenset[str]:
    """Return the names, with aliases, of the arguments whose values must never be shown."""
    return frozenset(
        written for written, name in schema.canonical.items() if schema.arguments[name].no_log
    )


def _by_name(
    args: Mapping[str, Value], schema: ModuleSchema
) -> tuple[dict[str, Value], dict[str, Value]]:
    given: dict[str, Value] = {}
    unknown: dict[str, Value] = {}
    aliased: dict[str, Value] = {}
    for written, value in args.items():
        name = schema.canonical.get(written)
        if name is None:
            if value is not None or written not in schema.unsupported:
                unknown[written] = value
        elif name == written:
            given[name] = value
        else:
            aliased[name] = value
    given.update(aliased)
    return given, unknown


def _exclusions(schema: ModuleSchema, given: Mapping[str, Value]) -> Iterator[str]:
    for fault in exclusion_faults(schema.relations, given):
        yield schema.messages.get("mutually-exclusive", fault)


def _missing(
    module: str, schema: ModuleSchema, given: Mapping[str, Value], unknown: Mapping[str, Value]
) -> Iterator[str]:
    names = [name for name in schema.required if name not in given]
    if names or len(unknown) < schema.minimum_free_names:
        wording = schema.messages.get("missing", "missing required arguments: {names}")
        yield wording.format(name=module, names=", ".join(sorted(names)))


def _convert_all(
    given: Mapping[str, Value], schema: ModuleSchema, faults: list[str]
) -> dict[str, Value]:
    values: dict[str, Value] = {}
    limited: list[str] = []
    for name, value in given.items():
        argument = schema.arguments[name]
        if value is not None and type(value) is _UNCHANGED.get(argument.type):
            values[name] = value
        elif value is not None or argument.required or argument.default is not None:
            try:
                values[name] = convert(argument, value)
            except ValueError as error:
                faults.append(str(error))
                continue
        if argument.choices:
            limited.append(name)
    for name in limited:
        choice, fault = chosen(name, values.get(name), schema.arguments[name].choices)
        if fault is None:
            values[name] = choice
        else:
            faults.append(fault)
    for name, value in values.items():
        if schema.arguments[name].constraints is not None:
            faults += constraint_faults(schema.arguments[name], value)
    return values


def convert(argument: Argument, value: Value) -> Value:
    """Convert one value, and the elements of a list; ValueError says why not, as Ansible does."""
    return converted(argument.name, value, argument.type, argument.elements)


def constraint_faults(argument: Argument, value: Value) -> Iterator[str]:
    """Yield what JSON Schema finds in a value that is more than a type, a choice or a pattern."""
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(dict(argument.constraints or {}))
    for error in validator.iter_errors(value):
        fault = (
            f"`{error.instance}` is not allowed there"
            if error.validator == "enum"
            else error.message
        )
        yield f"value of {argument.name} is invalid: {fault}"


def _relations(
    schema: ModuleSchema, given: Mapping[str, Value], values: Mapping[str, Value]
) -> Iterator[str]:
    relations = schema.relations
    for fault in relation_faults(relations, given, {**schema.defaults, **values}):
        is_choice = fault.startswith("one of the following")
        yield schema.messages.get("required-one-of", fault) if is_choice else fault


def _unsupported(name: str, unknown: Mapping[str, Value], schema: ModuleSchema) -> str:
    listed = ", ".join(sorted(map(str, unknown)))
    if "unknown" in schema.messages:
        return schema.messages["unknown"].format(name=name, unknown=listed)
    aliases = [alias for a in schema.arguments.values() for alias in a.aliases]
    reasons = [
        f" {n} is not supported: {schema.unsupported[n]}."
        for n in unknown
        if n in schema.unsupported
    ]
    return (
        f"Unsupported parameters for ({schema.reported_as or name}) module: {listed}. "
        f"Supported parameters include: {supported_names(schema.arguments, aliases)}."
        f"{''.join(reasons)}"
    )
