"""From findings to mended texts: fixes are made, what comes of them is checked, until none is left.

Nothing is written: the texts stand beside the files, as in an editor that has not saved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from understudy.check.checked import Checked
from understudy.text.diagnostic import Diagnostic, Edit, Fix, PlaybookInvalid, Severity
from understudy.text.edits import apply_fixes
from understudy.text.source import Source

ROUNDS = 10
"""How often fixes are made of what fixes have left: some need the place of another one."""


class Look(Protocol):
    """Checks a project anew; `sources` stand for the files of their names."""

    def __call__(self, sources: Iterable[Source] = ()) -> Checked:
        """Return what is found."""
        ...


@dataclass(slots=True)
class Mended:
    """What comes of all fixes."""

    found: Checked
    """What was found before."""
    checked: Checked
    """What is found in the mended texts."""
    is_ours: Callable[[Path], bool]
    """Whether a file may be changed."""
    before: dict[Path, Source] = field(default_factory=dict)
    """The files that change, by their resolved paths, as they were read."""
    after: dict[Path, str] = field(default_factory=dict)
    """Their new texts."""
    made: list[Fix] = field(default_factory=list)
    refused: dict[Path, Diagnostic] = field(default_factory=dict)
    """Why files are left alone that have fixes."""

    @property
    def count(self) -> int:
        """How many fixes were made."""
        return sum(
            not any(path_of(edit) in self.refused for edit in one.edits) for one in self.made
        )

    @property
    def sources(self) -> list[Source]:
        """Every text as it is now."""
        texts = ((one, self.after.get(Path(one.name).resolve())) for one in self.read.values())
        return [one if text is None else Source(one.name, text) for one, text in texts]

    @property
    def read(self) -> Mapping[str, Source]:
        """Every text that was read, by the name that findings give it."""
        return {**self.checked.sources, **self.found.sources}


def mend(
    check: Look,
    *,
    unsafe: bool,
    rounds: int = ROUNDS,
    is_ours: Callable[[Path], bool] = lambda _path: True,
) -> Mended:
    """Return what `check` finds after all safe fixes, or all fixes at all.

    `is_ours` tells whether a file, by its resolved path, may be changed.
    """
    found = check()
    mended = Mended(found, found, is_ours)
    for _ in range(rounds):
        fixes = _wanted(mended, unsafe=unsafe)
        if not fixes or not _make(mended, fixes):
            break
        mended.checked = check(mended.sources)
    mended.checked.findings += mended.refused.values()
    return mended


def path_of(edit: Edit) -> Path:
    """Return the file of an edit."""
    return Path(edit.span.source.name).resolve()


def _wanted(mended: Mended, *, unsafe: bool) -> list[Fix]:
    """Return the fixes to make, each on the text as it is now."""
    fixes = (found.fix for found in mended.checked.findings)
    wanted = (fix for fix in fixes if fix and (unsafe or fix.is_safe))
    current: dict[Path, Source] = {}
    placed = (_placed(mended, fix, current) for fix in wanted)
    return list(dict.fromkeys(fix for fix in placed if fix is not None))


def _placed(mended: Mended, fix: Fix, current: dict[Path, Source]) -> Fix | None:
    """Return a fix by one name for each file; None if one of its files is not to be changed."""
    edits: list[Edit] = []
    for edit in fix.edits:
        path, source = path_of(edit), edit.span.source
        read = mended.checked.sources.get(source.name)
        if source.secret or read is None or read.text != source.text:
            return None  # it was decrypted, or is no file
        if path in mended.refused or not mended.is_ours(path):
            return None
        edits.append(Edit(edit.span._replace(source=current.setdefault(path, source)), edit.text))
    return replace(fix, edits=tuple(edits))


def _make(mended: Mended, fixes: Iterable[Fix]) -> bool:
    """Make fixes; tell whether there is something to be checked again."""
    texts, made = apply_fixes(fixes)
    refused = {Path(one.name).resolve(): _refusal(one) for one in texts if _spoils(one, texts[one])}
    if refused:
        mended.refused |= refused
        texts, made = apply_fixes(
            fix for fix in made if not any(path_of(edit) in refused for edit in fix.edits)
        )
    for path in refused:
        mended.before.pop(path, None)
        mended.after.pop(path, None)
    for source, text in texts.items():
        path = Path(source.name).resolve()
        mended.before.setdefault(path, source)
        mended.after[path] = text
    mended.made += made
    return bool(refused) or any(source.text != text for source, text in texts.items())


def _spoils(source: Source, text: str) -> bool:
    return _is_yaml(source) and not _is_yaml(Source(source.name, text))


def _refusal(source: Source) -> Diagnostic:
    return Diagnostic(
        code="fix-failed",
        severity=Severity.WARNING,
        message=f"the fixes of `{source.name}` would leave no YAML, so the file is left alone",
        help="make them by hand, and tell the makers of understudy",
    )


def _is_yaml(source: Source) -> bool:
    from understudy.text.document import parse_document

    try:
        parse_document(source, lambda _warning: None)
    except PlaybookInvalid:
        return False
    return True
