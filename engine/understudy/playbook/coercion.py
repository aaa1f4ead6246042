"""Finalised arguments of one task become what the module is called with, or an error as Ansible's.

The steps are those of ansible-core 2.19, in its order, as the first fault is the one it reports:
aliases, exclusions, required names, types, choices, the other relations, unknown names; defaults
come last, though a condition of `required_if` sees them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from understudy.playbook import argument_relations as rules
from understudy.playbook.argument_types import CONVERTERS, FALSE_WORDS, TRUE_WORDS, type_name
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
_REPORTED_TYPE = {"whole": "int", "str_or_list": "str_or_list_of_str"}


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
    faults = [*_exclusions(schema, given), *_missing(schema, given, unknown)]
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
            unknown[written] = value
        elif name == written:
            given[name] = value
        else:
            aliased[name] = value
    given.update(aliased)
    return given, unknown


def _exclusions(schema: ModuleSchema, given: Mapping[str, Value]) -> Iterator[str]:
    groups = list(rules.conflicts(schema.relations, given))
    if groups:
        listed = ", ".join("|".join(group) for group in groups)
        default = f"parameters are mutually exclusive: {listed}"
        yield schema.messages.get("mutually-exclusive", default)


def _missing(
    schema: ModuleSchema, given: Mapping[str, Value], unknown: Mapping[str, Value]
) -> Iterator[str]:
    names = [name for name in schema.required if name not in given]
    if names or len(unknown) < schema.minimum_free_names:
        wording = schema.messages.get("missing", "missing required arguments: {names}")
        yield wording.format(names=", ".join(sorted(names)))


def _convert_all(
    given: Mapping[str, Value], schema: ModuleSchema, faults: list[str]
) -> dict[str, Value]:
    values: dict[str, Value] = {}
    chosen: list[str] = []
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
            chosen.append(name)
    for name in chosen:
        faults += _choose(schema.arguments[name], values)
    for name, value in values.items():
        if schema.arguments[name].constraints is not None:
            faults += constraint_faults(schema.arguments[name], value)
    return values


def convert(argument: Argument, value: Value) -> Value:
    """Convert one value, and the elements of a list; ValueError says why not, as Ansible does."""
    converted = _converted(
        value, CONVERTERS[argument.type], argument.type, f"argument '{argument.name}'"
    )
    if argument.elements is None or not isinstance(converted, list):
        return converted
    to_element = CONVERTERS[argument.elements]
    where = f"Elements value for option '{argument.name}'"
    return [_converted(item, to_element, argument.elements, where) for item in converted]


def _converted(value: Value, converter: Callable[[Value], Value], target: str, where: str) -> Value:
    try:
        return converter(value)
    except ValueError as error:
        raise ValueError(
            f"{where} is of type {type_name(value)} and we were unable to convert to "
            f"{_REPORTED_TYPE.get(target, target)}: {error}"
        ) from None


def _choose(argument: Argument, values: dict[str, Value]) -> Iterator[str]:
    value = values.get(argument.name)
    listed = ", ".join(str(choice) for choice in argument.choices)
    if isinstance(value, list):
        unmatched = [str(item) for item in value if item not in argument.choices]
        if unmatched:
            yield (
                f"value of {argument.name} must be one or more of: {listed}. "
                f"Got no match for: {', '.join(unmatched)}"
            )
    elif value not in argument.choices:
        meant = boolean_choice(argument, value)
        if meant is None:
            yield f"value of {argument.name} must be one of: {listed}, got: {value}"
        else:
            values[argument.name] = meant


def boolean_choice(argument: Argument, value: Value) -> str | None:
    """Return the one choice that a YAML boolean stands for: `state: on` has come as true."""
    words = {"True": TRUE_WORDS, "False": FALSE_WORDS}.get(value if isinstance(value, str) else "")
    meant = [choice for choice in argument.choices if words and choice in words]
    return meant[0] if len(meant) == 1 else None


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
    for group in rules.incomplete(relations, given):
        yield f"parameters are required together: {', '.join(group)}"
    for group in rules.without_any(relations, given):
        default = f"one of the following is required: {', '.join(group)}"
        yield schema.messages.get("required-one-of", default)
    if relations.required_if:
        for rule, missing in rules.unmet(relations, given, {**schema.defaults, **values}):
            kind = "any" if rule.one_is_enough else "all"
            yield (
                f"{rule.argument} is {rule.value} but {kind} of the following are missing: "
                f"{', '.join(missing)}"
            )
    for name, missing in rules.dependencies(relations, values):
        yield f"missing parameter(s) required by '{name}': {', '.join(missing)}"


def _unsupported(name: str, unknown: Mapping[str, Value], schema: ModuleSchema) -> str:
    listed = ", ".join(sorted(unknown))
    if "unknown" in schema.messages:
        return schema.messages["unknown"].format(name=name, unknown=listed)
    aliases = sorted(alias for a in schema.arguments.values() for alias in a.aliases)
    supported = ", ".join(sorted(schema.arguments)) + (
        f" ({', '.join(aliases)})" if aliases else ""
    )
    return (
        f"Unsupported parameters for ({schema.reported_as or name}) module: {listed}. "
        f"Supported parameters include: {supported}."
    )
