"""From a unit of a project to everything that is found in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from understudy.check.files import Kind, Unit
from understudy.check.rule import rules
from understudy.check.settings import Settings
from understudy.check.walk import walk
from understudy.playbook.files import Loader
from understudy.playbook.model import Playbook
from understudy.text.diagnostic import Diagnostic

UNREADABLE = frozenset({"missing-file", "not-utf-8", "unreadable-file"})
"""Codes that say, without a place or in the whole file, that nothing could be looked at."""


@dataclass(slots=True)
class Checked:
    """What a check found. `unchecked` says which files could not be looked at, and why."""

    findings: list[Diagnostic] = field(default_factory=list)
    unchecked: list[Diagnostic] = field(default_factory=list)
    files: set[Path] = field(default_factory=set)
    """Every file that was read."""


def check_units(units: Iterable[Unit], loader: Loader, settings: Settings) -> Checked:
    """Return what is found in all units: each finding once, file by file."""
    checked = Checked()
    for unit in units:
        for found in findings_of(unit, loader, settings):
            is_whole = found.span is None and found.code in UNREADABLE
            (checked.unchecked if is_whole else checked.findings).append(found)
    checked.findings = in_order(checked.findings)
    return checked


def findings_of(unit: Unit, loader: Loader, settings: Settings) -> Iterator[Diagnostic]:
    """Yield what is found in one unit."""
    if unit.kind is Kind.PLAYBOOK:
        playbook, invalid = loader.look(unit.path)
        yield from invalid
        yield from of_playbook(playbook, loader, settings)


def of_playbook(playbook: Playbook, loader: Loader, settings: Settings) -> Iterator[Diagnostic]:
    """Yield what the rules find in a playbook and all it brings."""
    active = [one for one in rules().values() if settings.target in one.rule.targets]
    of_tasks = [one.check_task for one in active if one.check_task]
    flow = walk(playbook, loader, settings)
    for visit in flow.visits:
        for check_task in of_tasks:
            yield from check_task(visit)
    for one in active:
        if one.check_flow:
            yield from one.check_flow(flow)


def in_order(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return each finding once, sorted by file and place; one for each place and slug."""
    unique: dict[object, Diagnostic] = {}
    for found in findings:
        unique.setdefault((found.code, found.span and (str(found.span))), found)
    return sorted(unique.values(), key=_place)


def _place(found: Diagnostic) -> tuple[str, int, int, str]:
    if found.span is None:
        return "", 0, 0, found.code
    return found.span.source.name, *found.span.start, found.code
