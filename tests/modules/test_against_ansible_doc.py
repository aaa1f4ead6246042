"""Our schemas say of a module's arguments what the oracle's documentation and declarations say.

What differs on purpose stands in TOLERATED, with its reason; what is missing, in `x-unsupported`.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.parity.oracle import oracle
from understudy.resources import SCHEMAS

pytestmark = [pytest.mark.oracle, pytest.mark.slow]

FILES = {path.stem: path for path in sorted((SCHEMAS / "modules").glob("*.json"))}
Json = dict[str, Any]

FREE = "the text after the module's name, which has no name of its own"
EVERY_TYPE = "the documentation says less than what the action takes"
ONE_MODULE = "the schema is also that of the module that the action calls"
BY_ACTION = "the action calls the module of the manager that it finds"
TOLERATED: dict[str, str] = {
    "apt.name.missing": "`package` is the declared name, and `name` its alias",
    "apt.package.extra": "`package` is the declared name, and `name` its alias",
    "assert.fail_msg.type": EVERY_TYPE,
    "assert.success_msg.type": EVERY_TYPE,
    "assert.that.type": EVERY_TYPE,
    "assert.that.elements": EVERY_TYPE,
    "command.executable.extra": "accepted, but not documented",
    "command.free_form.missing": FREE,
    "copy.content.no_log": "the action takes it away before anything is shown",
    "copy.content.type": EVERY_TYPE,
    "copy.relations": "the action checks them, and the module has no `content`",
    "debug.msg.type": EVERY_TYPE,
    "fail.msg.type": EVERY_TYPE,
    "fetch.src.type": "the action looks at its kind itself",
    "gather_facts.fact_path.extra": "passed on to `setup`",
    "gather_facts.filter.extra": "passed on to `setup`",
    "gather_facts.gather_subset.extra": "passed on to `setup`",
    "gather_facts.gather_timeout.extra": "passed on to `setup`",
    "git.dest.required": "only where it is cloned, which the module checks",
    "dnf.use_backend.aliases": "`use` is accepted, but not documented",
    "import_role.name.aliases": "`role` is accepted, but not documented",
    "import_tasks.file.required": "it is either this or the free form, which is the same here",
    "import_tasks.free-form.missing": FREE,
    "include_role.apply.type": EVERY_TYPE,
    "include_role.name.aliases": "`role` is accepted, but not documented",
    "include_role.rescuable.extra": "accepted, but not documented",
    "include_tasks.apply.type": EVERY_TYPE,
    "include_tasks.file.required": "it is either this or the free form, which is the same here",
    "include_tasks.free-form.missing": FREE,
    "include_vars.extensions.default": "in another order",
    "include_vars.free-form.missing": FREE,
    "iptables.tcp_flags.suboptions": "a mapping that the module checks",
    "meta.free_form.missing": FREE,
    "package_facts.manager.choices": "the words of a list are checked by the module",
    "package.name.required": BY_ACTION,
    "package.name.type": BY_ACTION,
    "package.state.required": BY_ACTION,
    "pause.minutes.type": "only whole numbers are taken",
    "pause.seconds.type": "only whole numbers are taken",
    "raw.executable.type": "a path",
    "raw.free_form.missing": FREE,
    "reboot.reboot_command.default": "depends on the target, in words",
    "script.chdir.type": "a path",
    "script.free_form.missing": FREE,
    "service.daemon_reexec.extra": BY_ACTION,
    "service.daemon_reload.extra": BY_ACTION,
    "service.daemonize.extra": BY_ACTION,
    "service.force.extra": BY_ACTION,
    "service.masked.extra": BY_ACTION,
    "service.no_block.extra": BY_ACTION,
    "service.runlevels.extra": BY_ACTION,
    "service.scope.extra": BY_ACTION,
    "service.relations": BY_ACTION,
    "set_fact.key_value.missing": "stands for any name",
    "set_stats.aggregate.type": "templates of words are taken too",
    "set_stats.data.required": "the action takes a call without it",
    "set_stats.data.type": EVERY_TYPE,
    "set_stats.per_host.type": "templates of words are taken too",
    "shell.argv.extra": ONE_MODULE,
    "shell.expand_argument_vars.extra": ONE_MODULE,
    "shell.free_form.missing": FREE,
    "shell.strip_empty_ends.extra": ONE_MODULE,
    "sysvinit.results.returned": "stands for the keys that are named beside it",
    "template.comment_end_string.default": "the documentation has Jinja's own in words",
    "template.comment_start_string.default": "the documentation has Jinja's own in words",
    "template.newline_sequence.choices": "both spellings of each are taken",
    "template.newline_sequence.default": "the character itself",
    "unarchive.relations": "the action checks one more",
    "user.skeleton.type": "a path",
    "user.ssh_key_comment.default": "made of the host's name, by the module",
    "validate_argument_spec.argument_spec.type": EVERY_TYPE,
    "validate_argument_spec.provided_arguments.type": EVERY_TYPE,
    "validate_argument_spec.validate_args_context.extra": "given by role argument checks",
}


@cache
def documented() -> Json:
    """Return the oracle's documentation of the modules that it has, by short name."""
    command = [str(oracle().parent / "ansible-doc"), "-t", "module", "-j"]
    names = [f"ansible.builtin.{name}" for name in FILES]
    done = subprocess.run([*command, *names], capture_output=True, text=True, check=True)
    return {name.rpartition(".")[2]: doc for name, doc in json.loads(done.stdout).items()}


