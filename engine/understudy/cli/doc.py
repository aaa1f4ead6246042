"""`understudy doc`: what a module takes, gives and looks like, read from its schema."""

from __future__ import annotations

import argparse
import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence

from understudy.cli.exits import Exit
from understudy.playbook.argument_relations import Relations
from understudy.playbook.module_names import short_name
from understudy.playbook.module_schema import (
    Argument,
    ModuleSchema,
    ReturnValue,
    all_schemas,
    known_modules,
    load_schema,
)
from understudy.text.diagnostic import did_you_mean

_NARROWEST, _WIDEST = 40, 100
_DEEP = "      "


def doc(arguments: Sequence[str]) -> int:
    """Print the documentation of the modules named, or the table of all; return the exit code."""
    made = parser()
    options = made.parse_args(arguments)
    if options.list == bool(options.names):
        made.error("name a module, or use --list")
    width = min(_WIDEST, max(_NARROWEST, shutil.get_terminal_size().columns))
    if options.list:
        print("\n".join(listing(width)))
        return Exit.OK
    found = [load_schema(short_name(name)) for name in options.names]
    for name, schema in zip(options.names, found, strict=True):
        if schema is None:
            print(_unknown(name), file=sys.stderr)
    print("\n\n".join("\n".join(page(schema, width)) for schema in found if schema))
    return Exit.OK if all(found) else Exit.ERROR


def parser() -> argparse.ArgumentParser:
    """Return the parser of `understudy doc`."""
    made = argparse.ArgumentParser(
        prog="understudy doc", description="Show what modules and actions take and give."
    )
    made.add_argument("names", nargs="*", metavar="NAME", help="modules, such as copy")
    made.add_argument("-l", "--list", action="store_true", help="all modules, a line for each")
    return made


def listing(width: int) -> Iterator[str]:
    """Yield a line for each module: name, what it can do, what it is for."""
    widest = max(map(len, known_modules()))
    yield f"{'module':{widest}}  check    diff     async  meaning"
    for schema in all_schemas():
        able = schema.supports
        detached = "yes" if able.detached else "no"
        start = f"{schema.name:{widest}}  {able.check_mode:8} {able.diff:8} {detached:6} "
        room = max(_NARROWEST // 2, width - len(start))
        yield start + textwrap.shorten(schema.description, room, placeholder=" …")


def page(schema: ModuleSchema, width: int) -> Iterator[str]:
    """Yield the lines of one module's documentation."""
    yield f"{schema.name}: {schema.description}"
    yield schema.way_of_running
    public = [one for one in schema.arguments.values() if not one.internal]
    if public:
        yield "\nArguments (* must be given):"
    for one in sorted(public, key=lambda one: (not one.required, one.name)):
        yield from _argument(one, width)
    for rule in _rules(schema.relations):
        yield from _wrapped(rule, width, "  ", _DEEP)
    if schema.unsupported:
        yield "\nNot supported:"
    for name, reason in schema.unsupported.items():
        yield from _wrapped(f"{name}: {reason}.", width, "  ", _DEEP)
    if schema.returns:
        yield "\nReturns:"
    for value in schema.returns:
        yield from _return(value, width)
    yield "\nExamples:"
    for example in schema.examples:
        yield textwrap.indent(example, "  ")


def _argument(one: Argument, width: int) -> Iterator[str]:
    kind = f"list of {one.elements}" if one.elements else one.type
    known = [
        kind,
        f"also {', '.join(one.aliases)}" if one.aliases else "",
        "" if one.default is None else f"default {_written(one.default)}",
        "never shown" if one.no_log else "",
    ]
    yield f"{'*' if one.required else ' '} {one.name} ({'; '.join(filter(None, known))})"
    choices = ", ".join(dict.fromkeys(map(_written, one.choices)))
    told = f"{one.description} One of {choices}." if choices else one.description
    yield from _wrapped(told, width, _DEEP)
    if one.deprecated:
        yield from _wrapped(f"Deprecated: {one.deprecated}", width, _DEEP)


def _rules(relations: Relations) -> Iterator[str]:
    """Yield what holds between arguments, a sentence each."""
    for names in relations.mutually_exclusive:
        yield f"At most one of {', '.join(names)}."
    for names in relations.required_one_of:
        yield f"At least one of {', '.join(names)}."
    for names in relations.required_together:
        yield f"All or none of {', '.join(names)}."
    for rule in relations.required_if:
        needed = (" or " if rule.one_is_enough else ", ").join(rule.needs)
        yield f"With {rule.argument}: {_written(rule.value)} there must be {needed}."
    for name, needs in relations.required_by:
        yield f"With {name} there must be {', '.join(needs)}."


def _return(value: ReturnValue, width: int) -> Iterator[str]:
    told = f"{value.name} ({value.type}, when: {value.returned}): {value.description}"
    yield from _wrapped(told, width, "  ", _DEEP)


def _wrapped(text: str, width: int, indent: str, hanging: str = "") -> list[str]:
    after = hanging or indent
    return textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=after)


def _written(value: object) -> str:
    """Return a value as one writes it in YAML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.encode("unicode_escape").decode() if isinstance(value, str) else str(value)


def _unknown(name: str) -> str:
    near = did_you_mean(short_name(name), known_modules())
    hint = f"did you mean `{near}`?" if near else "`understudy doc --list` shows all"
    return f"error: there is no module `{name}`; {hint}"
