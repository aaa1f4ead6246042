"""From the units of a project to everything that is found in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from understudy.check.checked import Checked, NoRecall, Outcome, Recall
from understudy.check.files import File, Kind, Unit
from understudy.check.flow.surroundings import Neighbourhood
from understudy.check.flow.walk import walk
from understudy.check.project import sorting
from understudy.check.project.library import Library
from understudy.check.project.project_files import named_file
from understudy.check.project.sketch import Sketch
from understudy.check.rule import rules
from understudy.check.settings.settings import Settings
from understudy.check.targets import holds_for
from understudy.config.cfg_file import read_cfg
from understudy.inventory.ini import read_ini
from understudy.inventory.yaml import read_groups
from understudy.playbook.files import Loader
from understudy.playbook.model import Playbook
from understudy.playbook.role_files import tasks_file
from understudy.playbook.role_uses import MAIN
from understudy.text import nodes
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid, Severity
from understudy.text.nodes import Node
from understudy.text.source import Position, Source, span_at
from understudy.values.vault import is_vault

UNREADABLE = frozenset({"missing-file", "unreadable-file"})
"""Codes that say, without a place, that a file could not be looked at; with one, who needs it."""
UNCHECKED = frozenset({"file-too-big", "nested-too-deep", "not-utf-8", "too-many-imports"})
"""Codes that always say so."""
_OF_OTHERS = frozenset({"import-name", "unknown-role", "unsupported-role"})
"""What can be right all the same in a role or a file that is looked at without its playbook."""
_HIDING = _OF_OTHERS | UNREADABLE | UNCHECKED | {"not-a-list"}
"""What says that there are tasks which could not be looked at."""
_OF_TESTS = frozenset({"molecule", "tests"})
"""Folders of playbooks that are run with roles from elsewhere."""
_WORST_FIRST = tuple(Severity)


@dataclass(frozen=True, slots=True)
class Check:
    """What a check is made with."""

    loader: Loader
    """Its warnings go to `warnings`."""
    library: Library
    settings: Settings
    warnings: list[Diagnostic]
    around: Neighbourhood
    recall: Recall = field(default_factory=NoRecall)

    def of_units(self, units: Iterable[Unit]) -> Checked:
        """Return what is found in all units: each finding once, file by file."""
        found = list(self.warnings)
        kinds: dict[Path, Kind] = {}
        reached: set[Path] = set()
        for unit in units:
            if unit.is_rest and _is_reached(unit, reached):
                continue
            outcome = self._outcome(unit)
            found += outcome.findings
            reached |= outcome.asked
            kinds[unit.path.absolute()] = unit.kind
        found += self._of_files(kinds)
        return self._sorted(found)

    def _outcome(self, unit: Unit) -> Outcome:
        """Return what comes of a unit, from before where that still holds."""
        part = f"{unit.kind.value}: {unit.path} {unit.role} {unit.is_rest}"
        outcome = self.recall.recall(part)
        if outcome is not None:
            self.library.take_in(outcome.asked)
            return outcome
        self.library.begin()
        warned = len(self.warnings)
        found = self._of_unit(unit)
        found += self.warnings[warned:]
        outcome = Outcome(tuple(found), frozenset(self.library.asked))
        self.recall.learn(part, outcome)
        return outcome

    def _sorted(self, found: Iterable[Diagnostic]) -> Checked:
        checked = Checked()
        target = self.settings.target
        for one in in_order(one for one in found if holds_for(one.code, target)):
            (checked.unchecked if _is_unchecked(one) else checked.findings).append(one)
        checked.files = set(self.library.sources)
        checked.sources = {source.name: source for source in self.library.sources.values()}
        return checked

    def _of_unit(self, unit: Unit) -> list[Diagnostic]:
        found: list[Diagnostic] = []
        try:
            for one in self._findings(unit):
                found.append(one)  # noqa: PERF402 (what was found before something fails stays)
        except RecursionError:
            found.append(_too_deep(unit))
        except PlaybookInvalid as invalid:
            found += invalid.diagnostics
        return found

    def _findings(self, unit: Unit) -> Iterator[Diagnostic]:
        """Yield what is found in one unit."""
        if unit.kind is Kind.PLAYBOOK:
            playbook, invalid = self.loader.look(unit.path)
            is_test = not _OF_TESTS.isdisjoint(unit.path.parts)
            yield from (one for one in invalid if not (is_test and one.code in _OF_OTHERS))
            yield from self._of_playbook(playbook, is_open=any(map(_hides_tasks, invalid)))
        elif unit.kind in (Kind.TASKS, Kind.HANDLERS):
            is_handlers = unit.kind is Kind.HANDLERS
            playbook, invalid = self.loader.look_alone(unit.path, unit.role, handlers=is_handlers)
            yield from (one for one in invalid if one.code not in _OF_OTHERS)
            yield from self._of_playbook(playbook, is_open=True)
        else:
            yield from self._of_data(unit)

    def _of_playbook(self, playbook: Playbook, *, is_open: bool = False) -> Iterator[Diagnostic]:
        """Yield what the rules find in a playbook and all it brings."""
        settings = self.settings
        active = [one for one in rules().values() if settings.target in one.rule.targets]
        of_tasks = [one.check_task for one in active if one.check_task]
        around = self.around.of(Path(playbook.path))
        yield from around.findings
        flow = walk(playbook, self.loader, settings, around, is_open=is_open)
        yield from flow.invalid
        for visit in flow.visits:
            for check_task in of_tasks:
                yield from check_task(visit)
        for one in active:
            if one.check_flow:
                yield from one.check_flow(flow)

    def _of_data(self, unit: Unit) -> Iterator[Diagnostic]:
        """Yield what is wrong with the form of a file of variables, hosts or settings."""
        source = self.library.source(unit.path)
        if unit.kind is Kind.CONFIG:
            read_cfg(source)
        elif unit.kind is Kind.INVENTORY and _is_ini(unit.path, source):
            read_ini(source, Sketch())
        else:
            warnings: list[Diagnostic] = []
            root = self.library.root(unit.path, None, warnings.append)
            yield from warnings
            if unit.kind is Kind.VARIABLES:
                self.library.variables(unit.path)
            elif unit.kind is Kind.INVENTORY and not _is_of_plugin(root):
                inventory = Sketch()
                read_groups(root, source, inventory)
                yield from inventory.warnings

    def _of_files(self, kinds: dict[Path, Kind]) -> Iterator[Diagnostic]:
        """Yield what the rules find in each file as its text stands."""
        checks = [
            one.check_file
            for one in rules().values()
            if one.check_file and self.settings.target in one.rule.targets
        ]
        for path in list(self.library.sources) if checks else ():
            part = f"text: {path} {kinds.get(path)}"
            outcome = self.recall.recall(part)
            if outcome is None:
                file = self._file(path, kinds)
                found = (one for check in checks for one in check(file)) if file else ()
                outcome = Outcome(tuple(found), frozenset({path}))
                self.recall.learn(part, outcome)
            yield from outcome.findings

    def _file(self, path: Path, kinds: dict[Path, Kind]) -> File | None:
        """Return a file as rules see it; None: it is encrypted, or nothing of Ansible's."""
        source = self.library.source(path)
        if is_vault(source.text):
            return None
        kind = kinds.get(path)
        if kind is Kind.CONFIG or (kind is Kind.INVENTORY and _is_ini(path, source)):
            return File(path, kind, source)
        try:
            root = self.library.root(path, None, lambda _warning: None)
        except PlaybookInvalid:
            root = None
        kind = kind or sorting.kind_of_named(root, named_file(path))
        return File(path, kind, source, root) if kind is not None else None


