"""One task on one host, or one item of its loop: from `when` to the result that stands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from understudy.connections.base import (
    BecomeFailed,
    ModuleCall,
    NoPython,
    TransferFailed,
    Unreachable,
)
from understudy.connections.bootstrap import NOT_FOUND
from understudy.events import Output, Retrying, TaskRef, Timings
from understudy.execution import diagnosis
from understudy.execution.actions.base import Answer
from understudy.execution.addressing import Addressed, addressed, named_delegate
from understudy.execution.attempt import NO_TRACEBACK, Done, Retry, UntilFailed, judge
from understudy.execution.effects import Effect, Include
from understudy.execution.host import HostState
from understudy.execution.keywords import KeywordInvalid, Keywords, to_bool, to_int
from understudy.execution.learning import Learned
from understudy.execution.metas import unconditional
from understudy.execution.perform import AsyncRefused, Attempt, ModuleMissing, TimedOut
from understudy.execution.polling import pause
from understudy.execution.prepare import (
    Prepared,
    Skip,
    finalise_arguments,
    prepare,
    schema_of,
    unmet,
)
from understudy.execution.services import Services
from understudy.execution.streaming import Lines
from understudy.execution.target import TaskTarget
from understudy.playbook.coercion import ArgumentsInvalid, secret_arguments
from understudy.playbook.model import Task
from understudy.text.diagnostic import Diagnostic
from understudy.values.errors import TemplateFailed
from understudy.values.hostvars import DelegatedVars
from understudy.values.plugin_warnings import warnings_go_to
from understudy.values.scope import Plain, Scope
from understudy.values.template import condition, render
from understudy.values.texts import Condition, Template, Value

Result = dict[str, Any]
INCLUDES = frozenset({"include_tasks", "include_role"})
_RAISED = (
    TemplateFailed,
    UntilFailed,
    ModuleMissing,
    KeywordInvalid,
    TimedOut,
    Unreachable,
    BecomeFailed,
    TransferFailed,
)


_OPEN_FILES = "ansible_python_module_rlimit_nofile"


@dataclass(slots=True)
class Outcome:
    """How one item ended."""

    result: Result
    effect: Effect | None = None
    attempts: int = 1
    delegated_to: str | None = None
    learned: Learned | None = None
    diagnostic: Diagnostic | None = None
    timings: Timings = field(default_factory=Timings)
    notify: tuple[str, ...] = ()
    no_log: bool = False
    diff: bool = False
    is_message: bool = False
    ignored: bool = False
    """Whether the failure, or loss, of a loop's item is ignored."""


