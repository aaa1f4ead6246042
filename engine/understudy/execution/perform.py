"""One attempt of a task on one host: its action is called, or its job launched and waited for."""

from __future__ import annotations

import asyncio
import re
from base64 import b64encode
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from understudy.connections.base import JobRequest, ModuleCall
from understudy.events import (
    ConnectionLost,
    ConnectionRestored,
    JobEnded,
    JobPolled,
    JobStarted,
    TaskRef,
    Told,
)
from understudy.execution.actions import ACTIONS
from understudy.execution.actions.base import Answer, Call, failure
from understudy.execution.actions.plugin import Circumstances, run_plugin
from understudy.execution.host import HostState
from understudy.execution.job import Job
from understudy.execution.polling import JobWait, Tell
from understudy.execution.prepare import Prepared, module_defaults, schema_of
from understudy.execution.search import search_path
from understudy.execution.services import Services
from understudy.execution.shapes import well_shaped
from understudy.execution.target import LaunchTarget, TaskTarget
from understudy.playbook.arguments import coerce_arguments
from understudy.playbook.model import Task
from understudy.playbook.module_names import find_module, short_name
from understudy.playbook.module_schema import load_schema
from understudy.playbook.user_modules import UserModule
from understudy.text.diagnostic import Diagnostic
from understudy.values.scope import Scope
from understudy.values.texts import Value

T = TypeVar("T")
Result = dict[str, Any]
_INTERPRETER = re.compile(r"ansible_\w+_interpreter")


class TimedOut(Exception):  # noqa: N818 (names what happened)
    """The action did not return within the task's `timeout`."""

    def __init__(self, period_s: int) -> None:
        super().__init__(f"Timed out after {period_s} second(s).")
        self.period_s = period_s


