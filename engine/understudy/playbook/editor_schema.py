"""One JSON Schema for playbooks, files of tasks and inventories, for editors: draft-07, bundled.

It is made of the keyword table and the modules' schemas. Keywords are strict: what is neither one
nor a module is wrong. Values are described as an author writes them, so every one may be a
template, and `yes` is a boolean. No `oneOf` over plays or tasks: an editor would show the mistakes
of every branch, so the mapping's own keys decide which one it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from understudy.playbook import kinds
from understudy.playbook.json_schema import schema_of
from understudy.playbook.keywords import Place
from understudy.playbook.kinds import TEMPLATE_PATTERN
from understudy.playbook.module_names import BUILTIN_PREFIXES, FROM_COLLECTIONS
from understudy.playbook.module_schema import Argument, ModuleSchema, all_schemas
from understudy.playbook.prompts import KEYS

JsonSchema = dict[str, Any]

_IMPORT_PLAYBOOK = "import_playbook"
_STATEMENTS = {
    "include_tasks": Place.INCLUDE_TASKS,
    "import_tasks": Place.IMPORT_TASKS,
    "include_role": Place.INCLUDE_ROLE,
    "import_role": Place.IMPORT_ROLE,
}
_OF_COLLECTIONS = r"^(?!ansible\.(builtin|legacy)\.)[a-z0-9_]+\.[a-z0-9_]+\.[a-z0-9_.]+$"
_SECTIONS = ("tasks", "pre_tasks", "post_tasks")
_HINTS = {
    "async": "It is killed after these seconds. With `poll: 0` nothing waits for it: collect it "
    "with `async_status` and `until`.",
    "poll": "The first check comes only after these seconds. Without `async` it has no effect.",
    "until": "It must give a boolean. Without `retries` there are 4 attempts; a task fails when "
    "they are used up.",
    "retries": "There is one attempt more than this. Times `delay` it is how long is waited.",
    "delay": "Seconds of pause between attempts, none after the last.",
}
_ANYTHING: JsonSchema = {}
_LISTED = ["array", "string", "number", "boolean", "null"]


def bundle(modules: Iterable[str] = ()) -> JsonSchema:
    """Return the whole schema; `modules` are further names that a task may call."""
    own = dict.fromkeys(modules, _ANYTHING)
    schemas = [one for one in all_schemas() if one.name not in (*_STATEMENTS, _IMPORT_PLAYBOOK)]
    statements = [one for one in all_schemas() if one.name in _STATEMENTS]
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$comment": "made by `understudy schema`",
        "title": "A playbook, a file of tasks or an inventory",
        "if": {"type": "array"},
        "then": {"items": {"$ref": "#/definitions/step"}},
        "else": {"$ref": "#/definitions/inventory"},
        "type": ["array", "object", "null"],
        "definitions": {
            "step": _by_key({"hosts": "play", _IMPORT_PLAYBOOK: _IMPORT_PLAYBOOK}, "task"),
            "play": _play(),
            _IMPORT_PLAYBOOK: _import_playbook(),
            "role": _role(),
            "prompt": _closed(dict.fromkeys(KEYS, _ANYTHING), "A question to the user"),
            "task": _by_key({"block": "block", **{n: n for n in _STATEMENTS}}, "call"),
            "handler": _by_key({n: n for n in _STATEMENTS}, "handled"),
            "block": _block(),
            **{one.name: _statement(one) for one in statements},
            "call": _call(Place.TASK, schemas, own),
            "handled": _call(Place.HANDLER, schemas, own),
            "loop_control": _place(Place.LOOP_CONTROL),
            **{f"module.{one.name}": _module(one) for one in schemas},
            "inventory": _inventory(),
            "group": _group(),
        },
    }


def _ref(name: str) -> JsonSchema:
    return {"$ref": f"#/definitions/{name}"}


def _names(name: str) -> list[str]:
    """Return every way to write a module's name."""
    if name in FROM_COLLECTIONS:
        return [name, f"{FROM_COLLECTIONS[name]}.{name}"]
    return [name, *(prefix + name for prefix in BUILTIN_PREFIXES)]


def _by_key(kinds_: Mapping[str, str], otherwise: str) -> JsonSchema:
    """Return what decides by the key that a mapping has what it must be."""
    decided = _ref(otherwise)
    for key, name in reversed(list(kinds_.items())):
        has_it = {"anyOf": [{"required": [one]} for one in _names(key)]}
        decided = {"if": has_it, "then": _ref(name), "else": decided}
    return decided


def _place(place: Place) -> JsonSchema:
    """Return the strict schema of the keywords in a place, without what is only ours."""
    schema = {k: v for k, v in schema_of(place).items() if k != "$schema"}
    properties = {name: _property(name, value) for name, value in schema["properties"].items()}
    return {**schema, "properties": properties, "additionalProperties": False}


