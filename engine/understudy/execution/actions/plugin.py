"""Action plugins of the project's own: code of the controller, written for Ansible, in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from concurrent.futures import CancelledError
from dataclasses import dataclass, field, replace
from pathlib import Path
from shlex import quote
from types import SimpleNamespace
from typing import Any, TypeVar

from understudy.connections.address import BecomeAs
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
from understudy.execution.own_thread import in_own_thread
from understudy.playbook.argument_spec import check_spec
from understudy.playbook.arguments import ArgumentsInvalid, coerce_arguments, load_schema
from understudy.playbook.module_names import short_name
from understudy.values.errors import TemplateFailed
from understudy.values.hostvars import VariablesView
from understudy.values.plugins import as_data, load_action, no_exit
from understudy.values.scope import Rendering
from understudy.values.template import render
from understudy.values.texts import Value

T = TypeVar("T")
_OURS = (Unreachable, BecomeFailed, TransferFailed, TemplateFailed, ArgumentsInvalid)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a plugin may read of its task's keywords, as they are on this host."""

    no_log: bool = False
    async_s: int = 0
    poll_s: int = 0
    delegate_to: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    become: BecomeAs | None = None


class _Abandoned(BaseException):  # `except Exception` in a plugin must not keep it alive
    """The task has ended without its plugin: it was cancelled, or its time was over."""


async def run_plugin(
    call: Call, path: Path, actions: dict[str, ActionFunction], about: Circumstances
) -> Answer:
    """Run an action plugin; what it raises is the failure of the task."""
    bridge = _Bridge(call, asyncio.get_running_loop(), actions, about)
    try:
        return Answer(await in_own_thread(_run, path, bridge))
    except asyncio.CancelledError:
        bridge.abandon()
        raise
    except _OURS:
        raise
    except Exception as error:  # noqa: BLE001 (whatever a plugin raises)
        return _ended_early(error)


def _ended_early(error: Exception) -> Answer:
    """Return the answer of a plugin that raised; with two exceptions it ends on purpose."""
    kind, told = type(error).__name__, _told_by(error)
    if kind == "AnsibleActionSkip":
        return Answer({"changed": False, "skipped": True, "msg": str(error), **told})
    prefix = "" if kind == "AnsibleActionFail" else "Task failed: "
    return failure(f"{prefix}{error}", **told)


def _told_by(error: Exception) -> Result:
    """Return the result that an exception carries, as far as it is data."""
    try:
        return _result_in(getattr(error, "result", None))
    except Exception:  # noqa: BLE001 (the error itself matters more)
        return {}


def _run(path: Path, bridge: _Bridge) -> Result:
    with no_exit():
        plugin = load_action(path)(**bridge.given())
        return _result_in(plugin.run(task_vars=VariablesView(Rendering(bridge.call.scope))))


def _result_in(given: object) -> Result:
    """Return what a plugin gave as a result; raise TypeError if it is none."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise TypeError(f"the action plugin returned {type(given).__name__!r}, not a dictionary")
    result: Result = as_data(given)
    return result


@dataclass(slots=True)
class _Bridge:
    """What a plugin, in its thread, calls for its connection: it waits for the loop's answer."""

    call: Call
    loop: asyncio.AbstractEventLoop
    actions: dict[str, ActionFunction]
    about: Circumstances
    transport: str = field(init=False)
    _shell: SimpleNamespace = field(init=False)
    _abandoned: bool = False
    _pending: set[asyncio.Task[Any]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.transport = self.call.target.connection_kind
        self._shell = SimpleNamespace(tmpdir=None, join_path=lambda *parts: "/".join(parts))

    def given(self) -> dict[str, Any]:
        """Return what a plugin is made with."""
        return {
            "task": self._task_view(),
            "connection": self,
            "play_context": self._play_context(),
            "loader": SimpleNamespace(find=self._find, get_basedir=self._folder),
            "templar": SimpleNamespace(template=self._template, available_variables={}),
            "shared_loader_obj": SimpleNamespace(
                action_loader=SimpleNamespace(get=lambda name, **more: _Named(self, name, more))
            ),
        }

    def _task_view(self) -> SimpleNamespace:
        call, task, about = self.call, self.call.task, self.about
        view = SimpleNamespace(
            args=dict(call.args),
            action=task.action.written,
            name=None if task.name is None else str(task.name),
            check_mode=call.check_mode,
            diff=call.diff,
            async_val=about.async_s,
            poll=about.poll_s,
            delegate_to=about.delegate_to,
            no_log=about.no_log,
            environment=[dict(about.environment)] if about.environment else [],
            **_become_of(about.become),
        )
        view.get_name = lambda: view.name or view.action
        return view

    def _play_context(self) -> SimpleNamespace:
        return SimpleNamespace(
            check_mode=self.call.check_mode,
            diff=self.call.diff,
            verbosity=self.call.settings.verbosity,
            remote_addr=self.call.host.name,
            no_log=self.about.no_log,
            **_become_of(self.about.become),
        )

    def abandon(self) -> None:
        """End what the plugin waits for, and let it begin nothing more; call it on the loop."""
        self._abandoned = True
        for task in self._pending:
            task.cancel()

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
        self.call.hide(list(checked.secrets))  # before a fault quotes one
        return checked.values, faults_of(checked)

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        if self._abandoned:
            work.close()
            raise _Abandoned
        try:
            return asyncio.run_coroutine_threadsafe(self._wanted(work), self.loop).result()
        except CancelledError:
            if self._abandoned:
                raise _Abandoned from None
            raise

    async def _wanted(self, work: Coroutine[Any, Any, T]) -> T:
        """Do what a plugin waits for, unless nobody waits for the plugin any more."""
        task = asyncio.current_task()
        if self._abandoned or task is None:
            work.close()
            raise asyncio.CancelledError
        self._pending.add(task)
        try:
            return await work
        finally:
            self._pending.discard(task)

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


def _become_of(become: BecomeAs | None) -> dict[str, Any]:
    if become is None:
        return {"become": False, "become_user": None, "become_method": None}
    return {"become": True, "become_user": become.user, "become_method": become.method}


async def _answered(action: ActionFunction, call: Call) -> Result:
    return (await action(call)).result
