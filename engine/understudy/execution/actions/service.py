"""`service`: the module that is made for what manages the services of the target does it."""

from __future__ import annotations

from collections.abc import Mapping

from understudy.execution.actions.base import Answer, Call, Result, failure
from understudy.playbook.arguments import (
    ArgumentsInvalid,
    ModuleSchema,
    coerce_arguments,
    load_schema,
)
from understudy.playbook.module_names import short_name
from understudy.values.texts import Value

_GENERIC = "service"
_SPECIAL = ("systemd", "sysvinit")
_OWN = frozenset("arguments enabled name pattern runlevel sleep state use".split())
"""Arguments of `service` itself; the others are those of the special modules."""
_IGNORED: Mapping[str, tuple[str, ...]] = {"systemd": ("pattern", "runlevel", "sleep", "arguments")}
_UNSUPPORTED = (
    "Unsupported parameters for (ansible.legacy.service) module: {}. Supported parameters include:"
    " arguments, enabled, name, pattern, runlevel, sleep, state (args)."
)


async def service(call: Call) -> Answer:
    """Find out what manages services there, unless `use` says it, and run its module."""
    used = short_name(str(call.args["use"]))
    manager = await _manager(call) if used == "auto" else used
    module = manager if manager in _SPECIAL else _GENERIC
    given = _given(call)
    ignored = [name for name in _IGNORED.get(module, ()) if name in given]
    kept = {name: value for name, value in given.items() if name not in ignored}
    try:
        args = _arguments(module, kept)
    except ArgumentsInvalid as error:
        return failure(str(error))
    result = await call.target.conclude(module, args)
    told = [f'Ignoring "{name}" as it is not used in "{module}"' for name in ignored]
    return Answer(result | {"warnings": [*result.get("warnings", ()), *told]} if told else result)


def _given(call: Call) -> Result:
    """Return the arguments that say something: the defaults of `service` are not for others."""
    defaults = _schema(_GENERIC).defaults
    return {
        name: value
        for name, value in call.args.items()
        if name != "use" and value is not None and value != defaults.get(name)
    }


def _arguments(module: str, given: Result) -> dict[str, Value]:
    if module == _GENERIC:
        strange = sorted(given.keys() - _OWN)
        if strange:
            raise ArgumentsInvalid([_UNSUPPORTED.format(", ".join(strange))])
        return given
    return coerce_arguments(f"ansible.legacy.{module}", given, _schema(module))


def _schema(module: str) -> ModuleSchema:
    schema = load_schema(module)
    if schema is None:
        raise LookupError(module)
    return schema


async def _manager(call: Call) -> str:
    """Return what manages services, from the host's facts, else from a look at it."""
    facts = {} if call.task.inherited.delegate_to else call.scope.get("ansible_facts", {})
    known = facts.get("service_mgr") if isinstance(facts, Mapping) else None
    if known is None:
        asked = {"gather_subset": ["!all"], "filter": ["ansible_service_mgr"]}
        found = (await call.target.module("setup", asked)).get("ansible_facts") or {}
        known = found.get("ansible_service_mgr")
    return str(known)
