"""The controller-side halves of tasks: one registry from an action's name to its function."""

from understudy.execution.actions.assemble import assemble
from understudy.execution.actions.base import ActionFunction
from understudy.execution.actions.check import assert_
from understudy.execution.actions.copy import copy
from understudy.execution.actions.debug import debug
from understudy.execution.actions.fetch import fetch
from understudy.execution.actions.gather_facts import gather_facts
from understudy.execution.actions.include_vars import include_vars
from understudy.execution.actions.package import package
from understudy.execution.actions.pause import pause
from understudy.execution.actions.raw import raw
from understudy.execution.actions.reboot import reboot
from understudy.execution.actions.script import script
from understudy.execution.actions.service import service
from understudy.execution.actions.set_stats import set_stats
from understudy.execution.actions.simple import add_host, fail, group_by, meta, set_fact
from understudy.execution.actions.template import template
from understudy.execution.actions.unarchive import unarchive
from understudy.execution.actions.uri import uri
from understudy.execution.actions.validate_argument_spec import validate_argument_spec
from understudy.execution.actions.wait_for_connection import wait_for_connection

ACTIONS: dict[str, ActionFunction] = {
    "add_host": add_host,
    "assemble": assemble,
    "assert": assert_,
    "copy": copy,
    "debug": debug,
    "fail": fail,
    "fetch": fetch,
    "gather_facts": gather_facts,
    "group_by": group_by,
    "include_vars": include_vars,
    "meta": meta,
    "package": package,
    "pause": pause,
    "raw": raw,
    "reboot": reboot,
    "script": script,
    "service": service,
    "set_fact": set_fact,
    "set_stats": set_stats,
    "template": template,
    "unarchive": unarchive,
    "uri": uri,
    "validate_argument_spec": validate_argument_spec,
    "wait_for_connection": wait_for_connection,
}
"""Every other name is a module, which runs on the target without a half here."""

ONCE_FOR_ALL = frozenset({"add_host", "pause"})
"""Actions that run for the first host only, whatever `run_once` says."""
