"""`debug`: show a text or a variable."""

from __future__ import annotations

from understudy.execution.actions.base import Answer, Call
from understudy.values.errors import TemplateFailed
from understudy.values.lazy import OMIT
from understudy.values.scope import Scope
from understudy.values.show import show_value
from understudy.values.template import as_expression, render
from understudy.values.texts import Template, Value

_OMITTED = "<<Omit>>"
_NOT_OMITTED = (
    "The result of the `var` expression could not be omitted; a placeholder was used instead."
)


async def debug(call: Call) -> Answer:
    """Return the message, or the value of `var` under its own text as the key."""
    if call.args["verbosity"] > call.settings.verbosity:
        return Answer({"skipped": True, "skipped_reason": "Verbosity threshold not met."})
    written = call.args.get("var")
    try:
        if isinstance(written, Template):
            written = render(written, call.scope)
        if written is None or written is OMIT:
            return Answer({"msg": call.args["msg"]}, is_message=True)
        if not isinstance(written, str) and not isinstance(call.args["var"], Template):
            return Answer({"failed": True, "msg": _not_a_name(written)})
        return Answer(_variable(written, call.scope), is_message=True)
    except TemplateFailed as error:
        error.within("Error while resolving `var` expression: ")
        raise


def _not_a_name(var: Value) -> str:
    return (
        f"argument 'var' is of type {type(var).__name__} and we were unable to convert to"
        f" _check_type_str_no_conversion: '{var}' is not a string and conversion is not allowed"
    )


def _variable(written: Value, scope: Scope) -> dict[str, Value]:
    if not isinstance(written, str):
        return {str(type(written)): written}
    shown = show_value(as_expression(written, scope), scope)
    if shown.value is OMIT:
        return {str(written): _OMITTED, "warnings": [_NOT_OMITTED]}
    result: dict[str, Value] = {str(written): shown.value}
    return result | ({"warnings": [shown.warning]} if shown.failures else {})
