"""A batch of a play's hosts: how the end of a turn moves their cursors, and what it changes.

A strategy decides which hosts do which task next; what follows from a turn is here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from understudy.events import Status, TaskRef
from understudy.execution.cursor import Cursor, Insertion
from understudy.execution.effects import AddHost, AddToGroup, Effect, Include, Meta, Stats
from understudy.execution.host import HostState
from understudy.execution.includes import Includes, Load
from understudy.execution.magic import hosts_variables
from understudy.execution.roles import RolesDone
from understudy.execution.task import TaskEnd
from understudy.execution.turn import Turns
from understudy.inventory.model import Inventory
from understudy.playbook.model import Task
from understudy.values.scope import Plain

_CLEARS = Meta("clear_host_errors")


@dataclass(slots=True)
class Batch:
    """Hosts that go through a play together."""

    hosts: Sequence[HostState]
    turns: Turns
    load: Load
    magic: Plain
    max_fail_percentage: float | None = None
    """How many percent of the hosts may fail before the others are failed too."""
    lockstep: bool = True
    """Whether the hosts go together, so that one's failure can be all others'."""
    play_ended: bool = False
    """`meta: end_play`: no further batch is to follow."""
    given_up: bool = False
    """Whether more hosts have failed than may."""
    roles: RolesDone = field(default_factory=RolesDone)
    _includes: Includes = field(init=False)

    def __post_init__(self) -> None:
        self._includes = Includes(self.turns, self.load, self._fail_cursor)

    @property
    def cursors(self) -> dict[str, Cursor]:
        """The place of every host."""
        return self.turns.cursors

    def next_task(self, host: HostState) -> Task | None:
        """Return what a host does next; handlers that it was not notified of are passed over."""
        cursor = self.cursors[host.name]
        while (task := cursor.task) is not None and host.active:
            if self._is_to_do(task, host):
                return task
            cursor.advance()
        self._note_failure(host)
        return None

    def _is_to_do(self, task: Task, host: HostState) -> bool:
        """Tell whether a host does a task: a handler that is due, no role that it has had."""
        if task.is_handler:
            return self.turns.handlers.is_due(task, host.name)
        return not self.roles.is_done(task, host.name)

    async def turn(
        self, task: Task, states: Sequence[HostState], ref: TaskRef | None = None
    ) -> None:
        """Run a task on hosts, unless the user does not want it; then move their cursors.

        Without `ref` the task is announced here.
        """
        if task.implicit and task.action.name == "meta":
            for state in states:
                self._implicit(task, state)
        elif await self._is_wanted(task, states[0]):
            await self._run(task, states, ref or self.turns.start(task, states[0]))
        else:
            for state in states:
                self.cursors[state.name].advance()
                self._note_failure(state)

    async def _run(self, task: Task, states: Sequence[HostState], ref: TaskRef) -> None:
        """Run a task on hosts, and draw the consequences."""
        ends = await self.turns.run(task, ref, states)
        # without lockstep another host may have ended the play meanwhile
        states = [state for state in states if self.cursors[state.name].task is not None]
        ends = {state.name: ends[state.name] for state in states}
        for state in states:
            self.roles.note(task, state.name, ends[state.name].status)
        if any(_CLEARS in end.effects for end in ends.values()):
            self._clear_errors()
        down = [state for state in states if self._takes_down(task, state, ends[state.name])]
        if self.lockstep and (self._is_fatal(task, down) or self._gives_up()):
            self._fail_others(down)
        else:
            fallen = {state.name for state in down}
            for state in states:
                if state.name not in fallen:
                    self._go_on(state, ends[state.name])
            broken = self._includes.insert(task, ref, ends)
            down = [state for state in states if state.name in broken]
            if self.lockstep and (self._is_fatal(task, down) or self._gives_up()):
                self._fail_others(down)
        self._carry_out(ends)

    async def _is_wanted(self, task: Task, state: HostState) -> bool:
        """Ask the user whether to do a task."""
        ask = self.turns.services.ask
        return ask is None or await ask(self.turns.name(task, state))

    def _implicit(self, task: Task, state: HostState) -> None:
        if task.role is None:
            self._flush(state)
            return
        self.roles.complete(task.role, state.name)
        self.cursors[state.name].advance()

    def _clear_errors(self) -> None:
        """Forget every failure: before the cursors move, as one may be pending in a block."""
        for state in self.turns.services.world.states.values():
            state.failed = state.unreachable = state.doomed = False
        for cursor in self.cursors.values():
            cursor.clear_failures()

    def _takes_down(self, task: Task, state: HostState, end: TaskEnd) -> bool:
        """Tell whether the end of a task fails its host or loses it, and move its cursor then."""
        if task.is_handler:
            self.turns.handlers.done(task, state.name)
        if end.ignored or end.status not in {Status.FAILED, Status.UNREACHABLE}:
            return False
        if end.status is Status.FAILED:
            self._fail(task, state, end)
        else:
            state.unreachable = True
            self.cursors[state.name].advance()  # where it goes on if its errors are cleared
            self._hosts_changed()
        return True

    def _go_on(self, state: HostState, end: TaskEnd) -> None:
        if not any(map(_moves_cursor, end.effects)):
            self.cursors[state.name].advance()
            self._note_failure(state)

    def _fail(self, task: Task, state: HostState, end: TaskEnd) -> None:
        cursor = self.cursors[state.name]
        if cursor.would_rescue:
            state.registered["ansible_failed_result"] = end.result
            state.registered["ansible_failed_task"] = self.turns.described(
                task, state, no_log=end.outcome.no_log
            )
        self._fail_cursor(state)

    def _fail_cursor(self, state: HostState) -> None:
        self.cursors[state.name].fail()
        self._note_failure(state)

    def _note_failure(self, state: HostState) -> None:
        """Take a host out of the play whose failure nothing rescued, when its cursor is through."""
        cursor = self.cursors[state.name]
        if cursor.failed and not state.failed:
            state.failed = True
            self._hosts_changed()
        elif cursor.doomed and not state.doomed:
            state.doomed = True
            self._hosts_changed()

    def _is_fatal(self, task: Task, down: Sequence[HostState]) -> bool:
        """Tell whether the failure of some hosts is one of the whole batch."""
        default = self.turns.services.settings.any_errors_fatal
        return any(
            self.turns.keyword(task, state, "any_errors_fatal", default=default)
            or self.turns.keyword(task, state, "run_once")
            for state in down
        )

    def _gives_up(self) -> bool:
        """Tell, once, that more hosts have failed than may."""
        if self.max_fail_percentage is None or self.given_up:
            return False
        failed = sum(host.failed for host in self.hosts)
        self.given_up = failed / len(self.hosts) * 100 > self.max_fail_percentage
        if self.given_up:
            self.turns.services.world.warn(
                f"{failed} of {len(self.hosts)} hosts have failed, more than"
                f" {self.max_fail_percentage:g}%: the others do not go on"
            )
        return self.given_up

    def _fail_others(self, down: Sequence[HostState]) -> None:
        """Fail every other host where it stands, as if its task had failed."""
        fallen = {state.name for state in down}
        for state in self.hosts:
            cursor = self.cursors[state.name]
            if state.active and state.name not in fallen and cursor.task is not None:
                cursor.fail()
                state.failed = cursor.failed
        self._hosts_changed()

    def _hosts_changed(self) -> None:
        world = self.turns.services.world
        active = [host.name for host in self.hosts if host.active and not host.doomed]
        ended = {host.name for host in self.hosts if host.ended}
        everyone = self.magic["ansible_play_hosts_all"]
        self.magic.update(hosts_variables(world, active, everyone, ended))

    def _flush(self, state: HostState) -> None:
        """Insert the handlers after the cursor; those that are not due are passed over later."""
        cursor = self.cursors[state.name]
        if self.turns.handlers.flush(state.name):
            cursor.insert([Insertion(self.turns.handlers.tasks)])
        else:
            cursor.advance()

    def _carry_out(self, ends: Mapping[str, TaskEnd]) -> None:
        """Carry out what the task asks of the run, host by host."""
        done: set[int] = set()
        for name, end in ends.items():
            for effect in end.effects:
                if id(effect) not in done:
                    done.add(id(effect))
                    self._effect(effect, self.turns.services.world.state(name))

    def _effect(self, effect: Effect, state: HostState) -> None:
        world = self.turns.services.world
        if isinstance(effect, AddHost):
            world.change(lambda known: known.add_host(effect.name, effect.groups, effect.vars))
            self._inventory_changed([effect.name])
        elif isinstance(effect, AddToGroup):
            world.change(lambda known: _group(known, state.name, effect))
            self._inventory_changed([state.name])
        elif isinstance(effect, Meta):
            self._meta(effect.kind, state)
        elif isinstance(effect, Stats):
            world.stats.add(state.name, effect)

    def _inventory_changed(self, names: Sequence[str]) -> None:
        self.turns.services.world.refresh(names)
        self._hosts_changed()

    def _meta(self, kind: str, state: HostState) -> None:
        world = self.turns.services.world
        if kind == "flush_handlers":
            self._flush(state)
        elif kind == "end_host":
            self._end([state])
        elif kind == "end_role":
            self._end_role(state)
        elif kind in {"end_play", "end_batch"}:
            self._end(self.hosts)
            self.play_ended = self.play_ended or kind == "end_play"
        elif kind == "refresh_inventory":
            world.reread()
            self._hosts_changed()
        elif kind == "clear_facts":
            for other in self.hosts:
                world.forget_facts(other)

    def _end_role(self, state: HostState) -> None:
        """Pass over what is left of the role that a host is in."""
        cursor = self.cursors[state.name]
        while (task := cursor.task) is not None and not _ends_role(task):
            cursor.advance()

    def _end(self, states: Sequence[HostState]) -> None:
        for state in states:
            if state.active:
                state.ended = True
                self.cursors[state.name].finish()
        self._hosts_changed()


def _group(known: Inventory, host: str, effect: AddToGroup) -> None:
    """Put a host into a group, unless a refreshed inventory has it no more."""
    if known.find(host) is not None:
        known.group_by(host, effect.group, effect.parents)


def _ends_role(task: Task) -> bool:
    return task.implicit and task.action.name == "meta" and task.role is not None


def _moves_cursor(effect: Effect) -> bool:
    """Tell whether carrying out an effect moves the cursor, so that the move must wait for it."""
    return isinstance(effect, Include) or effect == Meta("flush_handlers")