@cache
def declared() -> Json:
    """Return what the oracle's modules declare: relations, secrets, check mode."""
    program = Path(__file__).parent / "oracle_specs.py"
    command = [str(oracle().parent / "python"), str(program), *documented()]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd="/")
    return {name: found for name, found in json.loads(done.stdout).items() if found}


def differences(name: str, schema: Json) -> Iterator[tuple[str, object, object]]:
    """Yield what differs, the oracle's side first."""
    options = documented()[name]["doc"].get("options") or {}
    known = {key for key in schema["properties"] if not key.startswith("_")}
    for key in sorted(options.keys() - known - schema.get("x-unsupported", {}).keys()):
        yield f"{name}.{key}.missing", options[key].get("type"), None
    for key in sorted(known - options.keys()):
        yield f"{name}.{key}.extra", None, schema["properties"][key]["x-type"]
    for key in sorted(known & options.keys()):
        ours = {**_ours(schema["properties"][key]), "required": key in schema.get("required", ())}
        theirs = _theirs(options[key])
        for aspect, value in theirs.items():
            if value != ours[aspect]:
                yield f"{name}.{key}.{aspect}", value, ours[aspect]
    returned = documented()[name].get("return") or {}
    for key in sorted(returned.keys() - schema["x-returns"].keys()):
        yield f"{name}.{key}.returned", returned[key]["returned"], None
    if name in declared():
        yield from _declared_differences(name, schema, declared()[name])


def _theirs(option: Json) -> Json:
    choices = option.get("choices")
    return {
        "type": option.get("type", "str"),
        "elements": option.get("elements"),
        "default": _converted(option.get("default"), option.get("type", "str")),
        "aliases": sorted(option.get("aliases") or []),
        "choices": choices and sorted(map(str, choices)),
        "suboptions": sorted(option.get("suboptions") or []) or None,
        "required": bool(option.get("required")),
    }


def _converted(default: Any, kind: str) -> Any:
    """Return a default as the module gets it; the documentation may have it as a text."""
    if kind == "bool" and isinstance(default, str):
        return default.lower() in ("yes", "true", "on")
    if kind == "list" and default is not None and not isinstance(default, list):
        return [default]
    if kind in ("int", "float") and isinstance(default, str):
        return float(default)
    return default