class ModuleMissing(Exception):  # noqa: N818 (names what happened)
    """A module that the configuration names is not there."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The module {name} was not found in configured module paths")


class AsyncRefused(Exception):  # noqa: N818 (names what happened)
    """The action cannot run as a job."""

    def __init__(self, action: str) -> None:
        super().__init__(f"This action ({action}) does not support async.")


@dataclass(frozen=True, slots=True)
class Attempt:
    """What every attempt of a task on a host has in common."""

    services: Services
    task: Task
    ref: TaskRef
    host: HostState
    scope: Scope
    ready: Prepared
    target: TaskTarget
    base_dir: Path
    label: Value = None
    delegated_to: str | None = None

    async def answer(self) -> Answer:
        """Call the action once; raise TimedOut, AsyncRefused, Unreachable, TemplateFailed."""
        if self.ready.async_s:
            return await self._job()
        return await self._in_time(self._action(self.target))

    async def _in_time(self, work: Coroutine[Any, Any, T]) -> T:
        if not self.ready.timeout_s:
            return await work
        try:
            async with asyncio.timeout(self.ready.timeout_s):
                return await work
        except TimeoutError:
            raise TimedOut(self.ready.timeout_s) from None

    async def _action(self, target: TaskTarget | LaunchTarget) -> Answer:
        own = self.task.action.own
        call = self._call(target)
        if own is not None and own.is_action:
            async with self.services.slots.plugins:
                told = await run_plugin(call, own.path, ACTIONS, self._circumstances())
            return replace(told, result=well_shaped(told.result))
        action = None if own else ACTIONS.get(self.task.action.name)
        if action is None:
            await self._let_go_of_user()
            return Answer(await target.conclude(*self._module()))
        try:
            return await action(call)
        except (OSError, ValueError) as error:
            # A file here cannot be used: what a host does is told by its connection.
            if isinstance(error, ValueError) and "embedded null" not in str(error):
                raise
            return failure(f"Task failed: {error}")

    def _circumstances(self) -> Circumstances:
        ready = self.ready
        return Circumstances(
            no_log=ready.no_log,
            async_s=ready.async_s,
            poll_s=ready.poll_s,
            delegate_to=self.delegated_to,
            environment=ready.environment,
            become=self.target.address.become,
        )

    async def _let_go_of_user(self) -> None:
        """End our agents of a user who is to be removed: one with processes cannot be."""
        args = self.ready.args
        if self.task.action.name == "user" and args.get("state") == "absent":
            await self.target.leave(str(args.get("name")))

    def _module(self) -> tuple[str, Result, UserModule | None]:
        """Return the module to run and its arguments."""
        return self._wrapped(self.task.action.name, self.ready.args, self.task.action.own)

    def _wrapped(
        self, name: str, args: Result, own: UserModule | None
    ) -> tuple[str, Result, UserModule | None]:
        """Return what runs a module; one of the project's own is an argument of ours."""
        if own is None:
            return name, args, None
        names = [n for n in self.scope.names() if _INTERPRETER.fullmatch(n)]
        told = {
            "name": name,
            "source": "" if own.carried else b64encode(own.path.read_bytes()).decode(),
            "args": args,
            "interpreters": {n[8:-12]: str(self.scope.get(n)) for n in names},
        }
        return "user_module", told, own

    async def _fact_module(self, written: str, args: Result) -> Result:
        """Run a module that the task does not name; raise TemplateFailed, ArgumentsInvalid."""
        own = self.services.own_module(written, self.task.span)
        name = short_name(written)
        if isinstance(own, Diagnostic) or (own is None and find_module(written) is None):
            raise ModuleMissing(written)
        args = module_defaults(self.task, name, self.scope, io_allowed=True) | args
        schema = None if own else load_schema(name)
        if schema is not None:
            args = coerce_arguments(name, args, schema)
        return await self.target.module(*self._wrapped(name, args, own))

    def _call(self, target: TaskTarget | LaunchTarget) -> Call:
        return Call(
            task=self.task,
            args=self.ready.args,
            scope=self.scope,
            host=self.host,
            settings=self.services.settings,
            target=target,
            search_path=search_path(self.task, self.base_dir),
            check_mode=self.ready.check_mode,
            diff=self.ready.diff,
            fact_module=self._fact_module,
            wall=self.services.emit.wall,
            tell=lambda text: self.services.emit(Told(message=text, host=self.host.name)),
            hide=self.services.secrets.add,
        )

    async def _job(self) -> Answer:
        """Launch the task's last module, after what its action does first; wait for it if asked."""
        name = self.task.action.name
        own = self.task.action.own
        if (own and own.is_action) or not schema_of(self.task).supports.detached:
            raise AsyncRefused(name)
        target = LaunchTarget(self.target, self._job_request())
        answer = await self._in_time(self._action(target))
        launch = target.launched
        if launch is None:
            return answer
        job = Job.launched(launch, self.ready.async_s)
        if job is None:
            return Answer(launch)
        self.services.emit(self._started(job))
        if self.ready.poll_s <= 0 or self.ready.async_s < 0:
            return Answer(launch)
        return Answer(await self._wait(job))

    def _job_request(self) -> JobRequest:
        return JobRequest(
            limit_s=self.services.settings.timing.kill_after_s(abs(self.ready.async_s)),
            async_dir=self.target.common.environment["ANSIBLE_ASYNC_DIR"],
            record_delay_s=self.services.settings.timing.record_delay_s,
        )

    async def _wait(self, job: Job) -> Result:
        started = asyncio.get_running_loop().time()
        wait = JobWait(
            reach=self.target.reached,
            job=job,
            poll_s=self.ready.poll_s,
            timing=self.services.settings.timing,
            check=lambda mode: self._status_call(job, mode),
            tell=self._tell(job, started),
        )
        result = await wait.result()
        waited = asyncio.get_running_loop().time() - started
        self.target.waited(waited)
        self.services.waits.add(self.ref.id, self.host.name, waited, self.ready.poll_s)
        self._ended(job, result, waited)
        return result

    def _tell(self, job: Job, started: float) -> Tell:
        about = {"task": self.ref, "host": self.host.name, "job_id": job.id, "label": self.label}
        emit = self.services.emit
        return Tell(
            running=lambda status: self._polled(job, status, started),
            lost=lambda why: emit(ConnectionLost(**about, why=why)),
            restored=lambda lost_s: emit(ConnectionRestored(**about, lost_s=lost_s)),
        )

    def _status_call(self, job: Job, mode: str) -> ModuleCall:
        environment = {**self.target.common.environment, "ANSIBLE_ASYNC_DIR": job.directory}
        return ModuleCall(
            module="async_status", args={"jid": job.id, "mode": mode}, environment=environment
        )

    def _started(self, job: Job) -> JobStarted:
        return JobStarted(
            task=self.ref,
            host=self.host.name,
            job_id=job.id,
            limit_s=job.limit_s,
            poll_s=self.ready.poll_s,
            label=self.label,
        )

    def _polled(self, job: Job, status: Result, started: float) -> None:
        self.services.emit(
            JobPolled(
                task=self.ref,
                host=self.host.name,
                job_id=job.id,
                result=self.services.secrets.masked(status),
                waited_s=asyncio.get_running_loop().time() - started,
                limit_s=job.limit_s,
                label=self.label,
            )
        )

    def _ended(self, job: Job, result: Result, waited_s: float) -> None:
        self.services.emit(
            JobEnded(
                task=self.ref,
                host=self.host.name,
                job_id=None if self.ready.no_log else job.id,
                failed=bool(result.get("failed")),
                elapsed_s=waited_s,
                label=self.label,
            )
        )
