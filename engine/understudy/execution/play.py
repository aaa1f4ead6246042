"""One play: its hosts, its batches, and the plan that every host's cursor goes through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from understudy.events import NoMoreHosts, PlayRef, PlayStarted
from understudy.execution.batch import Batch
from understudy.execution.cursor import Cursor
from understudy.execution.handlers import Handlers
from understudy.execution.host import HostState
from understudy.execution.includes import Asked, own_vars
from understudy.execution.magic import play_variables
from understudy.execution.plan import plan
from understudy.execution.play_keywords import PlayKeywords, batches
from understudy.execution.services import Services
from understudy.execution.strategy import LOCKSTEP, STRATEGIES
from understudy.execution.tags import TagFilter
from understudy.execution.turn import Turns
from understudy.execution.vars_files import VarsFiles
from understudy.execution.world import PlayLayers
from understudy.inventory.patterns import could_not_match
from understudy.playbook.files import Loader
from understudy.playbook.model import Block, Brought, Play, Role, Step, Task
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid
from understudy.values.errors import TemplateFailed
from understudy.values.merging import layered
from understudy.values.scope import Plain, Scope
from understudy.values.template import render, render_text
from understudy.values.texts import Template, Value


@dataclass(slots=True)
class PlayRun:
    """Runs one play."""

    services: Services
    play: Play
    number: int
    playbook_dir: Path
    loader: Loader
    scope: Scope = field(init=False)
    ref: PlayRef = field(init=False)
    _keywords: PlayKeywords = field(init=False)
    _everyone: tuple[str, ...] = ()
    """Every host of the play, in the order of the inventory, also those that failed before it."""
    _tags: TagFilter = field(init=False)
    _sections: tuple[tuple[Step, ...], ...] = field(init=False)
    _passed_over: bool = False
    """Whether the task to start at is in a later play."""

    def __post_init__(self) -> None:
        world = self.services.world
        self.scope = Scope((world.extra_vars, self.play.vars), world)
        self._keywords = PlayKeywords(self.play, self.scope, self.services.settings)
        self.ref = PlayRef(f"p{self.number}", self._name(), self.play.span)
        self._tags = self._tag_filter()
        given = (self.play.pre_tasks, self.play.tasks, self.play.post_tasks)
        sections = tuple(self._tags.steps(section) for section in given)
        start = self.services.start
        cut = sections if start is None else start.cut(sections)
        self._passed_over = cut is None
        self._sections = cut or ()

    async def run(self) -> bool:
        """Run every batch; tell whether the playbook goes on (not if a whole batch failed)."""
        hosts = self._hosts()
        if not hosts:
            self.services.emit(PlayStarted(play=self.ref, hosts=()))
            return True
        for state in hosts:
            state.ended = False
        for batch in batches(hosts, self._keywords.sizes()):
            done = await self._batch(batch)
            if not any(s.active or s.ended for s in batch):
                self.services.emit(NoMoreHosts(play=self.ref, too_many_failed=done.given_up))
                return False
            if done.play_ended:
                break
        return True

    def _tag_filter(self) -> TagFilter:
        settings = self.services.settings
        only, skip = frozenset(settings.tags), frozenset(settings.skip_tags)
        return TagFilter(only, skip, self._tags_of)

    def _tags_of(self, raw: Value) -> Value:
        """Return a tag rendered, or several; raise PlaybookInvalid: it decides what is run."""
        try:
            return render(raw, self.scope)
        except TemplateFailed as failure:
            message = f"`tags` cannot be rendered: {failure}"
            place = failure.span or getattr(raw, "span", None)
            raise PlaybookInvalid(
                [Diagnostic(code="keyword-type", message=message, span=place)]
            ) from None

    def _name(self) -> str:
        name = self.play.name
        if name is None:
            hosts = self.play.hosts
            if isinstance(hosts, list):
                return ",".join(map(_written, hosts))
            name = hosts
        try:
            return render_text(name, self.scope)
        except TemplateFailed:
            return _written(name)

    def _hosts(self) -> list[HostState]:
        world, settings = self.services.world, self.services.settings
        pattern = self._keywords.hosts()
        names, unmatched = world.selected(pattern, settings.limit)
        self._tell_unmatched(unmatched)
        self._everyone = tuple(names)
        states = [world.state(name) for name in self._keywords.ordered(names)]
        return [state for state in states if not (state.failed or state.unreachable)]

    def _tell_unmatched(self, parts: Sequence[str]) -> None:
        """Tell which parts of the pattern match no host, as configured; raise PlaybookInvalid."""
        how, place = self.services.settings.pattern_mismatch, self.play.keyword_spans.get("hosts")
        messages = [could_not_match(part) for part in parts if how != "ignore"]
        if messages and how == "error":
            raise PlaybookInvalid(
                [Diagnostic(code="no-hosts", message=one, span=place) for one in messages]
            )
        for message in messages:
            self.services.world.warn(message, place)

    def before(self, name: str) -> Scope | None:
        """Return what a host sees before the first task, None if the play is not for it."""
        names = [state.name for state in self._hosts()]
        if name not in names:
            return None
        self._magic(names)
        world = self.services.world
        return world.play_scope(world.state(name))

    async def _batch(self, hosts: Sequence[HostState]) -> Batch:
        """Run one batch, and return it as it is at its end."""
        strategy = self._keywords.strategy(list(STRATEGIES))
        names = [host.name for host in hosts]
        magic = self._magic(names)
        self.services.emit(
            PlayStarted(
                play=self.ref,
                hosts=tuple(names),
                check_mode=self.services.settings.check_mode,
                lockstep=strategy in LOCKSTEP,
            )
        )
        handlers = self._handlers()
        turns = Turns(
            services=self.services,
            play=self.ref,
            cursors={host.name: Cursor(self._plan(host)) for host in hosts},
            handlers=handlers,
            playbook_dir=self.playbook_dir,
        )
        batch = Batch(hosts, turns, lambda asked, task: self._brought(asked, task, handlers), magic)
        batch.max_fail_percentage = self._keywords.max_fail_percentage()
        await STRATEGIES[strategy](batch)
        return batch

    def _magic(self, names: Sequence[str]) -> Plain:
        """Set the play's layers of variables; return the magic one, which changes as hosts fail."""
        world = self.services.world
        magic = play_variables(
            world,
            self.services.settings,
            name=self.ref.name,
            playbook_dir=self.playbook_dir,
            hosts=names,
            everyone=self._everyone,
            roles=self.play.roles,
        )
        above = tuple(layer for layer in (magic, world.extra_vars) if layer)
        below = tuple(layer for layer in (self.play.vars,) if layer)
        files = VarsFiles(self.play, self.playbook_dir) if self.play.vars_files else None
        if files is not None:
            files.check()
        world.play = PlayLayers(
            above, below, files, deep=world.merges_hashes, folder=self.playbook_dir
        )
        world.play.add(role for role in self.play.roles if role.public)
        return magic

    def _plan(self, host: HostState) -> Block:
        return plan(
            self.play,
            self._sections,
            gather=self._gathers(host) and not self._passed_over,
            force_handlers=self._keywords.flag("force_handlers", self.play.force_handlers),
        )

    def _gathers(self, host: HostState) -> bool:
        """Tell whether the play gathers a host's facts: by its keyword, else by configuration.

        With `smart` a host that has its facts is passed over, whatever the keyword says.
        """
        gathering = self.services.settings.gathering
        wanted = self._keywords.gathers(implied=gathering != "explicit")
        return wanted and not (gathering == "smart" and host.facts_gathered)

    def _brought(self, asked: Asked, task: Task, handlers: Handlers) -> Brought:
        """Return what an include asks for, after tags have been applied."""
        args = asked.include.args
        if task.action.name == "include_role":
            own = layered(reversed(own_vars(task)))
            brought = self.loader.load_role(task, args, own, self.playbook_dir)
        else:
            apply = args.get("apply") or {}
            brought = self.loader.load_tasks(Path(asked.what), task, apply, self.playbook_dir)
        handlers.add(brought.handlers)
        self.services.world.play.add(brought.roles)
        return Brought(self._tags.steps(brought.steps))

    def _handlers(self) -> Handlers:
        return Handlers(self.play.handlers, self._handler_name, self._topics)

    def _handler_name(self, task: Task) -> str:
        if task.name is None:
            return task.action.written
        try:
            return render_text(task.name, self._shared_scope(task.role))
        except TemplateFailed:
            return _written(task.name)

    def _topics(self, task: Task) -> list[str]:
        """Return the topics that a handler listens to, a role's also with its name before them.

        They are never rendered.
        """
        own = [_written(value) for value in task.listen]
        return [*own, *(f"{task.role.name} : {topic}" for topic in own)] if task.role else own

    def _shared_scope(self, role: Role | None) -> Scope:
        """Return what is the same for all hosts: the play's and a role's layers, no host's."""
        play = self.services.world.play
        above, lowest = ((role.params, role.vars), (role.defaults,)) if role else ((), ())
        layers = (*play.above, *above, play.exports, *play.below, *lowest, play.defaults)
        return Scope(layers, self.services.world)


def _written(text: Value) -> str:
    return text.text if isinstance(text, Template) else str(text)
