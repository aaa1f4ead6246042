"""`set_stats`: figures of the author's own, for the whole run or for each host."""

from __future__ import annotations

from collections.abc import Mapping

from understudy.execution.actions.base import Answer, Call, failure
from understudy.execution.effects import Stats
from understudy.values.argument_types import to_bool
from understudy.values.texts import VARIABLE_NAME, Value


def _is_true(value: Value) -> bool:
    """Return a boolean; whatever is none is false, as in Ansible."""
    try:
        return to_bool(value)
    except ValueError:
        return False


async def set_stats(call: Call) -> Answer:
    """Give the run figures, which are shown after the recap if the configuration asks for it."""
    data = call.args.get("data") or {}
    if not isinstance(data, Mapping):
        return failure("The 'data' option needs to be a dictionary/hash")
    wrong = next((str(name) for name in data if not VARIABLE_NAME.fullmatch(str(name))), None)
    if wrong is not None:
        return failure(f"Task failed: Invalid variable name '{wrong}'.")
    per_host, aggregate = _is_true(call.args["per_host"]), _is_true(call.args["aggregate"])
    told = {"data": dict(data), "per_host": per_host, "aggregate": aggregate}
    effect = Stats(dict(data), per_host=per_host, aggregate=aggregate)
    return Answer({"changed": False, "ansible_stats": told}, effect)
