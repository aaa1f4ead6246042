"""A task's arguments as written are held against the module's schema, before anything runs.

A Template or a vault text stands for any value: its presence counts, its value does not, and one
that says `omit` may be absent. What is not known is not reported. At run time `coerce_arguments`
does the rest with the finalised values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from understudy.playbook import argument_relations as rules
from understudy.playbook.argument_spec import boolean_choice
from understudy.playbook.coercion import (
    ArgumentsInvalid,
    alias_warnings,
    coerce_arguments,
    constraint_faults,
    secret_arguments,
)
from understudy.playbook.model import Action
from understudy.playbook.module_schema import (
    Argument,
    ModuleSchema,
    Names,
    known_modules,
    load_schema,
)
from understudy.text.diagnostic import Diagnostic, Label, Severity, did_you_mean
from understudy.text.source import Span
from understudy.values.argument_types import CONVERTERS
from understudy.values.texts import Expression, Template, Value, VaultText

__all__ = [
    "ArgumentsInvalid",
    "ModuleSchema",
    "alias_warnings",
    "check_arguments",
    "coerce_arguments",
    "known_modules",
    "load_schema",
    "secret_arguments",
]

_AT_LOAD = ("import_tasks", "include_tasks")
_FREE_TEXT = "the text after the name"

_KINDS: Mapping[str, str] = {
    "bits": "a number of bits such as `10Mb`",
    "bool": "a boolean: `true` or `false`",
    "bytes": "a size such as `10M`",
    "dict": "a mapping",
    "float": "a number",
    "int": "a whole number",
    "jsonarg": "a mapping, a list or JSON",
    "list": "a list",
    "str_or_list": "a text or a list of texts",
    "whole": "a whole number",
}


@dataclass(frozen=True, slots=True)
class _Given:
    """One argument as written: under which name, with which value, where."""

    written: str
    value: Value
    span: Span


_GivenByName: TypeAlias = Mapping[str, _Given]


def check_arguments(
    action: Action, schema: ModuleSchema, *, complete: bool = True
) -> list[Diagnostic]:
    """Return everything that is wrong with the arguments of a task, as far as the text tells.

    With `complete` false other arguments may come from elsewhere (`module_defaults`): nothing is
    reported as missing.
    """
    given, found = _sort_arguments(action, schema)
    for name, one in given.items():
        found += _check_value(schema.arguments[name], one)
    found += _check_conflicts(schema, given)
    if complete and action.template is None:
        found += _check_presence(action, schema, given)
    return found


def _sort_arguments(
    action: Action, schema: ModuleSchema
) -> tuple[dict[str, _Given], list[Diagnostic]]:
    given: dict[str, _Given] = {}
    found: list[Diagnostic] = []
    for written, value in _written_arguments(action):
        one = _Given(written, value, action.arg_spans.get(written, action.span))
        name = schema.canonical.get(written)
        if name is None or (schema.arguments[name].internal and written != "_raw_params"):
            found += _unknown(one, action, schema)
            continue
        if name in given:
            found.append(_given_twice(given[name], one))
        given[name] = one
    return given, found


def _written_arguments(action: Action) -> Iterator[tuple[str, Value]]:
    if action.free_form is not None:
        yield "_raw_params", action.free_form
    yield from action.args.items()


def _unknown(one: _Given, action: Action, schema: ModuleSchema) -> Iterator[Diagnostic]:
    if schema.any_name and one.written != "_raw_params":
        return
    if one.written == "_raw_params":
        yield Diagnostic(
            code="unexpected-text",
            message=f"`{action.written}` takes no text, only arguments",
            span=action.span,
            help=_example_of_use(action, schema),
        )
        return
    if one.written in schema.unsupported:
        if one.value is not None:
            yield _unsupported(one, action, schema.unsupported[one.written])
        return
    names = _public_names(schema)
    near = did_you_mean(one.written, names)
    listed = () if near or not names else (f"its arguments are {_quoted(names)}",)
    wording = schema.messages.get("unknown", "").format(name=action.written, unknown=one.written)
    says = (f"Ansible says: {wording}",) if wording else ()
    yield Diagnostic(
        code="unknown-argument",
        message=f"`{one.written}` is not an argument of `{action.written}`",
        span=one.span,
        severity=Severity.WARNING if schema.unknown_ignored else Severity.ERROR,
        help=f"did you mean `{near}`?" if near else None,
        notes=(*listed, *says),
    )


def _unsupported(one: _Given, action: Action, reason: str) -> Diagnostic:
    return Diagnostic(
        code="unsupported-argument",
        message=f"`{one.written}` of `{action.written}` is not supported",
        span=one.span,
        notes=(reason,),
    )


def _public_names(schema: ModuleSchema) -> list[str]:
    names = (n for n, canonical in schema.canonical.items() if n != "_raw_params")
    return sorted(n for n in names if not schema.arguments[schema.canonical[n]].internal)


def _example_of_use(action: Action, schema: ModuleSchema) -> str:
    names = list(schema.required) or _public_names(schema)[:1]
    arguments = " ".join(f"{name}=…" for name in names)
    return f"write `{action.written}: {arguments}`" if names else f"write `{action.written}:`"


def _given_twice(first: _Given, second: _Given) -> Diagnostic:
    return Diagnostic(
        code="argument-given-twice",
        message=f"`{first.written}` and `{second.written}` are the same argument",
        span=second.span,
        severity=Severity.WARNING,
        others=(Label(first.span, "first given here"),),
        help="remove one of them",
    )


def _check_value(argument: Argument, one: _Given) -> Iterator[Diagnostic]:
    if argument.deprecated is not None:
        yield _finding("deprecated-argument", f"`{one.written}` is deprecated", one, argument)
    if argument.expression or _is_unknown(one.value):
        return
    if one.value is None and not argument.required and argument.default is None:
        return
    try:
        value = CONVERTERS[argument.type](one.value)
    except ValueError:
        yield _wrong_type(_shown_name(one), one.value, argument.type, one.span)
        return
    if isinstance(value, list) and argument.elements is not None:
        value, found = _known_elements(argument, value, one)
        yield from found
    elif _holds_unknown(value):
        return
    yield from _check_choices(argument, value, one)
    yield from _check_pattern(argument, value, one)
    if argument.constraints is not None:
        for fault in constraint_faults(argument, value):
            yield _finding("argument-value", fault, one, argument)


def _known_elements(
    argument: Argument, items: list[Value], one: _Given
) -> tuple[list[Value], list[Diagnostic]]:
    """Return the elements whose value is known and of the right type, and findings on the rest."""
    elements = argument.elements or "raw"
    known: list[Value] = []
    found: list[Diagnostic] = []
    for item in items:
        if _is_unknown(item):
            continue
        try:
            known.append(CONVERTERS[elements](item))
        except ValueError:
            where = f"an element of `{one.written}`"
            found.append(_wrong_type(where, item, elements, _span_of(item, one)))
    return known, found


def _wrong_type(name: str, value: Value, expected: str, span: Span) -> Diagnostic:
    kind = _KINDS.get(expected, expected)
    return Diagnostic(
        code="argument-type",
        message=f"{name} must be {kind}, not {_shown(value)}",
        span=span,
    )


def _check_choices(argument: Argument, value: Value, one: _Given) -> Iterator[Diagnostic]:
    if not argument.choices:
        return
    for item in value if isinstance(value, list) else [value]:
        if item in argument.choices or boolean_choice(item, argument.choices) is not None:
            continue
        near = did_you_mean(str(item), map(str, argument.choices))
        hint = f"did you mean `{near}`? " if near else ""
        yield Diagnostic(
            code="argument-choice",
            message=f"{_shown_name(one)} cannot be {_shown(item)}",
            span=_span_of(item, one),
            help=f"{hint}it is one of {_quoted(argument.choices)}",
        )


def _check_pattern(argument: Argument, value: Value, one: _Given) -> Iterator[Diagnostic]:
    if argument.pattern is None:
        return
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str) and not argument.pattern.search(item):
            message = f"{_shown_name(one)} cannot be {_shown(item)}"
            yield _finding("argument-value", message, one, argument)


def _check_conflicts(schema: ModuleSchema, given: _GivenByName) -> Iterator[Diagnostic]:
    certain = {name for name, one in given.items() if not _may_be_absent(one.value)}
    for group in rules.conflicts(schema.relations, certain):
        first, *rest = (given[name] for name in group if name in certain)
        yield Diagnostic(
            code="argument-conflict",
            message=f"{' and '.join(map(_shown_name, (first, *rest)))} exclude each other",
            span=rest[-1].span,
            others=tuple(Label(one.span, "given here") for one in (first, *rest[:-1])),
            help="give only one of them",
        )


def _check_presence(
    action: Action, schema: ModuleSchema, given: _GivenByName
) -> Iterator[Diagnostic]:
    known = {n: g.value for n, g in given.items() if not _is_unknown(g.value)}
    values = {**{n: v for n, v in schema.defaults.items() if n not in given}, **known}
    relations = schema.relations
    unknown = [name for name, _ in _written_arguments(action) if name not in schema.canonical]
    misspelt = {did_you_mean(name, schema.canonical) for name in unknown}
    for name in schema.required:
        if name not in given and name not in misspelt:
            yield _missing(action, schema, (name,))
    if len(unknown) < schema.minimum_free_names:
        yield _missing(action, schema, ())
    for group in rules.incomplete(relations, given):
        missing = tuple(name for name in group if name not in given)
        there = next(given[name] for name in group if name in given)
        yield _missing(action, schema, missing, because=f"`{there.written}` is given")
    for group in rules.without_any(relations, given):
        yield _missing(action, schema, group, one_is_enough=True)
    for rule, missing in rules.unmet(relations, given, values):
        reason = f"`{rule.argument}` is {_shown(rule.value)}"
        yield _missing(action, schema, missing, because=reason, one_is_enough=rule.one_is_enough)
    for name, missing in rules.dependencies(relations, given):
        yield _missing(action, schema, missing, because=f"`{given[name].written}` is given")


def _missing(
    action: Action,
    schema: ModuleSchema,
    names: Names,
    *,
    because: str | None = None,
    one_is_enough: bool = False,
) -> Diagnostic:
    shown = [_FREE_TEXT if name == "_raw_params" else f"`{name}`" for name in names]
    needs = (" or " if one_is_enough else ", ").join(shown) or "at least one name with a value"
    when = f" when {because}" if because else ""
    wording = schema.messages.get("missing", "") if schema.name in _AT_LOAD else ""
    says = (f"Ansible says: {wording.format(name=action.written)}",) if wording else ()
    return Diagnostic(
        code="missing-argument",
        message=f"`{action.written}` needs {needs}{when}",
        span=action.span,
        notes=(
            *(
                f"`{name}`: {schema.arguments[name].description}"
                for name in names
                if name != "_raw_params"
            ),
            *says,
        ),
    )


def _finding(code: str, message: str, one: _Given, argument: Argument) -> Diagnostic:
    deprecated = argument.deprecated
    return Diagnostic(
        code=code,
        message=message,
        span=_span_of(one.value, one),
        severity=Severity.WARNING if code == "deprecated-argument" else Severity.ERROR,
        notes=(f"`{one.written}`: {argument.description}",),
        help=deprecated.rstrip(".") if deprecated else None,
    )


def _span_of(value: Value, one: _Given) -> Span:
    """Return the place of the value itself, when the text it came from is known."""
    return getattr(value, "span", None) or one.span


def _is_unknown(value: Value) -> bool:
    return isinstance(value, Template | VaultText | Expression)


def _holds_unknown(value: Value) -> bool:
    if isinstance(value, Mapping):
        return any(_holds_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(_holds_unknown(item) for item in value)
    return _is_unknown(value)


def _may_be_absent(value: Value) -> bool:
    return isinstance(value, Template) and "omit" in value.text


def _shown_name(one: _Given) -> str:
    return _FREE_TEXT if one.written == "_raw_params" else f"`{one.written}`"


def _shown(value: Value) -> str:
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return "nothing" if value is None else f"`{value}`"


def _quoted(names: Iterable[Value]) -> str:
    return ", ".join(f"`{name}`" for name in names)
