"""`set_stats`: figures of the author's own, for the whole run or for each host."""

from __future__ import annotations

from collections.abc import Mapping

from understudy.execution.actions.base import Answer, Call, failure
from understudy.execution.effects import Stats
from understudy.values.texts import VARIABLE_NAME


async def set_stats(call: Call) -> Answer:
    """Give the run figures, which are shown after the recap if the configuration asks for it."""
    data = call.args.get("data") or {}
    if not isinstance(data, Mapping):
        return failure("The 'data' option needs to be a dictionary/hash")
    wrong = next((str(name) for name in data if not VARIABLE_NAME.fullmatch(str(name))), None)
    if wrong is not None:
        return failure(f"Task failed: Invalid variable name '{wrong}'.")
    per_host, aggregate = bool(call.args["per_host"]), bool(call.args["aggregate"])
    told = {"data": dict(data), "per_host": per_host, "aggregate": aggregate}
    effect = Stats(dict(data), per_host=per_host, aggregate=aggregate)
    return Answer({"changed": False, "ansible_stats": told}, effect)