def _property(name: str, value: Mapping[str, Any]) -> JsonSchema:
    kept = {k: v for k, v in value.items() if k not in ("title", "x-rendered")}
    if name in _HINTS:
        kept["description"] = f"{value['description']} {_HINTS[name]}"
    return kept


def _play() -> JsonSchema:
    play = _place(Place.PLAY)
    lists = dict.fromkeys(_SECTIONS, "task") | {"handlers": "handler", "roles": "role"}
    for name, item in lists.items():
        play["properties"][name]["items"] = _ref(item)
    play["properties"]["vars_prompt"] |= {"items": _ref("prompt")}
    return play


def _import_playbook() -> JsonSchema:
    schema = _place(Place.IMPORT_PLAYBOOK)
    for name in _names(_IMPORT_PLAYBOOK):
        schema["properties"][name] = {"description": "The playbook to import.", "type": "string"}
    return schema


def _role() -> JsonSchema:
    role = _place(Place.ROLE)
    named = {"description": "The role's name.", "type": ["string", "integer"]}
    role["properties"] |= {"role": named, "name": named}
    # what is no keyword is a parameter of the role
    return role | {"type": ["object", "string"], "additionalProperties": True}


def _block() -> JsonSchema:
    block = _place(Place.BLOCK)
    for name in ("block", "rescue", "always"):
        block["properties"][name]["items"] = _ref("task")
    return block


def _statement(module: ModuleSchema) -> JsonSchema:
    schema = _place(_STATEMENTS[module.name])
    for name in _names(module.name):
        schema["properties"][name] = _module(module)
    return _with_loop_control(schema)


def _call(place: Place, modules: Iterable[ModuleSchema], own: JsonSchema) -> JsonSchema:
    schema = _place(place)
    for module in modules:
        for name in _names(module.name):
            schema["properties"][name] = _ref(f"module.{module.name}")
    schema["properties"] |= own
    schema["patternProperties"] = {**schema["patternProperties"], _OF_COLLECTIONS: _ANYTHING}
    return _with_loop_control(schema)


def _with_loop_control(schema: JsonSchema) -> JsonSchema:
    if "loop_control" in schema["properties"]:
        schema["properties"]["loop_control"] = _ref("loop_control")
    return schema


def _closed(properties: JsonSchema, title: str) -> JsonSchema:
    return {
        "title": title,
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


def _module(module: ModuleSchema) -> JsonSchema:
    """Return what may stand after a module's name: arguments, a text of them, or nothing."""
    properties: JsonSchema = {}
    for argument in module.arguments.values():
        if not argument.internal:
            names = (argument.name, *argument.aliases)
            properties |= {name: _argument(argument) for name in names}
    return {
        "description": module.description,
        "type": ["object", "string", "array", "null"],
        "properties": properties,
        "additionalProperties": module.any_name or module.unknown_ignored,
    }


def _argument(argument: Argument) -> JsonSchema:
    schema: JsonSchema = {"description": argument.description}
    if argument.default is not None:
        schema["default"] = argument.default
    if argument.choices and argument.type == "str":
        template = {"type": "string", "pattern": TEMPLATE_PATTERN}
        return {**schema, "anyOf": [{"enum": [*argument.choices, None]}, template]}
    return {**schema, **_AS_WRITTEN.get(argument.type, _ANYTHING)}


_AS_WRITTEN: Mapping[str, Mapping[str, Any]] = {
    "bool": kinds.BOOL.schema,
    "int": kinds.INT.schema,
    "float": kinds.FLOAT.schema,
    "list": {"type": _LISTED},
    "dict": {"type": ["object", "string", "null"]},
    "path": {"type": ["string", "number", "boolean", "null"]},
}
"""What an author may write for an argument of a type; of others nothing is known."""


def _inventory() -> JsonSchema:
    """Return the schema of an inventory in YAML: groups, or a plugin with its options."""
    return {
        "title": "An inventory",
        "type": ["object", "null"],
        "if": {"required": ["plugin"]},
        "then": {"properties": {"plugin": {"type": "string"}}},
        "else": {"additionalProperties": _ref("group")},
    }


def _group() -> JsonSchema:
    variables = {"type": ["object", "null"]}
    hosts = {"description": "Hosts with their variables.", "additionalProperties": variables}
    children = {
        "description": "Groups inside this one.",
        "additionalProperties": _ref("group"),
    }
    properties = {
        "hosts": {**hosts, "type": ["object", "null", "string"]},
        "children": {**children, "type": ["object", "null", "string"]},
        "vars": {**variables, "description": "Variables of every host in it."},
    }
    return {**_closed(properties, "A group"), "type": ["object", "null"]}