def in_order(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return each finding once, sorted by file and place: the worst for each place and slug.

    What a `rescue` is around on one way to it may be unguarded on another.
    """
    unique: dict[object, Diagnostic] = {}
    for found in sorted(findings, key=lambda found: _WORST_FIRST.index(found.severity)):
        place = str(found.span) if found.span else found.message
        unique.setdefault((found.code, place), found)
    return sorted(unique.values(), key=_place)


def _place(found: Diagnostic) -> tuple[str, int, int, str]:
    if found.span is None:
        return "", 0, 0, found.code
    return found.span.source.name, *found.span.start, found.code


def _hides_tasks(found: Diagnostic) -> bool:
    is_broken = found.code in _HIDING or found.code.startswith("yaml-")
    return is_broken and found.severity is Severity.ERROR


def _is_unchecked(found: Diagnostic) -> bool:
    return found.code in UNCHECKED or (found.span is None and found.code in UNREADABLE)


def _is_reached(unit: Unit, reached: set[Path]) -> bool:
    """Tell whether what is in a unit has been gone through."""
    if not unit.is_role:
        return unit.path.absolute() in reached
    main = tasks_file(unit.path.absolute(), "tasks", MAIN)
    if main is not None:
        return main in reached
    return any(path.is_relative_to(unit.path.absolute()) for path in reached)


def _is_ini(path: Path, source: Source) -> bool:
    return sorting.is_ini(named_file(path), source.text)


def _is_of_plugin(root: Node | None) -> bool:
    return isinstance(root, nodes.Mapping) and "plugin" in root.entries


def _too_deep(unit: Unit) -> Diagnostic:
    return Diagnostic(
        code="nested-too-deep",
        message="this is not checked: something in it is nested too deep",
        span=span_at(Source(str(unit.path), ""), Position(1, 1)),
    )
