"""`assert`: conditions that must hold."""

from __future__ import annotations

from understudy.execution.actions.base import Answer, Call, Result
from understudy.text.source import Span
from understudy.values.template import condition
from understudy.values.texts import Authored, Condition, Expression, Template, Value


async def assert_(call: Call) -> Answer:
    """Evaluate every condition of `that`, and fail at the first that does not hold."""
    that = call.args["that"]
    for one in that if isinstance(that, list) else [that]:
        if not condition(_as_condition(one, call), call.scope, io_allowed=True):
            return Answer(_failed(call, one))
    message = call.args.get("success_msg") or "All assertions passed"
    return Answer({"changed": False, "msg": message})


def _failed(call: Call, one: Value) -> Result:
    message = call.args.get("fail_msg") or "Assertion failed"
    result: Result = {"failed": True, "changed": False, "msg": message}
    if not call.args["quiet"]:
        result |= {"evaluated_to": False, "assertion": _written(one)}
    return result


def _written(one: Value) -> Value:
    return one.text if isinstance(one, (Expression, Template)) else one


def _as_condition(one: Value, call: Call) -> Condition:
    """Return an author's text as a condition; a bool is one as it is."""
    if isinstance(one, (bool, Expression, Template)):
        return one
    place: Span | None = getattr(one, "span", None) or call.task.action.span
    return Expression(str(one), place) if isinstance(one, Authored) else _foreign(one, place)


def _foreign(one: Value, place: Span | None) -> Condition:
    if isinstance(one, str):
        return Template("{{ " + repr(one) + " }}", place)
    return Expression(repr(one), place)
