"""`debug`: show a text or a variable."""

from __future__ import annotations

from understudy.execution.actions.base import Answer, Call, failure
from understudy.values.show import show_value
from understudy.values.template import render
from understudy.values.texts import Authored, Expression, Template, Value

_UNTRUSTED = (
    "Task failed: Error while resolving `var` expression:"
    " Encountered untrusted template or expression."
)


async def debug(call: Call) -> Answer:
    """Return the message, or the value of `var` under its own text as the key."""
    if call.args["verbosity"] > call.settings.verbosity:
        return Answer({"skipped": True, "skipped_reason": "Verbosity threshold not met."})
    name = call.args.get("var")
    if name is None:
        return Answer({"msg": call.args["msg"]})
    if isinstance(name, Template):
        name = render(name, call.scope)
    if isinstance(name, str) and not isinstance(name, Authored):
        return failure(_UNTRUSTED)
    return Answer(_variable(call, name))


def _variable(call: Call, name: Value) -> dict[str, Value]:
    if not isinstance(name, str):
        return {str(type(name)): name}
    shown = show_value(Expression(str(name), getattr(name, "span", None)), call.scope)
    result: dict[str, Value] = {str(name): shown.value}
    if shown.failures:
        result["warnings"] = [shown.warning]
    return result
