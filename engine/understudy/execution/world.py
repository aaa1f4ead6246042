"""The hosts of a run and what each sees: layers of variables in Ansible's order of precedence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from understudy.events import Event, Warned
from understudy.execution.host import HostState
from understudy.execution.learning import Learned
from understudy.execution.plans import Plans
from understudy.execution.search import task_variables
from understudy.execution.stats import CustomStats
from understudy.execution.vars_files import VarsFiles
from understudy.inventory.fact_cache import GATHERED, FactCache, NotCached
from understudy.inventory.model import Host, Inventory
from understudy.inventory.patterns import select
from understudy.playbook.model import Role, Task
from understudy.playbook.reserved import RESERVED
from understudy.text.source import Span
from understudy.values.hostvars import AllVariables, HostVars
from understudy.values.merging import layered
from understudy.values.scope import Scope
from understudy.values.texts import Value
from understudy.values.world import Addition

_NO_FACTS = frozenset({"debug", "include_vars", "set_fact"})
Layer: TypeAlias = Mapping[str, Value]
Layers: TypeAlias = tuple[Layer, ...]


@dataclass(frozen=True, slots=True)
class PlayLayers:
    """What the current play adds to every scope."""

    above: Layers = ()
    """Magic variables and `-e`: above everything but a loop's item."""
    below: Layers = ()
    """`vars` of the play: below the task's own variables."""
    files: VarsFiles | None = None
    """`vars_files` of the play: above `below`."""
    exports: dict[str, Value] = field(default_factory=dict)
    """Variables of public roles: above `below`. An include may add to them."""
    defaults: dict[str, Value] = field(default_factory=dict)
    """Defaults of public roles: below everything else."""
    deep: bool = False
    """Whether mappings are merged in them."""
    folder: Path = Path()
    """The directory of the playbook."""

    def add(self, roles: Iterable[Role]) -> None:
        """Let the whole play see the variables of public roles."""
        for role in roles:
            self.exports.update(layered((self.exports, role.exports), deep=self.deep))
            self.defaults.update(layered((self.defaults, role.defaults), deep=self.deep))


