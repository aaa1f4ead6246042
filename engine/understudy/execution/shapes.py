"""The shape of a result: whatever a module or an action plugin gives is brought to it once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LISTS = ("warnings", "deprecations")


def well_shaped(result: dict[str, Any]) -> dict[str, Any]:
    """Return a result on whose lists and facts the run can rely.

    What is no list of warnings is left out and told, as Ansible does; facts that are no mapping
    make the result a failed one.
    """
    complaints = []
    for name in _LISTS:
        value = result.get(name, [])
        if isinstance(value, (list, tuple)):
            continue
        result = {key: other for key, other in result.items() if key != name}
        if value is not None:
            is_now = f"<class '{type(value).__name__}'> instead of <class 'list'>"
            complaints.append(f"Task result `{name}` was {is_now}.")
    if complaints:
        result = {**result, "warnings": [*result.get("warnings", ()), *complaints]}
    return _with_facts(result)


def _with_facts(result: dict[str, Any]) -> dict[str, Any]:
    facts = result.get("ansible_facts")
    if facts is None or isinstance(facts, Mapping):
        return result
    kept = {key: value for key, value in result.items() if key != "ansible_facts"}
    kind = type(facts).__name__
    msg = f"Task failed: `ansible_facts` must be a mapping, and it is <class '{kind}'>"
    if kept.get("failed"):  # its own message says more
        return kept
    return {**kept, "failed": True, "changed": bool(kept.get("changed")), "msg": msg}
