"""One task on one host: its loop, its items one after another, and the result it registers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from understudy.events import ItemEnded, Status, TaskRef
from understudy.execution import diagnosis
from understudy.execution.attempt import failed
from understudy.execution.effects import Effect
from understudy.execution.host import HostState
from understudy.execution.item import INCLUDES, ItemRun, Outcome
from understudy.execution.keywords import KeywordInvalid, Keywords, to_bool, to_float
from understudy.execution.loop import LoopInvalid, aggregate, item_vars, items_of
from understudy.execution.masking import censored
from understudy.execution.services import Services
from understudy.playbook.model import Action, Loop, Task
from understudy.text.diagnostic import PlaybookInvalid
from understudy.values.errors import TemplateFailed
from understudy.values.scope import Plain, Scope
from understudy.values.template import condition, render, render_text
from understudy.values.texts import Template, Value

Result = dict[str, Any]


@dataclass(slots=True)
class TaskEnd:
    """How a task ended on a host. With a loop, `items` is their number and `outcome` their sum."""

    status: Status
    outcome: Outcome
    effects: list[Effect] = field(default_factory=list)
    ignored: bool = False
    items: int | None = None
    outcomes: Sequence[Outcome] = ()
    """Of each item, or of the task itself if it has no loop."""

    @property
    def result(self) -> Result:
        """What the task registers."""
        return self.outcome.result

    @property
    def notifies(self) -> bool:
        """Whether the task's handlers are due."""
        return bool(self.result.get("changed")) and self.status in (Status.OK, Status.CHANGED)


def status_of(result: Mapping[str, Any]) -> Status:
    """Return how a task with this result ended; the order of the questions is Ansible's."""
    if result.get("unreachable"):
        return Status.UNREACHABLE
    if failed(dict(result)):
        return Status.FAILED
    if result.get("skipped"):
        return Status.SKIPPED
    return Status.CHANGED if result.get("changed") else Status.OK


