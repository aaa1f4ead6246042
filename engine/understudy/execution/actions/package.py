"""`package`: the module of the target's package manager does it."""

from __future__ import annotations

from collections.abc import Mapping

from understudy.execution.actions.base import Answer, Call, Result, failure
from understudy.execution.prepare import module_defaults
from understudy.playbook.arguments import ArgumentsInvalid, coerce_arguments, load_schema
from understudy.playbook.module_names import find_module, short_name
from understudy.values.texts import Value

_CHOICE = "ansible_package_use"
_NO_MODULE = 'Could not find a matching action for the "{}" package manager.'
_NO_MANAGER = (
    "Could not detect which package manager to use. Try gathering facts or setting the"
    ' "use" option.'
)


async def package(call: Call) -> Answer:
    """Find out what manages packages there, unless `use` says it, and run its module."""
    used = str(call.args.get("use") or "auto")
    if used == "auto":
        used = str(call.scope.get(_CHOICE, "auto"))
    module = await _manager(call) if used == "auto" else used
    if module in {"auto", "unknown", "None"}:
        return failure(_NO_MANAGER)
    name = find_module(module)
    schema = load_schema(short_name(module)) if name else None
    if name is None or schema is None:
        return failure(_NO_MODULE.format(module))
    name = short_name(module)
    given = {key: value for key, value in call.args.items() if key != "use" and value is not None}
    defaults = module_defaults(call.task, name, call.scope, io_allowed=True)
    try:
        args = coerce_arguments(f"ansible.legacy.{name}", defaults | given, schema)
    except ArgumentsInvalid as error:
        return failure(str(error))
    return Answer(await call.target.conclude(name, args))


async def _manager(call: Call) -> str:
    """Return what manages packages, from the host's facts, else from a look at it."""
    facts: Value = {} if call.task.inherited.delegate_to else call.scope.get("ansible_facts", {})
    known = facts.get("pkg_mgr") if isinstance(facts, Mapping) else None
    if known is None:
        asked: Result = {"gather_subset": ["!all"], "filter": ["ansible_pkg_mgr"]}
        found = (await call.target.module("setup", asked)).get("ansible_facts") or {}
        known = found.get("ansible_pkg_mgr")
    return str(known)