@dataclass(slots=True)
class RunWorld:
    """Every host of the run, with its variables. Implements `values.scope.World`."""

    inventory: Inventory
    layers_of: Callable[[Host], Layers]
    """Gives a host's inventory variables, highest precedence first."""
    emit: Callable[[Event], None]
    extra_vars: Layer = field(default_factory=dict)
    play: PlayLayers = field(default_factory=PlayLayers)
    limit: str | None = None
    merges_hashes: bool = False
    """`hash_behaviour = merge`."""
    folder: Path = Path()
    """The directory of the playbook file that the current play stands in."""
    read: Callable[[], tuple[Inventory, Callable[[Host], Layers]]] | None = None
    """Reads the sources of the inventory again, for `meta: refresh_inventory`."""
    changes: list[Callable[[Inventory], object]] = field(default_factory=list)
    """What `add_host` and `group_by` did: it outlives a refresh."""
    states: dict[str, HostState] = field(default_factory=dict)
    stats: CustomStats = field(default_factory=CustomStats)
    cache: FactCache | None = None
    """Where facts outlive the run."""
    inject_facts: bool = True
    """Whether facts are variables on their own."""
    _named: dict[str, Layer] = field(default_factory=dict)
    """The variables that say which host it is, by its name."""
    _warned: set[str] = field(default_factory=set)
    _plans: Plans = field(default_factory=Plans)
    _fixed: Layer = field(init=False)
    """Variables that nothing replaces."""

    def __post_init__(self) -> None:
        self._fixed = {"hostvars": HostVars(self), "vars": AllVariables()}

    def hosts(self) -> Sequence[str]:
        """Return the name of every host, in inventory order."""
        return list(self.inventory.hosts)

    def groups(self) -> Mapping[str, Sequence[str]]:
        """Return every group's hosts."""
        inventory = self.inventory
        return {name: [h.name for h in inventory.hosts_of(name)] for name in inventory.groups}

    def match(self, pattern: str) -> Sequence[str]:
        """Return the hosts that a pattern selects."""
        return [host.name for host in select(self.inventory, pattern).hosts]

    def plan(self, occasion: object, addition: Addition) -> bool:
        """Note what a task is about to add to the inventory; tell whether that is a change."""
        if self._plans.occasion is not occasion:
            self._plans = Plans(occasion)
        return self._plans.add(self.inventory, addition)

    def scope_of(self, host: str) -> Scope:
        """Return a host's scope without play, role, block and task variables; raise KeyError."""
        if self.inventory.find(host) is None:
            raise KeyError(host)
        return self._scope(self.state(host), (), (), ())

    def warn(self, message: str, span: Span | None = None) -> None:
        """Report a warning, once for each text."""
        if message not in self._warned:
            self._warned.add(message)
            self.emit(Warned(message=message, place=span))

    def check_names(self, variables: Layer, span: Span | None = None) -> None:
        """Warn of variables with names that stand for something else in a playbook."""
        for name in sorted(variables.keys() & RESERVED):
            place = getattr(variables[name], "span", None) or span
            self.warn(f"Found variable using reserved name '{name}'.", place)

    def state(self, name: str) -> HostState:
        """Return what is known of a host; make it when it is first asked for."""
        state = self.states.get(name)
        if state is None:
            host = self.inventory.find(name) or Host(name)
            state = HostState(name, self.layers_of(host))
            self._recall(state)
            if name not in self._named:
                self._identify(name, host)
            # `hostvars` comes here from threads too: the first that is complete is the one.
            state = self.states.setdefault(name, state)
        return state

    def learn(self, state: HostState, learned: Learned) -> None:
        """Take in what a task has learned of a host, at the rank that is its own."""
        action, facts = learned.action, learned.facts
        if action in {"include_vars", "set_fact"}:
            self.check_names(facts, learned.span)
        if action == "include_vars":
            state.included.update(facts)
        if action == "set_fact":
            state.registered.update(facts)
        if action not in _NO_FACTS or learned.cached:
            gathered = {GATHERED: True} if action == "gather_facts" and facts else {}
            for name in state.know({**facts, **gathered}, inject=self.inject_facts):
                self.warn(f"Removed restricted key from module data: {name}")
            self._keep(state)

    def forget_facts(self, state: HostState) -> None:
        """Forget a host's facts, also those in the cache."""
        state.forget_facts()
        if self.cache is not None:
            with self._cache_warnings():
                self.cache.forget(state.name)

    def flush_cache(self) -> None:
        """Forget what the cache knows of every host, as `--flush-cache` asks."""
        for name in self.selected("all", self.limit)[0]:
            self.forget_facts(self.state(name))

    def _recall(self, state: HostState) -> None:
        """Take in what the cache knows of a host. It is host data: plain, never a template."""
        if self.cache is not None:
            with self._cache_warnings():
                state.know(self.cache.load(state.name), inject=self.inject_facts)

    def _keep(self, state: HostState) -> None:
        """Write a host's facts into the cache."""
        if self.cache is not None:
            with self._cache_warnings():
                self.cache.store(state.name, state.known_facts)

    @contextmanager
    def _cache_warnings(self) -> Iterator[None]:
        try:
            yield
        except NotCached as why:
            self.warn(str(why))

    def selected(self, pattern: Value, limit: str | None) -> tuple[list[str], tuple[str, ...]]:
        """Return the names of the hosts that a play is for, and the parts that match nothing."""
        selection = select(self.inventory, pattern, limit)
        return [host.name for host in selection.hosts], selection.unmatched

    def play_scope(self, state: HostState) -> Scope:
        """Return what a host sees in the play, outside every task."""
        return self._scope(state, (), self._below(state), self._lowest())

    def levels(self, state: HostState) -> dict[int, str]:
        """Return the names of a host's layers in the play, by identity.

        They are those of `PRECEDENCE`, and `magic`; not those of the inventory and `vars_files`.
        """
        play = self.play
        named: list[tuple[str, Layer]] = [
            ("magic", self._fixed),
            *(("magic", layer) for layer in play.above),
            ("extra", self.extra_vars),
            ("magic", self._named[state.name]),
            ("set_facts", state.registered),
            ("include_vars", state.included),
            ("role", play.exports),
            *(("play", layer) for layer in play.below),
            ("facts", state.facts_by_name),
            ("facts", state.injected_facts),
            ("role_defaults", play.defaults),
        ]
        return {id(layer): level for level, layer in named}

    def task_scope(self, state: HostState, inserted: Layers, task: Task) -> Scope:
        """Return what a task sees; `inserted` are the variables of the includes around it.

        What an include brings wins over all but `-e` and magic variables.
        """
        about = task_variables(task.span.source.name, task.role, self.play.folder)
        own, role = task.inherited.vars, task.role
        if role is None:
            return self._scope(state, inserted, own + self._below(state), self._lowest(), (about,))
        above = (*inserted, role.params) if role.params else inserted
        below = (*own, role.vars, *self._below(state))
        return self._scope(state, above, below, (role.defaults, *self._lowest()), (about,))

    def _below(self, state: HostState) -> Layers:
        play = self.play
        exports = (play.exports,) if play.exports else ()
        if play.files is None:
            return exports + play.below
        known = self._scope(state, (), play.below, self._lowest())
        return (*exports, *play.files.layers(known), *play.below)

    def _lowest(self) -> Layers:
        return (self.play.defaults,) if self.play.defaults else ()

    def change(self, change: Callable[[Inventory], object]) -> None:
        """Change the inventory, now and after every refresh."""
        self.changes.append(change)
        change(self.inventory)
        self._plans = Plans()

    def enter(self, folder: Path) -> None:
        """Take the directory of the next play's file, beside which variables may lie."""
        if folder != self.folder:
            self.folder = folder
            self.refresh(self.states)

    def reread(self) -> None:
        """Read the inventory again; what tasks have added stays. Raises PlaybookInvalid.

        What is newly wrong with its sources is a warning.
        """
        if self.read is None:
            return
        self._warned.update(one.message for one in self.inventory.warnings)
        self.inventory, self.layers_of = self.read()
        for one in self.inventory.warnings:
            self.warn(one.message, one.span)
        for change in self.changes:
            change(self.inventory)
        self.refresh(self.states)

    def refresh(self, names: Iterable[str]) -> None:
        """Take in what `add_host` or `group_by` changed of these hosts."""
        for name in names:
            host = self.inventory.find(name)
            if host is not None and name in self.states:
                self.states[name].inventory_layers = self.layers_of(host)
                self._identify(name, host)

    def _scope(
        self,
        state: HostState,
        inserted: Layers,
        below: Layers,
        lowest: Layers,
        about: Layers = (),
    ) -> Scope:
        for layer in (self.extra_vars, *inserted, *below, *state.inventory_layers, *lowest):
            if not layer.keys().isdisjoint(RESERVED):
                self.check_names(layer)
        layers = (
            self._fixed,
            *about,
            *self.play.above,
            *inserted,
            state.registered,
            state.included,
            *below,
            self._named[state.name],
            state.facts_by_name,
            state.injected_facts,
            *state.inventory_layers,
            *lowest,
        )
        return Scope(layers, self)

    def _identify(self, name: str, host: Host) -> None:
        """Note the magic variables that belong to the host itself.

        What a play or a task sets under the names that say which host it is replaces them, what an
        inventory says does not; but a host of it may name another source.
        """
        named: dict[str, Value] = {
            "inventory_hostname": host.name,
            "inventory_hostname_short": host.name.split(".", maxsplit=1)[0],
            "group_names": self.inventory.group_names(host),
        }
        sources = {"inventory_file": host.inventory_file, "inventory_dir": host.inventory_dir}
        own = {key: host.values[key] for key in sources if key in host.values}
        self._named[name] = named | sources | own
