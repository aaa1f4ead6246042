"""`debug`: show a text or a variable."""

from __future__ import annotations

from understudy.execution.actions.base import Answer, Call
from understudy.values.errors import TemplateFailed
from understudy.values.template import evaluate
from understudy.values.texts import Expression, Value


async def debug(call: Call) -> Answer:
    """Return the message, or the value of `var` under its own text as the key."""
    needed = call.args["verbosity"]
    if needed > call.settings.verbosity:
        return Answer({"skipped": True, "skipped_reason": "Verbosity threshold not met."})
    name = call.args.get("var")
    if name is None:
        return Answer({"msg": call.args["msg"]})
    return Answer(_variable(call, name))


def _variable(call: Call, name: Value) -> dict[str, Value]:
    if not isinstance(name, str):
        return {str(type(name)): name}
    try:
        return {str(name): evaluate(Expression(name), call.scope)}
    except TemplateFailed as error:
        shown = f"<< error 1 - {error.message} >>"
        warning = f"Encountered 1 template error.\nerror 1 - {error.message}"
        return {str(name): shown, "warnings": [warning]}