@dataclass(slots=True)
class ItemRun:
    """One item's way through a task. `label` is None without a loop."""

    services: Services
    task: Task
    ref: TaskRef
    host: HostState
    scope: Scope
    base_dir: Path
    label: Value = None
    item_vars: Mapping[str, Value] = field(default_factory=dict)
    loop_error: TemplateFailed | None = None
    """Why the loop's items could not be had; it counts only if `when` holds."""
    outcome: Outcome = field(default_factory=lambda: Outcome({}))
    where: Addressed | None = None
    lines: Lines | None = None
    """Takes what the task's commands write, if that is shown."""

    async def run(self) -> Outcome:
        """Return how the item ended; every failure is a result."""
        try:
            with warnings_go_to(self._plugin_warns):
                self.outcome.result = await self._run()
        except _RAISED as cause:
            self._fail(f"Task failed: {_message(cause)}", cause)
        except (ArgumentsInvalid, AsyncRefused) as cause:
            self._fail(str(cause), cause)
        result = self.outcome.result
        if result.get("failed"):
            result.setdefault("msg", "Task failed: Action failed: Unknown error.")
        if result.get("failed") or result.get("unreachable"):
            result.setdefault("exception", NO_TRACEBACK)
            if self.outcome.diagnostic is None:
                self.outcome.diagnostic = diagnosis.of_result(self.task, result)
        return self.outcome

    def _plugin_warns(self, message: str) -> None:
        if not self.outcome.no_log:
            self.services.plugin_warns(message)

    def _fail(self, message: str, cause: Exception) -> None:
        result: Result = {"failed": True, "changed": False, "msg": message}
        if isinstance(cause, NoPython) and cause.interpreter:
            message = f"The module interpreter '{cause.interpreter}' was not found."
            said = {"module_stdout": "", "module_stderr": cause.why, "rc": NOT_FOUND}
            result |= {"msg": message, **said}
        elif isinstance(cause, Unreachable):
            result = {"unreachable": True, "changed": False, "msg": message}
        if isinstance(cause, TimedOut):
            result["timedout"] = {"frame": _NO_FRAME, "period": cause.period_s}
        origin = cause.cause if isinstance(cause, UntilFailed) else cause
        self.outcome.result = result
        self.outcome.diagnostic = diagnosis.of_exception(self.task, origin, message, self.scope)

    async def _run(self) -> Result:
        ready = await self.services.rendered(self.task, self._prepare)
        if isinstance(ready, Skip):
            return ready.result
        if isinstance(ready, Include):
            self.outcome.effect = ready
            return {"include": ready.name, "include_args": {}}
        attempt = self._attempt(ready)
        try:
            return await self._repeat(attempt)
        finally:
            if self.lines is not None:
                self.lines.finish()
            self.outcome.timings = attempt.target.timings

    def _prepare(self, io_allowed: bool) -> Skip | Include | Prepared:  # noqa: FBT001
        """Decide `when`, and finalise what the task needs."""
        read = Keywords(self.scope, io_allowed)
        own = self.task.inherited
        default = self.services.settings.no_log
        self.outcome.no_log = read.read("no_log", own.no_log, to_bool, default)
        here = self.scope.with_fallback(Plain(ansible_host=self.host.name))
        self._check_delegate(here, io_allowed=io_allowed)
        skip = unmet(self.task, here, io_allowed=io_allowed)
        regardless = unconditional(self.task)
        if regardless is not None:
            self.services.world.warn(regardless)
        elif skip is not None:
            return skip
        if self.loop_error is not None:
            raise self.loop_error
        if self.task.action.name in INCLUDES:
            self.scope = here
            return self._include(io_allowed=io_allowed)
        self.where = self._addressed(io_allowed=io_allowed)
        self.outcome.delegated_to = self.where.delegate_shown
        if self.where.delegated_to is not None:
            self.scope = self.scope.with_layer(_delegated_vars(self.where))
        self.scope = self.scope.with_fallback(self._connection_variables(self.where))
        return prepare(self.task, self.scope, self.services.settings, io_allowed=io_allowed)

    def _check_delegate(self, scope: Scope, *, io_allowed: bool) -> None:
        """Fail if the delegate cannot be had; it is shown as it is written then."""
        try:
            named_delegate(self.task, scope, io_allowed=io_allowed)
        except TemplateFailed:
            raw = self.task.inherited.delegate_to
            self.outcome.delegated_to = raw.text if isinstance(raw, Template) else None
            raise

    def _addressed(self, *, io_allowed: bool) -> Addressed:
        world, settings = self.services.world, self.services.settings
        return addressed(
            self.task, self.host.name, self.scope, world, settings, io_allowed=io_allowed
        )

    def _connection_variables(self, where: Addressed) -> Plain:
        """Return what Ansible tells a task of its connection where variables do not."""
        found = Plain(ansible_host=where.delegated_to or self.host.name)
        user = self.task.inherited.remote_user or self.services.settings.login.user
        if user is not None:
            found["ansible_user"] = user
        if where.delegated_to is not None:
            known = ("ansible_host", "ansible_port", "ansible_user")
            found.update({name: where.scope.get(name) for name in known if name in where.scope})
        return found

    def _include(self, *, io_allowed: bool) -> Include:
        args = finalise_arguments(self.task, self.scope, io_allowed=io_allowed)
        name = args["name" if self.task.action.name == "include_role" else "file"]
        return Include(str(name), args, self.item_vars, self.label)

    def _attempt(self, ready: Prepared) -> Attempt:
        if self.where is None:
            raise AssertionError(self.task.action.name)
        for name in secret_arguments(schema_of(self.task)) & ready.args.keys():
            self.services.secrets.add(ready.args[name])
        for password in self.where.address.passwords:
            self.services.secrets.add(password)
        self.outcome.no_log, self.outcome.diff = ready.no_log, ready.diff
        self.outcome.notify = ready.notify
        attempt = Attempt(
            services=self.services,
            task=self.task,
            ref=self.ref,
            host=self.host,
            scope=self.scope,
            ready=ready,
            target=TaskTarget(self.services, self.where.address, self._common(ready)),
            base_dir=self.base_dir,
            label=self.label,
            delegated_to=self.where.delegated_to,
        )
        attempt.target.throttle = self._throttle()
        return attempt

    def _throttle(self) -> asyncio.Semaphore | None:
        raw = self.task.inherited.throttle
        if raw is None:
            return None
        return self.services.throttle(
            self.task, Keywords(self.scope).read("throttle", raw, to_int, 0)
        )

    def _common(self, ready: Prepared) -> ModuleCall:
        environment = dict(ready.environment)
        if ready.async_s or self._asks_for_a_job:
            environment.setdefault("ANSIBLE_ASYNC_DIR", self._async_dir())
        return ModuleCall(
            module=self.task.action.name,
            args={},
            check_mode=ready.check_mode,
            diff=ready.diff,
            no_log=ready.no_log,
            verbosity=self.services.settings.verbosity,
            environment=environment,
            open_files=self._open_files(),
            on_output=self._listener(ready),
        )

    def _open_files(self) -> int:
        """Return how many files modules may have open: by variable, else by configuration."""
        if _OPEN_FILES not in self.scope:
            return self.services.settings.open_files
        value = render(self.scope.raw(_OPEN_FILES), self.scope)
        return Keywords(self.scope).read(_OPEN_FILES, value, to_int, 0)

    def _listener(self, ready: Prepared) -> Callable[[str, bytes], None] | None:
        """Return who takes what the task's commands write, if that is to be shown."""
        if not self.services.settings.stream or ready.no_log:
            return None
        self.lines = Lines(self._tell_line)
        return self.lines.add

    def _tell_line(self, stream: str, line: str) -> None:
        text = self.services.secrets.masked(line)
        self.services.emit(
            Output(task=self.ref, host=self.host.name, stream=stream, text=text, label=self.label)
        )

    def _async_dir(self) -> str:
        """Return the directory of job files: by variable, else by configuration."""
        scope = self.where.scope if self.where else self.scope
        if "ansible_async_dir" in scope:
            return str(scope.get("ansible_async_dir"))
        return self.services.settings.async_dir

    async def _repeat(self, attempt: Attempt) -> Result:
        """Make attempts until one's result stands."""
        started = _now()
        number = 1
        while True:
            self.outcome.attempts = number
            result = self._taken(await attempt.answer())
            verdict = judge(result, attempt.ready.rules, number, self._evaluate)
            if isinstance(verdict, Done):
                self._note_wait(attempt.ready, number, _now() - started)
                return verdict.result
            self._tell_retry(verdict, attempt.ready, number, _now() - started)
            await self._delay(attempt.target, verdict)
            number += 1

    def _taken(self, answer: Answer) -> Result:
        """Note what an attempt gave; its own conditions see the facts in it."""
        self.outcome.effect, self.outcome.is_message = answer.effect, answer.is_message
        facts = answer.result.get("ansible_facts")
        self.outcome.learned = None
        if isinstance(facts, dict):
            host = self._host_of_facts()
            self.outcome.learned = Learned(
                host, self.task.action.name, facts, self.task.span, answer.cached
            )
        return answer.result

    def _host_of_facts(self) -> HostState:
        """Return the host that the task's facts are of: the delegate with `delegate_facts`."""
        raw = self.task.inherited.delegate_facts
        delegate = self.where.delegated_to if self.where else None
        read = Keywords(self.scope, io_allowed=True)
        if delegate and read.read("delegate_facts", raw, to_bool, default=False):
            return self.services.world.state(delegate)
        return self.host

    def _evaluate(self, text: Condition, result: Result) -> bool:
        scope = self.scope
        learned = self.outcome.learned
        if learned is not None and learned.host is self.host:
            scope = scope.with_layer(learned.layer(inject=self.services.settings.inject_facts))
        if self.task.register:
            scope = scope.with_layer(Plain({self.task.register: result}))
        return condition(text, scope)

    @property
    def _asks_for_a_job(self) -> bool:
        return self.task.action.name == "async_status"

    def _note_wait(self, ready: Prepared, number: int, waited_s: float) -> None:
        if self._asks_for_a_job and number > 1:
            self.services.waits.add(self.ref.id, self.host.name, waited_s, ready.rules.delay_s)

    def _tell_retry(self, retry: Retry, ready: Prepared, number: int, waited_s: float) -> None:
        self.services.emit(
            Retrying(
                task=self.ref,
                host=self.host.name,
                attempt=number,
                retries=ready.rules.retries,
                delay_s=retry.delay_s,
                waited_s=waited_s,
                result=self.services.secrets.masked(retry.result),
                label=self.label,
                status_check=self._asks_for_a_job and not retry.result.get("finished", True),
                job_id=retry.result.get("ansible_job_id"),
                delegated_to=self.outcome.delegated_to,
            )
        )

    async def _delay(self, target: TaskTarget, retry: Retry) -> None:
        started = _now()
        results_file = retry.result.get("results_file")
        if self._asks_for_a_job and results_file and not retry.result.get("finished"):
            await self._await_job(target, str(results_file), retry.delay_s)
        else:
            await asyncio.sleep(retry.delay_s)
        target.waited(_now() - started)

    async def _await_job(self, target: TaskTarget, results_file: str, seconds: float) -> None:
        """Wait for the end of a job; when its host is lost meanwhile, for the next attempt."""
        due = _now() + seconds
        try:
            connection = await target.reached()
            await pause(connection, results_file, seconds, self.services.settings.timing)
        except Unreachable:
            await asyncio.sleep(max(0.0, due - _now()))


def _delegated_vars(where: Addressed) -> Plain:
    """Return the variable that tells a delegated task about its delegate."""
    name = where.delegated_to or where.host
    known = where.scope.with_fallback(Plain(ansible_host=name))
    return Plain(ansible_delegated_vars=DelegatedVars(name, known))


_NO_FRAME = "The timedout.frame value is not available here."


def _message(cause: Exception) -> str:
    return cause.why if isinstance(cause, Unreachable) else str(cause)


def _now() -> float:
    return asyncio.get_running_loop().time()
