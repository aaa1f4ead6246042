"""`assert`: conditions that must hold."""

from __future__ import annotations

from understudy.execution.actions.base import Answer, Call, Result
from understudy.values.conditions import is_wrapped
from understudy.values.template import condition, render
from understudy.values.texts import Expression, Template, Value


async def assert_(call: Call) -> Answer:
    """Evaluate every condition of `that`, and fail at the first that does not hold."""
    for one in _conditions(call):
        if not condition(one, call.scope):
            return Answer(_failed(call, one), is_message=not call.args["quiet"])
    message = call.args.get("success_msg") or "All assertions passed"
    return Answer({"changed": False, "msg": message}, is_message=not call.args["quiet"])


def _conditions(call: Call) -> list[Value]:
    """Return the items of `that`; a template as a whole may give a list of them."""
    that = call.args["that"]
    if isinstance(that, Template) and is_wrapped(that.text):
        given = render(that, call.scope)
        return given if isinstance(given, list) else [that]
    return that if isinstance(that, list) else [that]


def _failed(call: Call, one: Value) -> Result:
    message = call.args.get("fail_msg") or "Assertion failed"
    assertion = one.text if isinstance(one, (Expression, Template)) else one
    shown = {"evaluated_to": False, "assertion": assertion}
    return {"failed": True, "changed": False, "msg": message, **shown}
