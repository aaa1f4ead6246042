"""`fail`, `set_fact`, `group_by`, `add_host`, `meta`: actions that only tell the run something."""

from __future__ import annotations

from understudy.execution.actions.base import Answer, Call, failure
from understudy.execution.effects import AddHost, AddToGroup, Meta
from understudy.values.template import render
from understudy.values.texts import VARIABLE_NAME, Template, Value, is_template
from understudy.values.world import Addition


async def fail(call: Call) -> Answer:
    """Fail with the given message."""
    return Answer({"failed": True, "msg": call.args["msg"]})


async def set_fact(call: Call) -> Answer:
    """Give the host variables; they are frozen as they are rendered now."""
    facts: dict[str, Value] = {}
    for key, value in call.args.items():
        if key == "cacheable":
            continue
        name = _fact_name(call, key)
        if not isinstance(name, str):
            shown = "" if isinstance(name, list | dict) else f" '{name}'"
            kind = type(name).__name__
            return failure(f"Task failed: Invalid variable name{shown} of type '{kind}'.")
        if not VARIABLE_NAME.fullmatch(name):
            return failure(f"Task failed: Invalid variable name '{name}'.")
        facts[name] = value
    if not facts:
        return failure(
            "No key/value pairs provided, at least one is required for this action to succeed"
        )
    cached = bool(call.args.get("cacheable"))
    return Answer({"changed": False, "ansible_facts": facts}, cached=cached)


def _fact_name(call: Call, key: Value) -> Value:
    """Return the name of a fact; one that the author wrote as a template is rendered."""
    action = call.task.action
    written = key in action.args and is_template(str(key))
    if not written:
        return str(key)
    return render(Template(str(key), action.arg_spans.get(str(key))), call.scope)


async def group_by(call: Call) -> Answer:
    """Put the host into a group named by a key."""
    group = str(call.args["key"]).replace(" ", "-")
    parents = tuple(str(name).replace(" ", "-") for name in call.args["parents"])
    if not group or not all(parents):
        return failure("Invalid empty/false group name provided: ''")
    addition = Addition(call.host.name, (group,), parents=parents)
    changed = call.scope.world.plan(call.task, addition)
    result = {"changed": changed, "add_group": group, "parent_groups": list(parents)}
    return Answer(result, AddToGroup(group, parents))


async def add_host(call: Call) -> Answer:
    """Add a host to the inventory of this run."""
    name, port = _address(str(call.args["name"]))
    if not name:
        return failure("Invalid empty host name provided: ''")
    groups = _names(call.args.get("groups"))
    variables = {k: v for k, v in call.args.items() if k not in {"name", "groups"}}
    if port is not None:
        variables["ansible_ssh_port"] = port
    added = {"host_name": name, "groups": list(groups), "host_vars": variables}
    changed = call.scope.world.plan(call.task, Addition(name, groups, variables))
    return Answer({"changed": changed, "add_host": added}, AddHost(name, groups, variables))


def _address(name: str) -> tuple[str, int | None]:
    """Take the port out of `host:port`; an address of IPv6 has one only in brackets."""
    host, colon, port = name.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    if not colon or not port.isdigit() or (":" in host and not bracketed):
        return name, None
    return host[1:-1] if bracketed else host, int(port)


def _names(value: Value) -> tuple[str, ...]:
    if not value:
        return ()
    parts = value.split(",") if isinstance(value, str) else value
    return tuple(str(part).strip() for part in parts)


async def meta(call: Call) -> Answer:
    """Steer the run."""
    if call.args["_raw_params"] == "reset_connection":
        await call.target.reset()
    return Answer({"changed": False, "skipped": False}, Meta(str(call.args["_raw_params"])))
