"""The flow of a playbook: how a host can come to each task, and what names mean to it there.

A name's *sources* are the tasks that can have given it last. A task registers its result whatever
becomes of it, also when it is skipped: so a later one always hides an earlier one. `rescue` can be
entered from every task of its block; a handler may run or not; what an include brings is only known
where its name is. What is not known is a source of its own, and no rule reports on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from understudy.check.flow.known import Names, known, number
from understudy.check.flow.reads import Chain, facts_of, place_of_chain, sole_chain
from understudy.check.flow.surroundings import Surroundings
from understudy.check.settings.settings import Settings
from understudy.playbook.model import Block, Play, Playbook, Task
from understudy.text.diagnostic import Diagnostic
from understudy.text.source import Span
from understudy.values.texts import Authored, Expression, Template, Value

if TYPE_CHECKING:
    from understudy.check.meaning.notices import Notices

DEFAULT_POLL_S = 15
DEFAULT_DELAY_S = 5
DEFAULT_RETRIES = 3
_LISTS = (None, "items", "list")
"""`loop`, and the lookups that yield the items of a list as they are."""
_CHOOSING = frozenset("d default list reject rejectattr reverse select selectattr sort".split())
"""Filters whose items are items of what they are put to."""
_READS_ALL = frozenset({"template"})
_ALL_NAMES = frozenset({"vars", "hostvars"})
_READING_LOOKUPS = frozenset({"vars", "varnames", "template", ""})


class Unclear(Enum):
    """Sources that are no task."""

    NOWHERE = "no task before has given it"
    ANYWHERE = "something that cannot be looked into may have given it"


@dataclass(eq=False, slots=True)
class Registered:
    """The result of one task on one way to it. `name` is None where it is not registered."""

    name: str | None
    task: Task
    visit: Visit = field(init=False)
    reads: list[Read] = field(default_factory=list)
    """Everything that may read it later; its task's own `until` and the like are not in here."""
    may_be_read: bool = False
    """Whether something that cannot be looked into comes after it."""


@dataclass(frozen=True, eq=False, slots=True)
class Assigned:
    """A variable that a task gives: `set_fact`, `include_vars`, `add_host`, or facts."""

    name: str
    value: Value
    task: Task
    is_lazy: bool = False
    """Whether it is rendered where it is read: `include_vars` gave it, or it is a new host's."""


Source: TypeAlias = Registered | Assigned | Unclear


@dataclass(frozen=True, eq=False, slots=True)
class Read:
    """One reading of a variable in a task: where it stands, and what it can mean there."""

    chain: Chain
    text: Template | Expression
    keyword: str
    """`when`, `loop`, `vars`; of an argument `args.jid`."""
    sources: frozenset[Source]
    """Empty for a name that no task gives and that is a variable of the text or of its host."""
    visit: Visit
    via: tuple[str, ...] = ()
    """The variables by way of which it is read: `x` if the task names only `x: "{{ r.rc }}"`."""

    @property
    def span(self) -> Span | None:
        """Where it stands in the file."""
        return place_of_chain(self.chain, self.text)

    @property
    def registered(self) -> Registered | None:
        """The one task whose result it is for sure."""
        first = next(iter(self.sources), None)
        return first if len(self.sources) == 1 and isinstance(first, Registered) else None

    @property
    def may_be(self) -> tuple[Registered, ...]:
        """Every task whose result it can be."""
        return tuple(one for one in self.sources if isinstance(one, Registered))

    @property
    def results(self) -> tuple[Registered, ...]:
        """Every task whose result it can be; empty if something else may have given it."""
        may_be = self.may_be
        return may_be if len(may_be) == len(self.sources) else ()

    @property
    def is_nowhere(self) -> bool:
        """Whether it is a name that no task before has given on any way."""
        return self.sources == {Unclear.NOWHERE}


