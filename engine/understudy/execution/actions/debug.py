"""`debug`: show a text or a variable."""

from __future__ import annotations

from understudy.execution.actions.base import Answer, Call
from understudy.values.errors import TemplateFailed
from understudy.values.show import show_value
from understudy.values.template import as_expression, render
from understudy.values.texts import Template, Value


async def debug(call: Call) -> Answer:
    """Return the message, or the value of `var` under its own text as the key."""
    if call.args["verbosity"] > call.settings.verbosity:
        return Answer({"skipped": True, "skipped_reason": "Verbosity threshold not met."})
    if call.args.get("var") is None:
        return Answer({"msg": call.args["msg"]}, is_message=True)
    if not isinstance(call.args["var"], str | Template):
        return Answer({"failed": True, "msg": _not_a_name(call.args["var"])})
    try:
        return Answer(_variable(call), is_message=True)
    except TemplateFailed as error:
        error.within("Error while resolving `var` expression: ")
        raise


def _not_a_name(var: Value) -> str:
    return (
        f"argument 'var' is of type {type(var).__name__} and we were unable to convert to"
        f" _check_type_str_no_conversion: '{var}' is not a string and conversion is not allowed"
    )


def _variable(call: Call) -> dict[str, Value]:
    written = call.args["var"]
    if isinstance(written, Template):
        written = render(written, call.scope)
    if not isinstance(written, str):
        return {str(type(written)): written}
    shown = show_value(as_expression(written, call.scope), call.scope)
    result: dict[str, Value] = {str(written): shown.value}
    return result | ({"warnings": [shown.warning]} if shown.failures else {})