@dataclass(frozen=True, slots=True)
class TaskRun:
    """A task about to run on a host, with the variables it sees."""

    services: Services
    task: Task
    ref: TaskRef
    host: HostState
    scope: Scope
    base_dir: Path

    async def run(self) -> TaskEnd:
        """Run the task, all items of its loop included; every failure is a result."""
        if self.task.action.resolve is not None:
            return await self._resolved(self.task.action.resolve)
        loop = self.task.loop
        if loop is None or self.task.action.name == "meta":
            return self._end_of(await self._item(self.scope).run())
        try:
            items = await self.services.rendered(
                self.task, lambda io_allowed: items_of(loop, self.scope, io_allowed=io_allowed)
            )
        except LoopInvalid as invalid:
            return self._end_of(self._without_items(invalid))
        except TemplateFailed as error:
            # only what is undefined waits for `when`
            if error.code != "undefined-variable":
                return self._end_of(self._without_items(error))
            return self._end_of(await self._item(self.scope, loop_error=error).run())
        return await self._each(loop, items)

    async def _resolved(self, resolve: Callable[[str], Action]) -> TaskEnd:
        """Run the task as that of the module that its template names."""
        try:
            name = render_text(Template(self.task.action.written, self.task.span), self.scope)
            task = replace(self.task, action=resolve(name))
        except TemplateFailed as failure:
            return self._end_of(self._bad(failure, f"Task failed: {failure}"))
        except PlaybookInvalid as invalid:
            message = f"Task failed: Cannot resolve {name!r} to an action or module."
            outcome = self._bad(invalid, message)
            outcome.diagnostic = invalid.diagnostics[0]
            outcome.result["changed"] = False
            return self._end_of(outcome)
        return await replace(self, task=task).run()

    def _item(self, scope: Scope, **more: Any) -> ItemRun:
        return ItemRun(self.services, self.task, self.ref, self.host, scope, self.base_dir, **more)

    def _bad(self, cause: Exception, message: str) -> Outcome:
        result = {"failed": True, "msg": message, "exception": "(traceback unavailable)"}
        return Outcome(
            result, diagnostic=diagnosis.of_exception(self.task, cause, message, self.scope)
        )

    def _without_items(self, cause: Exception) -> Outcome:
        """Return the outcome of a task whose loop cannot be had."""
        outcome = self._bad(cause, str(cause))
        read, default = Keywords(self.scope, io_allowed=True), self.services.settings.no_log
        try:
            outcome.no_log = read.read("no_log", self.task.inherited.no_log, to_bool, default)
        except (TemplateFailed, KeywordInvalid):
            outcome.no_log = True
        return outcome

    def _end_of(self, outcome: Outcome) -> TaskEnd:
        return TaskEnd(
            status=status_of(outcome.result),
            outcome=outcome,
            effects=[outcome.effect] if outcome.effect else [],
            ignored=self._ignored(outcome.result, self.scope),
            outcomes=(outcome,),
        )

    async def _each(self, loop: Loop, items: list[Value]) -> TaskEnd:
        outcomes: list[Outcome] = []
        effects: list[Effect] = []
        learned: dict[str, Value] = {}
        try:
            loop = self._settled(loop)
        except (TemplateFailed, KeywordInvalid) as failure:
            return self._end_of(self._bad(failure, str(failure)))
        for index in range(len(items)):
            brought = item_vars(loop, items, index)
            scope = (self.scope.with_layer(learned) if learned else self.scope).with_layer(brought)
            label, no_label = self._label(loop, scope, items[index])
            if index and loop.pause_s > 0:
                await asyncio.sleep(loop.pause_s)
            outcome = await self._item(scope, label=label, item_vars=brought).run()
            if no_label is not None:
                self._fail_for_label(outcome, no_label)
            outcome.result = {**outcome.result, **_named(brought, loop)}
            outcome.ignored = self._ignored(outcome.result, scope)
            outcomes.append(outcome)
            if outcome.learned and outcome.learned.host is self.host:
                learned |= outcome.learned.layer(inject=self.services.settings.inject_facts)
            if outcome.effect:
                effects.append(outcome.effect)
            self._tell_item(outcome, label)
            try:
                if self._breaks(loop, scope, outcome):
                    break
            except TemplateFailed as failure:
                return self._end_of(self._bad(failure, str(failure)))
        return self._total(outcomes, effects)

    def _settled(self, loop: Loop) -> Loop:
        """Return the loop with its settings rendered; they see no item."""
        read = Keywords(self.scope, io_allowed=True)
        return replace(
            loop,
            extended=read.read("extended", loop.extended, to_bool, default=False),
            extended_allitems=read.read(
                "extended_allitems", loop.extended_allitems, to_bool, default=True
            ),
            pause_s=read.read("pause", loop.pause_s, to_float, 0.0),
        )

    def _label(self, loop: Loop, scope: Scope, item: Value) -> tuple[Value, TemplateFailed | None]:
        """Return an item's label, and why it is the item itself if the given one fails."""
        if loop.label is None:
            return item, None
        try:
            return render(loop.label, scope), None
        except TemplateFailed as failure:
            return item, failure

    def _fail_for_label(self, outcome: Outcome, why: TemplateFailed) -> None:
        """Make a failure of an item that has run, and whose label cannot be shown."""
        message = f"Failed to template loop_control.label: {why}"
        outcome.result = {**outcome.result, "failed": True, "msg": message}
        outcome.diagnostic = diagnosis.of_exception(self.task, why, message, self.scope)

    def _breaks(self, loop: Loop, scope: Scope, outcome: Outcome) -> bool:
        if not loop.break_when:
            return False
        if self.task.register:
            scope = scope.with_layer(Plain({self.task.register: outcome.result}))
        return all(condition(one, scope) for one in loop.break_when)

    def _tell_item(self, outcome: Outcome, label: Value) -> None:
        if self.task.action.name in INCLUDES and outcome.effect:
            return
        self.services.emit(
            ItemEnded(
                task=self.ref,
                host=self.host.name,
                status=status_of(outcome.result),
                result=shown(self.services, outcome.result, no_log=outcome.no_log),
                label="(censored due to no_log)" if outcome.no_log else label,
                ignored=outcome.ignored,
                delegated_to=outcome.delegated_to,
                attempts=outcome.attempts,
                diagnostic=None if outcome.no_log else outcome.diagnostic,
                diff=outcome.diff,
                verbose_always=outcome.is_message,
            )
        )

    def _total(self, outcomes: list[Outcome], effects: list[Effect]) -> TaskEnd:
        result = aggregate([outcome.result for outcome in outcomes])
        bad = [o for o in outcomes if failed(o.result)]
        lost = [o for o in outcomes if o.result.get("unreachable")]
        if lost:
            result = {**result, "unreachable": True}
        total = Outcome(
            result,
            attempts=max((o.attempts for o in outcomes), default=1),
            delegated_to=outcomes[-1].delegated_to if outcomes else None,
            diagnostic=bad[0].diagnostic if bad else None,
            no_log=any(o.no_log for o in outcomes),
            diff=any(o.diff for o in outcomes),
            is_message=any(o.is_message for o in outcomes),
        )
        return TaskEnd(
            status=self._status_of_all(result, outcomes),
            outcome=total,
            effects=effects,
            ignored=all(outcome.ignored for outcome in bad or lost) and bool(bad or lost),
            items=len(outcomes),
            outcomes=outcomes,
        )

    def _status_of_all(self, result: Result, outcomes: list[Outcome]) -> Status:
        if any(failed(outcome.result) for outcome in outcomes):
            return Status.FAILED
        without = {key: value for key, value in result.items() if key != "failed"}
        return status_of(without)

    def _ignored(self, result: Result, scope: Scope) -> bool:
        own = self.task.inherited
        if result.get("unreachable"):
            name, raw = "ignore_unreachable", own.ignore_unreachable
        else:
            name, raw = "ignore_errors", own.ignore_errors if failed(result) else None
        if raw is None:
            return False
        try:
            return Keywords(scope, io_allowed=True).read(name, raw, to_bool, default=False)
        except (TemplateFailed, KeywordInvalid):
            return False


def _named(brought: Mapping[str, Value], loop: Loop) -> Result:
    """Return what an item's result tells of its item."""
    names = (loop.loop_var, "ansible_loop_var", loop.index_var, "ansible_index_var", "ansible_loop")
    return {name: brought[name] for name in names if name is not None and name in brought}


def shown(services: Services, result: Result, *, no_log: bool) -> Mapping[str, Any]:
    """Return what events may show of a result."""
    if no_log:
        return censored(result)
    if "ansible_included_var_files" in result:
        result = as_written(result)
    masked: Mapping[str, Any] = services.secrets.masked(result)
    return masked


def as_written(value: Value) -> Value:
    """Return an author's value with every template as its text."""
    if isinstance(value, Template):
        return value.text
    if isinstance(value, dict):
        return {key: as_written(item) for key, item in value.items()}
    return [as_written(item) for item in value] if isinstance(value, list) else value
