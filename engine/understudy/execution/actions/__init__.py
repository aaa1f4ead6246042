"""The controller-side halves of tasks: one registry from an action's name to its function."""

from understudy.execution.actions.base import ActionFunction
from understudy.execution.actions.check import assert_
from understudy.execution.actions.copy import copy
from understudy.execution.actions.debug import debug
from understudy.execution.actions.gather_facts import gather_facts
from understudy.execution.actions.include_vars import include_vars
from understudy.execution.actions.pause import pause
from understudy.execution.actions.simple import add_host, fail, group_by, meta, set_fact

ACTIONS: dict[str, ActionFunction] = {
    "add_host": add_host,
    "assert": assert_,
    "copy": copy,
    "debug": debug,
    "fail": fail,
    "gather_facts": gather_facts,
    "group_by": group_by,
    "include_vars": include_vars,
    "meta": meta,
    "pause": pause,
    "set_fact": set_fact,
}
"""Every other name is a module, which runs on the target without a half here."""

ONCE_FOR_ALL = frozenset({"add_host", "pause"})
"""Actions that run for the first host only, whatever `run_once` says."""
