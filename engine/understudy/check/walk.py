"""Goes through a playbook as a host would, by every way at once, and notes what it sees.

Includes whose file or role is known before a run are gone into. Where one is not, everything after
it may have been given or read there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from understudy.check.flow import Assigned, Flow, Registered, Source, Unclear, Visit
from understudy.check.known import UNKNOWN, Names, known
from understudy.check.settings import Settings
from understudy.check.surroundings import Surroundings
from understudy.check.task_reads import reads_of
from understudy.playbook.files import Loader
from understudy.playbook.model import Block, Brought, Play, Playbook, Role, Step, Task
from understudy.playbook.role_files import tasks_path
from understudy.playbook.tasks import LOST, UNREAD
from understudy.text.diagnostic import Diagnostic
from understudy.values.texts import Expression, Value, texts_in

LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
"""Names of this machine: hosts that `all` does not contain if no inventory names them."""
_TIMES = 30
"""How often one file is gone into: after that, what it would do here is not looked at."""
_ENDS = frozenset({"end_host", "end_play", "end_batch"})
_INCLUDES = ("include_tasks", "include_role")
_NOT_THERE = frozenset({"missing-file", "unknown-role"})
"""What a name that is made from variables may lead to: another run may give it another value."""


@dataclass(slots=True)
class State:
    """What holds at one place on the way."""

    names: dict[str, frozenset[Source]] = field(default_factory=dict)
    jobs: frozenset[Registered] = frozenset()
    is_open: bool = False
    """Whether something that cannot be looked into came before."""
    dead: Visit | None = None
    """What ended the way on every path to here."""

    def copy(self) -> State:
        """Return a state that goes its own way from here."""
        return State(dict(self.names), self.jobs, self.is_open, self.dead)

    def sources(self, name: str) -> frozenset[Source]:
        """Return what can have given a name."""
        unclear = Unclear.ANYWHERE if self.is_open else Unclear.NOWHERE
        return self.names.get(name) or frozenset({unclear})

    def joined(self, other: State) -> State:
        """Return what holds where this way and another meet."""
        if self.dead or other.dead:
            return self.copy() if other.dead and not self.dead else other.copy()
        names = {
            name: self.sources(name) | other.sources(name)
            for name in self.names.keys() | other.names.keys()
        }
        return State(names, self.jobs | other.jobs, self.is_open or other.is_open)


def walk(
    playbook: Playbook,
    loader: Loader,
    settings: Settings,
    surroundings: Surroundings | None = None,
    *,
    is_open: bool = False,
) -> Flow:
    """Return the flow of a playbook; `is_open` if it is only a part, of something unknown."""
    flow = Flow(playbook, settings, surroundings or Surroundings())
    walker = _Walk(flow, loader, State(is_open=is_open), outside=State(is_open=is_open))
    for play in playbook.plays:
        walker.play(play)
    if is_open:
        walker.anything_read()
    return flow


@dataclass(slots=True)
class _Walk:
    """One walk: where it is, and what it has seen."""

    flow: Flow
    loader: Loader
    state: State
    current: Play = field(init=False)
    hosts: Value = None
    outside: State = field(default_factory=State)
    """What holds for a host that has not been in the plays of `hosts` before this place."""
    handlers: list[Task] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)
    includes: tuple[Task, ...] = ()
    files: list[object] = field(default_factory=list)
    """What the includes around have brought, the innermost last."""
    times: dict[object, int] = field(default_factory=dict)
    trails: list[list[tuple[str, frozenset[Source]]]] = field(default_factory=list)
    """For each block around, the names that its body has given so far."""

    def play(self, play: Play) -> None:
        """Go through a play."""
        self.state.dead = None
        self._meet_hosts(play.hosts)
        self.current, self.handlers = play, list(play.handlers)
        self.roles = [role for role in play.roles if role.public]
        for section in (play.pre_tasks, play.tasks, play.post_tasks):
            self.steps(section)
            self.flush()

    def _meet_hosts(self, hosts: Value) -> None:
        """Go on with the hosts of the next play: some may not have been in the play before."""
        if hosts == self.hosts:
            return
        if self.hosts != "all" or str(hosts) in LOCAL:
            self.state = self.state.joined(self.outside)
        self.hosts, self.outside = hosts, self.state.copy()

    def steps(self, steps: Iterable[Step]) -> None:
        """Go through tasks and blocks one after another."""
        for step in steps:
            if isinstance(step, Block):
                self.block(step)
            else:
                self.task(step)

    def block(self, block: Block) -> None:
        """Go through a block: its body may fail anywhere, and `rescue` goes on from there."""
        before = self.state.copy()
        self.trails.append([])
        self.steps(block.body)
        given = self.trails.pop()
        ways = [self.state]
        if block.rescue:
            self.state = self._anywhere_in(before, given)
            self.steps(block.rescue)
            ways.append(self.state)
        if block.always:
            if not block.rescue:
                ways.append(self._anywhere_in(before, given))
            self.state = _all_of(ways)
            dead = ways[0].dead
            self.steps(block.always)
            self.state.dead = self.state.dead or (dead if len(ways) == 1 else None)
        else:
            self.state = _all_of(ways)
        if self.trails:
            self.trails[-1].extend(given)

    def _anywhere_in(self, before: State, given: Iterable[tuple[str, frozenset[Source]]]) -> State:
        """Return what holds where a body failed that began with `before`."""
        met = before.copy()
        met.is_open |= self.state.is_open
        met.jobs |= self.state.jobs
        for name, sources in given:
            met.names[name] = met.sources(name) | sources
        return met

    def flush(self) -> None:
        """Go through the handlers: each may have been notified or not."""
        waiting, self.handlers = self.handlers, []
        for handler in waiting:
            before = self.state.copy()
            before.dead = self.state.dead = None
            self.task(handler)
            self.state = self.state.joined(before)
        self.handlers = [*waiting, *self.handlers]

    def task(self, task: Task) -> None:
        """Visit a task, then do what it does to names and to the way."""
        if task.implicit:
            return
        visit = self._visit(task)
        self.flow.visits.append(visit)
        self.flow.notified += [(visit, name) for name in task.notify]
        if task.action.name == UNREAD:
            self.state.is_open = True
            self.anything_read()
        if visit.is_launch:
            self.state.jobs |= {visit.given}
        if task.register:
            self._give(task.register, frozenset({visit.given}))
        if task.action.name in _INCLUDES:
            self._include(visit)
        else:
            self._act(visit)

    def _visit(self, task: Task) -> Visit:
        given = Registered(task.register, task)
        state = self.state
        visit = Visit(
            task,
            self.current,
            len(self.flow.visits),
            self._names(task),
            given,
            self.includes,
            state.jobs,
            state.sources(task.register) if task.register else frozenset(),
            state.dead,
        )
        given.visit = visit
        for read in reads_of(visit, state.names, state.is_open):
            visit.reads.append(read)
            for one in read.may_be:
                if one is not given:
                    one.reads.append(read)
        waited = {one for read in visit.reads_in("args") for one in read.may_be}
        if task.action.name == "async_status":
            state.jobs -= waited
        if visit.reads_unknown:
            self.anything_read()
        return visit

    def _names(self, task: Task) -> Names:
        flow, is_open, loop = self.flow, self.state.is_open, task.loop
        outer = flow.surroundings.names
        bound = {loop.loop_var, loop.index_var} if loop else set()
        play, role = self.current, task.role
        above = (role.params, *task.inherited.vars, role.vars) if role else task.inherited.vars
        below = (role.defaults,) if role else ()
        defaults = (*below, *(one.defaults for one in self.roles))
        sure = (*above, play.vars, *(one.exports for one in self.roles))

        def is_fixed(name: str) -> bool:
            if is_open or name in flow.given or name in bound:
                return False
            return name not in outer or any(name in layer for layer in sure)

        return Names((*sure, *defaults), is_fixed)

    def _give(self, name: str, sources: frozenset[Source]) -> None:
        self.flow.given.add(name)
        self.state.names[name] = sources
        if self.trails:
            self.trails[-1].append((name, sources))

    def _act(self, visit: Visit) -> None:
        task, action = visit.task, visit.task.action
        if action.name == "set_fact":
            for name, value in action.args.items():
                before = self.state.sources(name) if _may_be_skipped(visit) else frozenset()
                self._give(name, before | {Assigned(name, value, task)})
        elif action.name == "include_vars" or not action.name:
            self.state.is_open = True
        elif action.name == LOST:
            self.state.is_open |= "." not in action.written
            self.anything_read()
        elif action.name == "meta" and action.free_form == "flush_handlers":
            self.flush()
        if _ends_here(visit) and self.state.dead is None:
            self.state.dead = visit

    def _include(self, visit: Visit) -> None:
        """Go into what an include brings; what is not known may be anything."""
        before = self.state.copy()
        brought = list(self._brought(visit))
        if not brought:
            self.state.is_open = True
            self.anything_read()
            return
        outer = self.includes
        self.includes = (*outer, visit.task)
        rounds = 2 if visit.task.loop and len(brought) == 1 else 1
        for key, one in brought * rounds:
            self._enter(key, one)
        self.includes = outer
        if _may_be_skipped(visit) or visit.task.loop:
            self.state = self.state.joined(before)

    def _enter(self, key: object, brought: Brought) -> None:
        if key in self.files:
            return
        self.times[key] = self.times.get(key, 0) + 1
        if self.times[key] > _TIMES:
            self.state.is_open = True
            self.anything_read()
            return
        self.handlers += [one for one in brought.handlers if one not in self.handlers]
        self.roles += brought.roles
        self.files.append(key)
        self.steps(brought.steps)
        self.files.pop()

    def _brought(self, visit: Visit) -> Iterator[tuple[object, Brought]]:
        for item in self._items(visit):
            looked = self._looked_at(visit, item)
            if looked is not None:
                key, brought, invalid = looked
                sure = _is_literal(visit.task)
                self.flow.invalid += [one for one in invalid if sure or one.code not in _NOT_THERE]
                yield key, brought

    def _items(self, visit: Visit) -> list[Value]:
        """Return the items of an include's loop; one that is UNKNOWN if there is none."""
        loop = visit.task.loop
        if loop is None:
            return [UNKNOWN]
        items = visit.known(loop.items) if loop.lookup in (None, "items", "list") else UNKNOWN
        return items if isinstance(items, list) and items else [UNKNOWN]

    def _looked_at(
        self, visit: Visit, item: Value
    ) -> tuple[object, Brought, tuple[Diagnostic, ...]] | None:
        task, action = visit.task, visit.task.action
        names = visit.names if item is UNKNOWN else _with_item(visit, item)
        folder = Path(self.flow.playbook.path).parent
        if action.template is not None:
            return None
        if action.name == "include_tasks":
            written = action.free_form if action.free_form is not None else action.args.get("file")
            name, apply = known(written, names), known(action.args.get("apply") or {}, names)
            if not isinstance(name, str) or apply is UNKNOWN:
                return None
            beside = Path(task.span.source.name).parent
            path = tasks_path(
                name, beside, task.role, folder, handlers=task.is_handler, dynamic=True
            )
            return (path, task.role), *self.loader.look_at_tasks(path, task, apply, folder)
        args = {name: known(value, names) for name, value in action.args.items()}
        if any(value is UNKNOWN for value in args.values()) or "name" not in args:
            return None
        own = dict(task.inherited.vars[0]) if task.inherited.vars else {}
        key = repr(sorted(args.items()))
        return key, *self.loader.look_at_role(task, args, own, folder)

    def anything_read(self) -> None:
        """Note that something that cannot be looked into may read every result there is."""
        for sources in self.state.names.values():
            for one in sources:
                if isinstance(one, Registered):
                    one.may_be_read = True
        self.state.jobs = frozenset()


