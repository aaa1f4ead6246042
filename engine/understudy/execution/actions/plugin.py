"""Action plugins of the project's own: code of the controller, written for Ansible, in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from pathlib import Path
from shlex import quote
from types import SimpleNamespace
from typing import Any, TypeVar

from understudy.connections.base import BecomeFailed, TransferFailed, Unreachable
from understudy.execution.actions.base import (
    ActionFunction,
    Answer,
    Call,
    Result,
    failure,
    find_file,
)
from understudy.execution.actions.raw import result_of
from understudy.execution.actions.validate_argument_spec import faults_of
from understudy.playbook.argument_spec import check_spec
from understudy.playbook.arguments import ArgumentsInvalid, coerce_arguments, load_schema
from understudy.playbook.module_names import short_name
from understudy.values.errors import TemplateFailed
from understudy.values.hostvars import VariablesView
from understudy.values.plugins import load_action
from understudy.values.scope import Rendering
from understudy.values.template import render
from understudy.values.texts import Value

T = TypeVar("T")
_OURS = (Unreachable, BecomeFailed, TransferFailed, TemplateFailed, ArgumentsInvalid)


async def run_plugin(call: Call, path: Path, actions: dict[str, ActionFunction]) -> Answer:
    """Run an action plugin; what it raises is the failure of the task."""
    bridge = _Bridge(call, asyncio.get_running_loop(), actions)
    try:
        result = await asyncio.to_thread(_run, path, bridge)
    except _OURS:
        raise
    except Exception as error:  # noqa: BLE001 (whatever a plugin raises)
        return _ended_early(error)
    return Answer(dict(result or {}))


def _ended_early(error: Exception) -> Answer:
    """Return the answer of a plugin that raised; with two exceptions it ends on purpose."""
    kind, told = type(error).__name__, getattr(error, "result", {})
    if kind == "AnsibleActionSkip":
        return Answer({"changed": False, "skipped": True, "msg": str(error), **told})
    prefix = "" if kind == "AnsibleActionFail" else "Task failed: "
    return failure(f"{prefix}{error}", **told)


def _run(path: Path, bridge: _Bridge) -> Result:
    plugin = load_action(path)(**bridge.given())
    result: Result = plugin.run(task_vars=VariablesView(Rendering(bridge.call.scope)))
    return result


@dataclass(slots=True)
class _Bridge:
    """What a plugin, in its thread, calls for its connection: it waits for the loop's answer."""

    call: Call
    loop: asyncio.AbstractEventLoop
    actions: dict[str, ActionFunction]
    transport: str = field(init=False)
    _shell: SimpleNamespace = field(init=False)

    def __post_init__(self) -> None:
        self.transport = self.call.target.connection_kind
        self._shell = SimpleNamespace(tmpdir=None, join_path=lambda *parts: "/".join(parts))

    def given(self) -> dict[str, Any]:
        """Return what a plugin is made with."""
        call, task = self.call, self.call.task
        view = SimpleNamespace(
            args=dict(call.args),
            action=task.action.written,
            name=None if task.name is None else str(task.name),
            check_mode=call.check_mode,
            diff=call.diff,
            async_val=0,
            delegate_to=None,
            no_log=False,
            environment=[],
        )
        view.get_name = lambda: view.name or view.action
        return {
            "task": view,
            "connection": self,
            "play_context": SimpleNamespace(
                check_mode=call.check_mode,
                diff=call.diff,
                verbosity=call.settings.verbosity,
                remote_addr=call.host.name,
            ),
            "loader": SimpleNamespace(find=self._find, get_basedir=self._folder),
            "templar": SimpleNamespace(template=self._template, available_variables={}),
            "shared_loader_obj": SimpleNamespace(
                action_loader=SimpleNamespace(get=lambda name, **more: _Named(self, name, more))
            ),
        }

    def run_module(self, name: str, args: Result) -> Result:
        """Run a module by its name and return its result."""
        return self._wait(self.call.fact_module(name, args))

    def run_command(self, line: str, executable: str | None) -> Result:
        """Run a command line there; return its status and its output."""
        shell = executable or self.call.settings.executable
        reply = self._wait(self.call.target.shell(f"{shell} -c {quote(line)}"))
        result = result_of(reply)
        return {name: result[name] for name in result if name not in ("changed", "failed", "msg")}

    def run_action(self, name: str, args: Result) -> Result:
        """Run an action of ours, or the module of this name, and return its result."""
        short = short_name(name)
        action, schema = self.actions.get(short), load_schema(short)
        if action is None or schema is None:
            return self.run_module(name, args)
        coerced = coerce_arguments(short, args, schema)
        return self._wait(_answered(action, replace(self.call, args=coerced)))

    def check_spec(self, spec: Result, relations: Result) -> tuple[Result, list[str]]:
        """Return the task's arguments as a spec has them, and what is wrong with them."""
        checked = check_spec(spec, self.call.args, relations)
        return checked.values, faults_of(checked)

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def _find(self, folder: str, name: str) -> str:
        found = find_file(name, self.call.search_path, folder)
        if isinstance(found, list):
            raise FileNotFoundError(f"Unable to find '{name}' in expected paths.")
        return str(found)

    def _folder(self) -> str:
        return str(self.call.search_path[-1])

    def _template(self, value: Value, **_: object) -> Value:
        return render(value, self.call.scope)


@dataclass(slots=True)
class _Named:
    """Another action, which a plugin has asked for by its name."""

    bridge: _Bridge
    name: str
    more: dict[str, Any]

    def run(self, tmp: str | None = None, task_vars: object = None) -> Result:  # noqa: ARG002
        return self.bridge.run_action(self.name, dict(self.more["task"].args))


async def _answered(action: ActionFunction, call: Call) -> Result:
    return (await action(call)).result
