"""Goes through a playbook as a host would, by every way at once, and notes what it sees.

Includes whose file or role is known before a run are gone into. Where one is not, everything after
it may have been given or read there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from understudy.check.flow.given import Layer, VariableFiles, facts_given
from understudy.check.flow.includes import Found, brought_by, given_by, items_of, told_of
from understudy.check.flow.known import UNKNOWN, Names
from understudy.check.flow.state import Sources, State, all_of
from understudy.check.flow.surroundings import Surroundings
from understudy.check.flow.task_reads import Before, reads_of
from understudy.check.flow.visits import Assigned, Flow, PlayFlow, Registered, Unclear, Visit
from understudy.check.meaning.jobs import never_starts
from understudy.check.settings.settings import Settings
from understudy.playbook.documents import SEALED
from understudy.playbook.files import Loader
from understudy.playbook.model import Action, Block, Play, Playbook, Role, Step, Task
from understudy.playbook.module_names import is_known_elsewhere
from understudy.playbook.tasks import LOST, UNREAD
from understudy.values.texts import Expression, Value, is_template

LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
"""Names of this machine: hosts that `all` does not contain if no inventory names them."""
_TIMES = 30
"""How often one file is gone into: after that, what it would do here is not looked at."""
_DEPTH = 40
"""How deep includes are gone into."""
_JOBS = 200
"""How many jobs are kept in mind at once: of a launch after so many nothing is told."""
_ENDS = frozenset({"end_host", "end_play", "end_batch", "end_role"})
_INCLUDES = ("include_tasks", "include_role")
_OPTIONS = frozenset({"cacheable"})
"""Arguments of `set_fact` that are no variables."""


def walk(
    playbook: Playbook,
    loader: Loader,
    settings: Settings,
    surroundings: Surroundings | None = None,
    *,
    is_open: bool = False,
) -> Flow:
    """Return the flow of a playbook; `is_open` if it is only a part, of something unknown."""
    flow = Flow(playbook, settings, surroundings or Surroundings(), is_part=is_open)
    files = VariableFiles(Path(playbook.path).parent)
    walker = _Walk(flow, loader, State(opened=int(is_open)), State(opened=int(is_open)), files)
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
    outside: State
    """What holds for a host that has not been in the plays of `hosts` before this place."""
    variable_files: VariableFiles
    part: PlayFlow = field(init=False)
    hosts: Value = None
    handlers: list[Task] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)
    of_play: tuple[Layer, ...] = ()
    """Layers of the play's `vars_files` and its own variables."""
    includes: tuple[Task, ...] = ()
    above: tuple[Layer, ...] = ()
    """What the includes around give to what they bring, the innermost first."""
    files: list[object] = field(default_factory=list)
    """What the includes around have brought, the innermost last."""
    brought: set[object] = field(default_factory=set)
    """Which handlers includes have brought to the play."""
    times: dict[object, int] = field(default_factory=dict)
    trails: list[list[tuple[str, Sources]]] = field(default_factory=list)
    """For each block around, the names that its body has given so far."""
    rescues: int = 0
    """How many blocks around have a `rescue`."""

    def play(self, play: Play) -> None:
        """Go through a play."""
        self.state.dead = None
        self._meet_hosts(play.hosts)
        self.part = PlayFlow(play, list(play.handlers), is_open=self.flow.is_part)
        self.flow.parts.append(self.part)
        self.handlers = list(play.handlers)
        self.brought = set()
        self.roles = [role for role in play.roles if role.public]
        before = self.state.more_names
        prompts: Layer = {prompt.name: UNKNOWN for prompt in play.prompts}
        self.of_play = (prompts, play.vars)
        files, is_all = self.variable_files.of_play(play, self._names_of(None))
        sealed: tuple[Layer, ...] = () if is_all else ({SEALED: UNKNOWN},)
        self.of_play = (*sealed, *files, *self.of_play)
        self.state.more_names |= not is_all or self._has_sealed_role()
        sections = [one for one in (play.pre_tasks, play.tasks, play.post_tasks) if one]
        for section in sections or [()]:
            self.steps(section)
            self.flush()
        if is_all and not self._has_sealed_role():
            return
        self.state.more_names = before or self.part.gave_more_names

    def _has_sealed_role(self) -> bool:
        """Tell whether a role has variables that are encrypted."""
        return any(SEALED in layer for role in self.roles for layer in (role.vars, role.defaults))

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
        self.flow.blocks.append(block)
        before = self.state.copy()
        with self._trail() as given:
            self.rescues += bool(block.rescue)
            self.steps(block.body)
            self.rescues -= bool(block.rescue)
            in_body = list(given)
            ways, dead = [self.state], self.state.dead
            if block.rescue:
                self.state = before.failed_within(self.state, in_body)
                self.steps(block.rescue)
                ways.append(self.state)
                dead = dead and self.state.dead
            elif block.always:
                ways.append(before.failed_within(self.state, in_body))
            self.state = all_of(ways, {name for name, _ in given})
            if block.always:
                self.state.dead = before.dead
                self.steps(block.always)
                self.state.dead = self.state.dead or dead

    @contextmanager
    def _trail(self) -> Iterator[list[tuple[str, Sources]]]:
        """Note the names that are given from here on."""
        given: list[tuple[str, Sources]] = []
        self.trails.append(given)
        yield given
        self.trails.pop()
        if self.trails:
            self.trails[-1].extend(given)

    def flush(self) -> None:
        """Go through the handlers: each may have been notified or not."""
        waiting, self.handlers = self.handlers, []
        dead, self.state.dead = self.state.dead, None
        for handler in waiting:
            before = self.state.copy()
            with self._trail() as given:
                self.task(handler)
            self.state = self.state.joined(before, [name for name, _ in given])
        self.state.dead = dead
        self.handlers = [*waiting, *self.handlers]

    def task(self, task: Task) -> None:
        """Visit a task, then do what it does to names and to the way."""
        if task.implicit:
            self._end_of_role(task)
            return
        visit = self._visit(task)
        self.flow.visits.append(visit)
        self.part.visits.append(visit)
        self.flow.notified += [(visit, name) for name in task.notify]
        if visit.is_launch and not never_starts(task, self.flow.settings.target):
            self._launch(visit.given)
        if task.register:
            self._give(task.register, frozenset({visit.given}))
        if task.action.name in _INCLUDES:
            self._include(visit)
        else:
            self._act(visit)

    def _launch(self, job: Registered) -> None:
        if len(self.state.jobs) < _JOBS:
            self.state.jobs |= {job}

    def _end_of_role(self, task: Task) -> None:
        """Go on where `meta: end_role` leads to."""
        ended = self.state.dead
        if ended and ended.task.action.free_form == "end_role" and ended.task.role is task.role:
            self.state.dead = None

    def _visit(self, task: Task) -> Visit:
        given = Registered(task.register, task)
        state = self.state
        visit = Visit(
            task,
            self.part.play,
            len(self.flow.visits),
            self._names_of(task),
            given,
            self.includes,
            state.jobs,
            state.sources(task.register) if task.register else frozenset(),
            state.dead,
            self.rescues > 0,
        )
        given.visit = visit
        before = Before(state.names, state.missing, self.above, self.flow.surroundings)
        for read in reads_of(visit, before):
            visit.reads.append(read)
            if read.via:
                visit.through.setdefault(read.via[-1], []).append(read)
            for one in read.may_be:
                if one is not given:
                    one.reads.append(read)
        if task.action.name == "async_status":
            state.jobs -= {one for read in visit.reads_in("args", "loop") for one in read.may_be}
        if visit.reads_unknown:
            self.anything_read()
        return visit

    def _names_of(self, task: Task | None) -> Names:
        """Return the variables of a task, or of the play itself."""
        flow, state, above = self.flow, self.state, self.above
        is_open, outer = state.is_open, flow.surroundings.names
        loop = task.loop if task else None
        bound = {loop.loop_var, loop.index_var} if loop else set()
        role, own = (task.role, task.inherited.vars) if task else (None, ())
        inner = (*above, role.params, *own, role.vars) if role else (*above, *own)
        sure = (*inner, *self.of_play, *(one.exports for one in self.roles))
        defaults = (*((role.defaults,) if role else ()), *(one.defaults for one in self.roles))

        def is_fixed(name: str) -> bool:
            if name in bound:
                return False
            if any(name in layer for layer in above):
                return True
            if is_open or name in flow.given or is_sealed(name, (*sure, *defaults)):
                return False
            return name not in outer or any(name in layer for layer in sure)

        return Names((*sure, *defaults), is_fixed)

    def _give(self, name: str, sources: Sources) -> None:
        self.flow.given.add(name)
        self.state.names[name] = sources
        if self.trails:
            self.trails[-1].append((name, sources))

    def _open(self) -> None:
        """Note that something comes here that cannot be looked into."""
        self.state.open()
        self.part.is_open = True
        self.anything_read()

    def _more_names(self) -> None:
        """Note that variables are given here by names that only a run can tell."""
        self.state.more_names = self.part.gave_more_names = True

    def _act(self, visit: Visit) -> None:
        action = visit.task.action
        if action.name in ("set_fact", "add_host"):
            self._assign(visit)
        elif action.name == "include_vars":
            self._load(visit)
        elif not action.name or action.name == UNREAD:
            self._open()
        elif action.name == LOST:
            self._lost(action)
        elif action.name == "meta" and action.free_form == "flush_handlers":
            self.flush()
        else:
            self._take_facts(visit)
        if _ends_here(visit) and self.state.dead is None:
            self.state.dead = visit

    def _assign(self, visit: Visit) -> None:
        """Give the variables of `set_fact`, or those of a host that is added."""
        action = visit.task.action
        # another host may be the one that gets it, a loop may have no items
        is_sure = action.name == "set_fact" and not (visit.task.loop or may_be_skipped(visit))
        if action.template is not None or any(map(is_template, action.args)):
            self._more_names()
        for name, value in action.args.items():
            if name not in _OPTIONS:
                before = frozenset() if is_sure else self.state.sources(name)
                self._give(name, before | {Assigned(name, value, visit.task)})

    def _load(self, visit: Visit) -> None:
        """Give the variables that `include_vars` loads: those of `set_fact` stay above them."""
        loaded = self.variable_files.included(visit)
        if loaded is None:
            self._more_names()
            return
        for name, value in loaded.items():
            before = self.state.sources(name)
            own = frozenset({Assigned(name, value, visit.task, is_lazy=True)})
            above = {one for one in before if not _is_below(one)}
            if not above:
                self._give(name, before | own if may_be_skipped(visit) else own)
            elif Unclear.NOWHERE in before or Unclear.ANYWHERE in before:
                self._give(name, before | own)

    def _lost(self, action: Action) -> None:
        """Go on after a module that is not known: it may be an include misspelt."""
        self.anything_read()
        if "." not in action.written and not is_known_elsewhere(action.written):
            self._open()
        elif action.written.endswith("_facts"):
            self._more_names()

    def _take_facts(self, visit: Visit) -> None:
        facts = facts_given(visit.task)
        if facts is None:
            self._more_names()
        for name in facts or ():
            value = Assigned(name, UNKNOWN, visit.task)
            self._give(name, self.state.sources(name) | {value})

    def _include(self, visit: Visit) -> None:
        """Go into what an include brings; what is not known may be anything."""
        before = self.state.copy()
        folder = Path(self.flow.playbook.path).parent
        items = items_of(visit)
        brought = [(item, brought_by(visit, item, self.loader, folder)) for item in items]
        outer = self.includes, self.above
        self.includes = (*self.includes, visit.task)
        rounds = 2 if visit.task.loop and len(brought) == 1 else 1
        with self._trail() as given:
            for item, found in brought * rounds:
                self.above = (*given_by(visit.task, item), *outer[1])
                self._enter(visit, found)
        self.includes, self.above = outer
        if may_be_skipped(visit) or visit.task.loop:
            self.state = self.state.joined(before, [name for name, _ in given])

    def _enter(self, visit: Visit, found: Found | None) -> None:
        if found is None:
            self._open()
            return
        key, brought, invalid = found
        self.flow.invalid += told_of(visit, invalid)
        if key in self.files:
            return
        if len(self.files) >= _DEPTH:
            self._open()
            return
        self.times[key] = self.times.get(key, 0) + 1
        if self.times[key] > _TIMES or (invalid and not brought.steps):
            self._open()
            return
        new = [one for one in brought.handlers if self._is_new(one)]
        self.handlers += new
        self.part.handlers += new
        self.roles += brought.roles
        if self._has_sealed_role():
            self._more_names()
        self.files.append(key)
        self.steps(brought.steps)
        self.files.pop()

    def _is_new(self, handler: Task) -> bool:
        """Tell whether no include of the play has brought a handler before, and note it."""
        key = str(handler.span), handler.role and handler.role.path
        is_new = key not in self.brought
        self.brought.add(key)
        return is_new

    def anything_read(self) -> None:
        """Note that something that cannot be looked into may read every result there is."""
        for sources in self.state.names.values():
            for one in sources:
                if isinstance(one, Registered):
                    one.may_be_read = True
        self.state.jobs = frozenset()


def is_sealed(name: str, layers: Iterable[Layer]) -> bool:
    """Tell whether a name may have another value in what is encrypted above the first layer."""
    for layer in layers:
        if SEALED in layer:
            return True
        if name in layer:
            return False
    return False


def _is_below(source: object) -> bool:
    """Tell whether what `include_vars` loads hides what a name was before."""
    return isinstance(source, Unclear) or (isinstance(source, Assigned) and source.is_lazy)


def may_be_skipped(visit: Visit) -> bool:
    """Tell whether a task has a condition that is no literal."""
    return any(condition is not True for condition in visit.task.inherited.when)


def _ends_here(visit: Visit) -> bool:
    """Tell whether nothing comes after a task, whatever happens."""
    task = visit.task
    if may_be_skipped(visit) or task.loop or task.failed_when or task.inherited.run_once:
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
