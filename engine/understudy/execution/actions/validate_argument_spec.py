"""`validate_argument_spec`: variables held against a spec, as a role with one does at its start."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy

from understudy.execution.actions.base import Answer, Call, failure
from understudy.playbook.argument_spec import Checked, check_spec
from understudy.playbook.spec_shape import spec_faults
from understudy.values.argument_types import type_name
from understudy.values.texts import Value


async def validate_argument_spec(call: Call) -> Answer:
    """Fail with everything that is wrong with the arguments."""
    spec = call.args["argument_spec"]
    provided = call.args.get("provided_arguments") or {}
    for name, value in (("argument_spec", spec), ("provided_arguments", provided)):
        if not isinstance(value, Mapping):
            kind = type_name(value)
            return failure(
                f"Task failed: Incorrect type for {name}, expected dict and got <class '{kind}'>"
            )
    wrong = [str(fault) for fault in spec_faults(spec)]
    if wrong:
        return failure("Task failed: The argument spec is wrong:\n" + "\n".join(wrong))
    given = {name: call.scope.get(name) for name in spec if name in call.scope}
    # A check converts what it is given, at any depth: that is nobody's variable.
    checked = check_spec(spec, deepcopy({**given, **provided}))
    call.hide(list(checked.secrets))  # before a fault quotes one
    errors = faults_of(checked)
    context: Value = call.args.get("validate_args_context") or {}
    if not errors:
        passed = "The arg spec validation passed"
        return Answer({"changed": False, "msg": passed, "validate_args_context": context})
    return failure(
        "Validation of arguments failed:\n" + "\n".join(errors),
        argument_errors=errors,
        argument_spec_data=dict(spec),
        validate_args_context=context,
    )


def faults_of(checked: Checked) -> list[str]:
    """Return everything that is wrong with arguments, names that the spec has not at the end."""
    errors = list(checked.faults)
    if checked.unsupported:
        names = ", ".join(sorted(checked.unsupported))
        errors.append(f"{names}. Supported parameters include: {checked.supported}.")
    return errors
