"""A variable that is not defined where it is read.

What: a name that differs by one slip from one that is known there; a result that is only
registered by a later task; `item` without a loop. Where the inventory is known, too, every name
that nothing gives, if it is not among the `variables` that the configuration announces. A name
that some text has a default for, or asks whether it is defined, is left alone.

Why: the task fails on every host that comes to it: "… is undefined". A run says so under the same
name, of every variable and every key that is not there.

Fix: safe or unsafe; it writes the name that was meant. For `item` without a loop it is unsafe.

Example:
    - command: /opt/app --version
      register: app_version
    - debug:
        msg: "{{ app_verison.stdout }}"

Instead:

    - command: /opt/app --version
      register: app_version
    - debug:
        msg: "{{ app_version.stdout }}"
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from understudy.check.flow.given import is_of_host
from understudy.check.flow.reads import facts_of
from understudy.check.flow.visits import Flow, Read, Visit
from understudy.check.meaning.conditions import is_run
from understudy.check.meaning.job_ids import asked
from understudy.check.meaning.near import misspelt
from understudy.check.meaning.places import name_span
from understudy.check.mending.fixes import fix_replacing
from understudy.check.rule import Rule
from understudy.playbook.model import Task
from understudy.text.diagnostic import Diagnostic, Edit, Fix, Label, Severity
from understudy.text.source import Span
from understudy.values.texts import texts_in

RULE = Rule(
    "undefined-variable",
    Severity.ERROR,
    proof=("undefined_messages", "loop_empty_and_undefined", "undefined_before_registered"),
)
_NO_HARM = frozenset({"name", "notify"})
"""Keywords in which what is not defined does not fail a task."""
_CHOICES = re.compile(r"\b(?:and|or)\b")
"""What stands behind it may not be looked at."""
_BRANCHES = re.compile(r"\b(?:if|else)\b")


def check_flow(flow: Flow) -> Iterator[Diagnostic]:
    """Yield a finding for each name that is surely undefined, where it is read first."""
    known = _Known(flow)
    for name, reads in _undefined(flow).items():
        yield from known.findings(name, reads)


def _undefined(flow: Flow) -> dict[str, list[Read]]:
    """Return, by name, the readings of what no way to them gives: one for each text."""
    reads: dict[tuple[str, Span | int], Read] = {}
    elsewhere: set[tuple[str, Span | int]] = set()
    optional = set(flow.surroundings.names | flow.settings.variables)
    for visit in flow.visits:
        for read in visit.reads:
            name = read.chain.name
            key = name, read.text.span or id(read.text)
            if read.chain.guarded:
                optional.add(name)
            elif read.is_nowhere and not is_of_host(name):
                reads.setdefault(key, read)
            else:
                elsewhere.add(key)
    found: dict[str, list[Read]] = {}
    for key, read in reads.items():
        if key[0] not in optional and key not in elsewhere and _fails(read):
            found.setdefault(key[0], []).append(read)
    return found


def _fails(read: Read) -> bool:
    """Tell whether a task that reads what is not defined fails, and nothing else tells of it."""
    visit, name = read.visit, read.chain.name
    if not is_run(visit) or read.keyword in _NO_HARM:
        return False
    if any(one.read.chain.name == name for one in asked(visit)):
        return False
    own = visit.task.register
    if read.keyword == "until" and own not in {one.chain.name for one in visit.reads_in("until")}:
        return False
    quoted = re.compile(rf"""(["']){re.escape(name)}\1""")
    return not any(map(quoted.search, {one.text.text for one in visit.reads}))


def _is_sure(read: Read) -> bool:
    """Tell whether nothing keeps a text from being read, or its failure from doing harm."""
    if read.visit.task.inherited.ignore_errors not in (None, False):
        return False
    if read.visit.task.action.name == "debug" and read.keyword == "args.var":
        return False
    text = read.text.text
    begin = _CHOICES.split(text, maxsplit=1)[0]
    return not _BRANCHES.search(text) and re.search(rf"\b{read.chain.name}\b", begin) is not None


@dataclass(slots=True)
class _Known:
    """What is known of the names of a playbook."""

    flow: Flow
    registered: dict[str, list[Visit]] = field(default_factory=dict)
    assigned: dict[str, list[Visit]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for visit in self.flow.visits:
            if visit.given.name:
                self.registered.setdefault(visit.given.name, []).append(visit)
            if visit.task.action.name == "set_fact":
                for name in visit.task.action.args:
                    self.assigned.setdefault(name, []).append(visit)

    def findings(self, name: str, reads: list[Read]) -> Iterator[Diagnostic]:
        """Yield what is wrong with a name that nothing gives where it is read, if that is sure."""
        sure = [read for read in reads if _is_sure(read)]
        registered, assigned = self.registered.get(name), self.assigned.get(name)
        if name == "item":
            yield from (_no_loop(read) for read in sure if not _is_refused_loop(read.visit.task))
        elif registered and not assigned:
            yield from (_later(read, registered[0], "registered") for read in sure[:1])
        elif assigned and not registered:
            is_input = any(map(_may_be_given, assigned))
            yield from (_later(read, assigned[0], "set") for read in sure[:1] if not is_input)
        elif name in self.flow.given:
            return
        elif len(reads) == 1 and (meant := self._meant(name, reads[0])):
            yield self._misspelt(reads[0], meant)
        elif sure and self.flow.surroundings.is_complete:
            yield _nothing_gives(sure)

    def _meant(self, name: str, read: Read) -> str | None:
        visit = read.visit
        before = visit.number
        names = {one for one, by in self.registered.items() if by[0].number < before}
        names |= {one for one, by in self.assigned.items() if by[0].number < before}
        names |= {one for layer in visit.names.layers for one in layer if isinstance(one, str)}
        if visit.task.loop:
            names.add(visit.task.loop.loop_var)
        return misspelt(name, names | self.flow.surroundings.names)

    def _misspelt(self, read: Read, meant: str) -> Diagnostic:
        givers = self.registered.get(meant) or self.assigned.get(meant) or ()
        others = tuple(
            Label(span, "registered here" if meant in self.registered else "set here")
            for visit in givers[:1]
            if (span := _place(visit, meant))
        )
        span = name_span(read)
        is_shown = read.visit.task.action.name == "debug" and read.keyword == "args.var"
        return RULE.finding(
            span or read.span,
            f"`{read.chain.name}` is not defined",
            label="undefined",
            others=others,
            help=f"did you mean `{meant}`?",
            fix=fix_replacing(span, meant, is_safe=True),
            severity=Severity.WARNING if is_shown else Severity.ERROR,
        )


def _may_be_given(visit: Visit) -> bool:
    """Tell whether a `set_fact` looks as if its names could have a value from outside, too."""
    args = visit.task.action.args
    chains = {chain.name for text in texts_in(dict(args)) for chain in facts_of(text).chains}
    return bool(visit.task.inherited.when or args.keys() & chains or args.get("cacheable"))


def _place(visit: Visit, name: str) -> Span | None:
    arguments = visit.task.action.arg_spans
    return visit.task.keyword_spans.get("register") or arguments.get(name)


def _later(read: Read, giver: Visit, how: str) -> Diagnostic:
    name = read.chain.name
    is_itself = giver.task is read.visit.task
    there = f"{how} here, when the task has run" if is_itself else f"{how} only here"
    return RULE.finding(
        name_span(read) or read.span,
        f"`{name}` is not defined here yet",
        label="undefined",
        others=(Label(_place(giver, name) or giver.task.span, there),),
        help=f"`{read.keyword.partition('.')[0]}` is read before the task runs: use "
        "`changed_when`, `failed_when` or a later task"
        if is_itself
        else "put this task behind that one, or do that one first",
        severity=Severity.ERROR if how == "registered" else Severity.WARNING,
    )


def _is_refused_loop(task: Task) -> bool:
    """Tell whether a task has a loop that could not be understood."""
    keys = task.node.entries if task.node and task.loop is None else ()
    return any(str(key).startswith(("loop", "with_")) for key in keys)


def _no_loop(read: Read) -> Diagnostic:
    loop, span = read.visit.task.loop, name_span(read)
    edits = (Edit(span, loop.loop_var),) if loop and span else ()
    return RULE.finding(
        span or read.span,
        "`item` is read, but there is no loop around it"
        if loop is None
        else f"`item` is not the variable of this loop: that is `{loop.loop_var}`",
        label="undefined",
        help="add `loop: [...]` to the task" if loop is None else f"write `{loop.loop_var}`",
        fix=Fix(message=f"write `{edits[0].text}`", edits=edits) if edits else None,
    )


def _nothing_gives(reads: list[Read]) -> Diagnostic:
    read, more = reads[0], len(reads) - 1
    name = read.chain.name
    return RULE.finding(
        name_span(read) or read.span,
        f"nothing gives `{name}` a value",
        label="undefined, unless `-e` gives it",
        notes=(f"it is read in {more} more place{'s' if more > 1 else ''}",) if more else (),
        help=f"define `{name}`, or name it in `variables` of the configuration of checks",
        severity=Severity.WARNING,
    )