def _is_literal(task: Task) -> bool:
    """Tell whether an include names without a template what it brings."""
    return not any(True for _ in texts_in((task.action.free_form, task.action.args)))


def _with_item(visit: Visit, item: Value) -> Names:
    loop = visit.task.loop
    name = loop.loop_var if loop else ""
    fixed = visit.names.is_fixed
    return Names(({name: item}, *visit.names.layers), lambda asked: asked == name or fixed(asked))


def _all_of(ways: list[State]) -> State:
    met = ways[0]
    for way in ways[1:]:
        met = met.joined(way)
    return met


def _may_be_skipped(visit: Visit) -> bool:
    return any(condition is not True for condition in visit.task.inherited.when)


def _ends_here(visit: Visit) -> bool:
    """Tell whether nothing comes after a task, whatever happens."""
    task = visit.task
    if _may_be_skipped(visit) or task.loop or task.failed_when or task.inherited.run_once:
        return False
    if task.action.name == "meta":
        return task.action.free_form in _ENDS
    return task.action.name == "fail" and task.inherited.ignore_errors is None


def never(conditions: Iterable[object]) -> bool:
    """Tell whether one of a task's conditions is a literal that is false."""
    return any(
        one is False or (isinstance(one, Expression) and one.text.strip() in ("false", "False"))
        for one in conditions
    )