def _ours(argument: Json) -> Json:
    inner = argument.get("items", argument)
    choices = argument.get("enum") or argument.get("items", {}).get("enum")
    return {
        "type": argument["x-type"],
        "elements": argument.get("items", {}).get("x-type"),
        "default": argument.get("default"),
        "aliases": sorted(argument.get("x-aliases", [])),
        "choices": choices and sorted(map(str, choices)),
        "suboptions": sorted(inner.get("properties", {})) or None,
    }


def _declared_differences(
    name: str, schema: Json, theirs: Json
) -> Iterator[tuple[str, object, object]]:
    relations, ours = _relations(theirs), _our_relations(schema)
    if relations != ours:
        yield f"{name}.relations", relations, ours
    secrets = {key for key, one in schema["properties"].items() if one.get("no_log")}
    for key in sorted(secrets ^ set(theirs["secrets"])):
        yield f"{name}.{key}.no_log", key in theirs["secrets"], key in secrets
    supports = schema["x-supports"]["check_mode"] != "none"
    if theirs["supports_check_mode"] != supports:
        yield f"{name}.check_mode", theirs["supports_check_mode"], supports


def _relations(spec: Json) -> Json:
    conditions = [
        [one[0], str(one[1]), sorted(one[2]), bool(one[3:] and one[3])]
        for one in spec["required_if"] or []
    ]
    by = (spec["required_by"] or {}).items()
    # What has a default is there always: a group with such a one asks for nothing.
    one_of = [
        group for group in spec["required_one_of"] or [] if not {*group} & {*spec["defaults"]}
    ]
    return {
        "exclusive": _groups(spec["mutually_exclusive"]),
        "together": _groups(spec["required_together"]),
        "one of": _groups(one_of),
        "if": sorted(conditions),
        "by": {key: [names] if isinstance(names, str) else list(names) for key, names in by},
    }


def _our_relations(schema: Json) -> Json:
    conditions = [
        [one["argument"], str(one["value"]), sorted(one["needs"]), bool(one.get("any"))]
        for one in schema.get("x-required-if", [])
    ]
    return {
        "exclusive": _groups(schema.get("x-mutually-exclusive")),
        "together": _groups(schema.get("x-required-together")),
        "one of": _groups(schema.get("x-required-one-of")),
        "if": sorted(conditions),
        "by": schema.get("x-required-by", {}),
    }


def _groups(groups: Any) -> list[list[str]]:
    return sorted(sorted(group) for group in groups or [])


def _read(name: str) -> Json:
    schema: Json = json.loads(FILES[name].read_text("utf-8"))
    return schema


@pytest.mark.parametrize("name", FILES)
def test_arguments_are_those_of_ansible(name: str) -> None:
    """Names, types, defaults, aliases, choices, relations, secrets and returned keys."""
    if name not in documented():
        pytest.skip("not a module of ansible-core")
    found = {where: pair for where, *pair in differences(name, _read(name))}
    assert found.keys() - TOLERATED.keys() == set(), _shown(found)
    stale = {where for where in TOLERATED if where.startswith(f"{name}.")} - found.keys()
    assert stale == set(), "tolerated, but no longer different"


def _shown(found: Mapping[str, list[object]]) -> str:
    new = {where: pair for where, pair in found.items() if where not in TOLERATED}
    return "\n".join(f"{where}: theirs {a!r}, ours {b!r}" for where, (a, b) in new.items())


@pytest.mark.parametrize("name", FILES)
def test_unsupported_arguments_are_those_of_ansible(name: str) -> None:
    """What a schema calls unsupported is an argument of Ansible's that ours has not."""
    schema = _read(name)
    unsupported = schema.get("x-unsupported", {}).keys()
    assert not unsupported & schema["properties"].keys()
    if name in documented():
        assert unsupported <= documented()[name]["doc"].get("options", {}).keys()
