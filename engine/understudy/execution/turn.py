"""A task on the hosts that do it at the same time: run, registered, counted and told."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from understudy.events import (
    HostEnded,
    HostStarted,
    MetaEnded,
    Notified,
    PlayRef,
    Status,
    TaskRef,
    TaskStarted,
    VariablesRead,
)
from understudy.execution.actions import ONCE_FOR_ALL
from understudy.execution.cursor import Cursor
from understudy.execution.description import description
from understudy.execution.effects import Include
from understudy.execution.handlers import Handlers, HandlerUnknown
from understudy.execution.host import HostState
from understudy.execution.keywords import KeywordInvalid, Keywords, to_bool
from understudy.execution.metas import in_words, is_once_for_all, stopped
from understudy.execution.origins import variables_of
from understudy.execution.services import Services
from understudy.execution.task import TaskEnd, TaskRun, as_written, shown
from understudy.playbook.model import Task
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid
from understudy.values.errors import TemplateFailed
from understudy.values.scope import Scope
from understudy.values.show import show_text
from understudy.values.template import render
from understudy.values.texts import Template, Value

_WITHOUT_ORIGINS = 2
"""The verbosity up to which nobody asks where variables come from."""

Result = dict[str, Any]


@dataclass(slots=True)
class Turns:
    """Runs the tasks of one play's batch, one turn after another."""

    services: Services
    play: PlayRef
    cursors: dict[str, Cursor]
    handlers: Handlers
    playbook_dir: Path
    _count: int = 0

    async def run(
        self, task: Task, ref: TaskRef, states: Sequence[HostState]
    ) -> dict[str, TaskEnd]:
        """Run a task on hosts and return how it ended on each.

        What runs once for all ends for every host as it ended for the first, but what it
        includes is for the first alone.
        """
        shared = task.action.name != "meta" and self.keyword(task, states[0], "run_once")
        if shared or task.action.name in ONCE_FOR_ALL or is_once_for_all(task):
            end = await self._run_on(task, ref, states[0])
            others = replace(end, effects=[e for e in end.effects if not isinstance(e, Include)])
            for state in self._others(states[0]) if shared else ():
                self._share(task, end, states[0], state)
            return {state.name: end if state is states[0] else others for state in states}
        if len(states) == 1:
            return {states[0].name: await self._run_on(task, ref, states[0])}
        try:
            async with asyncio.TaskGroup() as tasks:
                running = {s.name: tasks.create_task(self._run_on(task, ref, s)) for s in states}
        except* PlaybookInvalid as group:
            raise group.exceptions[0] from None
        return {name: done.result() for name, done in running.items()}

    def keyword(
        self,
        task: Task,
        state: HostState,
        name: str,
        *,
        default: bool = False,
    ) -> bool:
        """Return a yes-or-no keyword as it is for a host; one that cannot be rendered is no."""
        raw: Value = getattr(task.inherited, name)
        if raw is None:
            return default
        if isinstance(raw, bool):
            return raw
        read = Keywords(self._scope(task, state), io_allowed=True)
        try:
            return read.read(name, raw, to_bool, default)
        except (TemplateFailed, KeywordInvalid):
            return False

    def start(self, task: Task, first: HostState) -> TaskRef:
        """Announce a task, named as its first host has it."""
        self._count += 1
        ref = TaskRef(
            id=f"{self.play.id}.{self._count}",
            name=self.name(task, first),
            action=task.action.name or self._called(task, first),
            place=task.span,
            play=self.play,
            is_handler=task.is_handler,
            check_mode=self.services.settings.check_mode,
            no_log=self._hides(task),
            role=_role_shown(task),
        )
        self.services.emit(TaskStarted(task=ref))
        return ref

    def _hides(self, task: Task) -> bool:
        """Tell whether a task surely hides what it does."""
        raw = task.inherited.no_log
        return raw is True or (raw is None and self.services.settings.no_log)

    def name(self, task: Task, first: HostState) -> str:
        """Return a task's name rendered; one that cannot be is shown as written."""
        if task.name is None:
            return _unnamed(task)
        shown = show_text(task.name, self._scope(task, first))
        for failure in shown.failures:
            self.services.world.warn(f"the task's name cannot be rendered: {failure}", task.span)
        return str(shown.value)

    def described(self, task: Task, state: HostState, *, no_log: bool) -> Result:
        """Return what a rescue section sees of the task that failed on a host."""
        name = "" if task.name is None else self.name(task, state)
        hidden = no_log or self._hides(task)
        return description(task, name, self._scope(task, state), hidden=hidden)

    def _called(self, task: Task, first: HostState) -> str:
        """Return what a template names as the module; nothing if it cannot be rendered."""
        text = Template(task.action.written, task.action.span)
        name = str(show_text(text, self._scope(task, first)).value)
        return name.removeprefix("ansible.builtin.")

    def _scope(self, task: Task, state: HostState) -> Scope:
        inserted = self.cursors[state.name].vars
        return self.services.world.task_scope(state, inserted, task)

    async def _run_on(self, task: Task, ref: TaskRef, state: HostState) -> TaskEnd:
        self.services.emit(HostStarted(task=ref, host=state.name))
        scope = self._scope(task, state)
        read = self._variables_read(task, ref, state, scope)
        end = await TaskRun(self.services, task, ref, state, scope, self.playbook_dir).run()
        self._learn(end, state, state)
        if task.register and task.action.name != "meta":
            state.registered[task.register] = self._registered(task, end.result, scope)
            self.services.world.check_names({task.register: None}, task.span)
        if task.notify and end.notifies:
            self._notify(task, ref, state, end)
        self.conclude(task, ref, state, end)
        if read is not None:
            self.services.emit(read)
        return end

    def _variables_read(
        self, task: Task, ref: TaskRef, state: HostState, scope: Scope
    ) -> VariablesRead | None:
        """Return where the variables of a task's texts come from, if that is to be told."""
        services = self.services
        if services.settings.verbosity <= _WITHOUT_ORIGINS or task.implicit:
            return None
        inserted = self.cursors[state.name].vars
        found = tuple(variables_of(task, services.world, state, inserted, scope))
        return VariablesRead(task=ref, host=state.name, variables=found) if found else None

    def _registered(self, task: Task, result: Result, scope: Scope) -> Result:
        """Return what a task's variable holds: without the invocation, and frozen."""
        kept = {key: value for key, value in result.items() if key != "invocation"}
        if task.action.name != "include_vars":
            return kept
        try:
            return dict(render(kept, scope))
        except TemplateFailed:
            return dict(as_written(kept))

    def _others(self, first: HostState) -> list[HostState]:
        """Return the other hosts of the batch, also those that do not come to the task."""
        known = self.services.world.states
        others = [known[name] for name in self.cursors if name != first.name and name in known]
        return [state for state in others if not (state.failed or state.unreachable)]

    def _share(self, task: Task, end: TaskEnd, done_on: HostState, state: HostState) -> None:
        """Give a host what a task that ran on another one has registered, and its facts."""
        if task.register:
            state.registered[task.register] = self._registered(task, end.result, Scope(()))
        self._learn(end, done_on, state)

    def _learn(self, end: TaskEnd, done_on: HostState, state: HostState) -> None:
        """Keep what a task that has not failed has learned of the host that did it, for `state`.

        With `delegate_facts` it was learned of another host, once.
        """
        if end.status in (Status.FAILED, Status.UNREACHABLE):
            return
        for learned in (outcome.learned for outcome in end.outcomes):
            if learned is not None and learned.host is done_on:
                self.services.world.learn(state, learned)
            elif learned is not None and state is done_on:
                self.services.world.learn(learned.host, learned)

    def _notify(self, task: Task, ref: TaskRef, state: HostState, end: TaskEnd) -> None:
        """Notify what any item of a changed task names."""
        for name in dict.fromkeys(name for outcome in end.outcomes for name in outcome.notify):
            for handler in self._handlers(task, name, state):
                told = self.handlers.name_of(handler)
                self.services.emit(Notified(task=ref, host=state.name, handler=told))

    def _handlers(self, task: Task, name: str, state: HostState) -> list[Task]:
        """Return the handlers of a name, now due; an unknown one ends the run, as in Ansible."""
        try:
            notify = self.handlers.notify_now if task.is_handler else self.handlers.notify
            return notify(name, state.name)
        except HandlerUnknown as unknown:
            place = task.keyword_spans.get("notify", task.span)
            if not self.services.settings.unknown_handler_fails:
                self.services.world.warn(str(unknown), place)
                return []
            why = Diagnostic(code="unknown-handler", message=str(unknown), span=place)
            raise PlaybookInvalid([why]) from None

    def conclude(self, task: Task, ref: TaskRef, state: HostState, end: TaskEnd) -> None:
        """Count and tell how the current task ended on a host."""
        bad = end.status is Status.FAILED and not end.ignored
        rescued = bad and self.cursors[state.name].would_rescue
        if task.action.name == "meta":
            self._tell_stopped(task, ref, state, end)
            return
        count(state, end, rescued=rescued)
        included = sum(isinstance(effect, Include) for effect in end.effects)
        if included:
            state.tally.ok += included - 1  # each file counts
        else:
            self.services.emit(self._ended(ref, state, end, rescued=rescued))

    def _tell_stopped(self, task: Task, ref: TaskRef, state: HostState, end: TaskEnd) -> None:
        """Tell of a meta task only where its conditions did not hold; it never counts.

        One whose conditions cannot be evaluated ends the run, as in Ansible.
        """
        if end.status is Status.FAILED and end.outcome.diagnostic is not None:
            raise PlaybookInvalid([end.outcome.diagnostic])
        skipped = end.status is Status.SKIPPED
        message = in_words(task, state.name, skipped=skipped)
        self.services.emit(MetaEnded(task=ref, host=state.name, message=message))
        shown_ = stopped(task, state.name) if skipped else None
        if shown_ is not None:
            self.services.emit(
                HostEnded(task=ref, host=state.name, status=end.status, result=shown_)
            )

    def _ended(self, ref: TaskRef, state: HostState, end: TaskEnd, *, rescued: bool) -> HostEnded:
        outcome = end.outcome
        return HostEnded(
            task=ref,
            host=state.name,
            status=end.status,
            result=shown(self.services, outcome.result, no_log=outcome.no_log),
            ignored=end.ignored,
            rescued=rescued,
            items=end.items,
            delegated_to=outcome.delegated_to,
            attempts=outcome.attempts,
            job_id=outcome.result.get("ansible_job_id"),
            timings=outcome.timings,
            diagnostic=None if outcome.no_log else outcome.diagnostic,
            diff=outcome.diff,
            verbose_always=outcome.is_message,
        )


def _role_shown(task: Task) -> str | None:
    """Return the role that a task is shown under; an include of a role stands for itself."""
    return task.role.name if task.role and task.action.name != "include_role" else None


def _unnamed(task: Task) -> str:
    args = task.action.args
    if task.action.name != "include_role" or not isinstance(args, Mapping):
        return task.action.written
    name = args.get("name", args.get("role"))
    return f"{task.action.written} : {name.text if isinstance(name, Template) else name}"


def count(state: HostState, end: TaskEnd, *, rescued: bool) -> None:
    """Add a task's end to the figures of a host's recap."""
    tally = state.tally
    if end.status is Status.UNREACHABLE and not end.ignored:
        tally.unreachable += 1
    elif end.status is Status.SKIPPED:
        tally.skipped += 1
    elif end.status is Status.FAILED and not end.ignored:
        tally.rescued += rescued
        tally.failed += not rescued
    else:
        tally.ok += 1
        tally.ignored += end.ignored
        tally.changed += bool(end.result.get("changed"))