@dataclass(frozen=True, eq=False, slots=True)
class Visit:
    """One way in which a host can come to a task.

    Numbers are seconds or times, with Ansible's defaults for what is not written, and None for what
    only a run can tell.
    """

    task: Task
    play: Play
    number: int
    """Visits are numbered in the order in which they are made."""
    names: Names
    given: Registered
    includes: tuple[Task, ...] = ()
    """The includes that brought the task, the outermost first."""
    jobs: frozenset[Registered] = frozenset()
    """Jobs that run beside it: launched before, and not waited for by then."""
    hidden: frozenset[Source] = frozenset()
    """What the name that it registers meant before."""
    unreachable: Visit | None = None
    """The task before, on every way to it, after which nothing is run."""
    is_rescued: bool = False
    """Whether a `rescue` around it goes on where it fails."""
    reads: list[Read] = field(default_factory=list)
    through: dict[str, list[Read]] = field(default_factory=dict)
    """Those of them that stand in a variable which the task names."""
    noted: dict[object, bool] = field(default_factory=dict)
    """What several rules ask for, by what that is: it is worked out once."""

    @property
    def reads_unknown(self) -> bool:
        """Whether it may read variables by names that only a run can tell."""
        own = self.task.action.own
        if self.task.action.name in _READS_ALL or (own is not None and own.is_action):
            return True
        return any(
            read.chain.name in _ALL_NAMES or facts_of(read.text).lookups & _READING_LOOKUPS
            for read in self.reads
        )

    def known(self, value: Value) -> Value:
        """Return what a value will be in this task, or UNKNOWN."""
        return known(value, self.names)

    def span(self, keyword: str) -> Span:
        """Return where the value of a keyword stands, or the task's first key."""
        return self.task.keyword_spans.get(keyword, self.task.span)

    def key(self, keyword: str) -> Span | None:
        """Return where the key of a keyword stands."""
        entry = self.task.node.entries.get(keyword) if self.task.node else None
        return entry[0].span if entry else None

    @property
    def async_s(self) -> float | None:
        """The limit of its job; 0 if it is none."""
        return self._number(self.task.async_s, 0)

    @property
    def poll_s(self) -> float | None:
        """The seconds between two checks of its job."""
        return self._number(self.task.poll_s, DEFAULT_POLL_S)

    @property
    def retries(self) -> float | None:
        """How often it is tried again."""
        return self._number(self.task.retries, DEFAULT_RETRIES if self.task.until else 0)

    @property
    def delay_s(self) -> float | None:
        """The seconds between two tries; a negative one counts as 1."""
        delay = self._number(self.task.delay_s, DEFAULT_DELAY_S)
        return delay if delay is None or delay >= 0 else 1

    def _number(self, value: Value, default: float) -> float | None:
        return default if value is None else number(self.known(value))

    @property
    def is_launch(self) -> bool:
        """Whether it surely starts a job that it does not wait for."""
        return (self.async_s or 0) != 0 and self.poll_s is not None and self.poll_s <= 0

    @property
    def is_polled(self) -> bool:
        """Whether it surely starts a job and waits for its end."""
        return (self.async_s or 0) > 0 and (self.poll_s or 0) > 0

    @property
    def is_synchronous(self) -> bool:
        """Whether it surely starts no job."""
        return self.async_s == 0

    def reads_in(self, *keywords: str) -> Iterator[Read]:
        """Yield what stands in some keywords; `args` stands for every argument."""
        for read in self.reads:
            if read.keyword in keywords or read.keyword.partition(".")[0] in keywords:
                yield read

    def meaning(self, read: Read) -> tuple[Read, Chain]:
        """Return what is read in the end, with the way from there.

        `item.ansible_job_id` in a loop over `r.results` is `r.results[…].ansible_job_id`: the read
        of `r`, and a chain with that path. The same holds for `vars` of the task that are but
        another name. Items that a filter or a lookup makes are no part of `r`.
        """
        loop = self.task.loop
        if loop is not None and read.chain.name == loop.loop_var and loop.lookup in _LISTS:
            items = next((one for one in self.reads_in("loop") if _is_all(one, loop.items)), None)
            if items is not None:
                path = (*items.chain.path, None, *read.chain.path)
                return items, Chain(items.chain.name, path)
        for one in self.through.get(read.chain.name, ()):
            if sole_chain(one.text) == one.chain:
                return one, Chain(one.chain.name, (*one.chain.path, *read.chain.path))
        return read, read.chain


def _is_all(read: Read, items: Value) -> bool:
    keeps = _CHOOSING.issuperset(read.chain.filters)
    return keeps and read.text is items and sole_chain(read.text) == read.chain


@dataclass(eq=False, slots=True)
class PlayFlow:
    """What was gone through in one play."""

    play: Play
    handlers: list[Task]
    """Its own, those of its roles, and those that includes brought."""
    visits: list[Visit] = field(default_factory=list)
    is_open: bool = False
    """Whether something in it or around it cannot be looked into."""
    gave_more_names: bool = False
    """Whether a task gives variables by names that only a run can tell."""
    notices: Notices | None = None
    """Who notifies whom in it; None: nothing has asked for that."""


@dataclass(slots=True)
class Flow:
    """Everything that was gone through in a playbook."""

    playbook: Playbook
    settings: Settings
    surroundings: Surroundings
    is_part: bool = False
    """Whether it is only a part of something unknown: a role that is looked at alone."""
    visits: list[Visit] = field(default_factory=list)
    parts: list[PlayFlow] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    """Every block that was gone into."""
    invalid: list[Diagnostic] = field(default_factory=list)
    """What is wrong with what dynamic includes bring."""
    notified: list[tuple[Visit, Value]] = field(default_factory=list)
    """Each name under which a task notifies handlers."""
    given: set[str] = field(default_factory=set)
    """Every name that some task gives a value."""

    @property
    def results(self) -> Iterator[Registered]:
        """Every result of a task, in order."""
        return (visit.given for visit in self.visits)


def text_of(value: Value) -> str | None:
    """Return a value that is a text without a template, as text."""
    return str(value) if isinstance(value, Authored | str) else None
