"""What the last check of the same paths found, for as long as nothing that it read has changed.

An entry holds findings, names and digests, and no text. If every file has the digest that it had,
and the names below the project's directories are the same, the whole outcome holds. If only files
have changed that parts of the check asked for by name, the other parts hold: a playbook with all it
brings, a file by itself. Modules and plugins of a project work across its parts: where there are
any, all is checked anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from understudy.check.cache.cache_folder import CacheFolder
from understudy.check.cache.snapshot import Listing, changed_after, digest_of
from understudy.check.checked import Checked, Outcome
from understudy.check.record import FindingRecord, SourceOf, from_record, to_record
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid
from understudy.text.file import read_source
from understudy.text.source import Source

_PROGRAMS = frozenset(
    "library action_plugins filter_plugins test_plugins lookup_plugins module_utils".split()
)
_BROKEN = (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError)
"""What comes of reading data that is not of this form."""


class _Part(TypedDict):
    asked: list[int]
    findings: list[FindingRecord]


class _Entry(TypedDict):
    """Paths are named by their places in `paths`."""

    listing: str
    paths: list[str]
    digests: list[str | None]
    others: list[int]
    """What was read without being asked for by name: it may matter to every part."""
    parts: dict[str, _Part]
    findings: list[FindingRecord]
    unchecked: list[FindingRecord]
    files: list[int]
    sources: list[str]
    """The names of texts."""


@dataclass(slots=True)
class Texts:
    """The texts of files by their names, each read once."""

    known: dict[tuple[str, bool], Source] = field(default_factory=dict)

    def source(self, name: str, secret: bool) -> Source:  # noqa: FBT001 (as a record asks)
        """Return the text of a name; nothing of a secret one."""
        if (name, secret) not in self.known:
            source = Source(name, "", secret)
            if not secret:
                with suppress(PlaybookInvalid, ValueError):
                    source = read_source(Path(name))
            self.known[name, secret] = source
        return self.known[name, secret]


@dataclass(slots=True)
class Memory:
    """The entry of one check: what it knew before, and what it learns now."""

    folder: CacheFolder
    name: str
    listing: Listing
    started_ns: int
    source_of: SourceOf = field(default_factory=lambda: Texts().source)
    _before: _Entry | None = None
    _digests: dict[str, str | None] = field(default_factory=dict)
    """What files are now, of those that the entry names."""
    _holds: bool = False
    """Whether parts may hold one by one."""
    _parts: dict[str, Outcome] = field(default_factory=dict)

    def whole(self) -> Checked | None:
        """Return all that was found before, if it still holds."""
        data = self.folder.read(self.name)
        if data is None:
            return None
        try:
            entry: _Entry = json.loads(data)
            return self._compare(entry)
        except _BROKEN:
            self._before, self._holds = None, False
            return None

    def _compare(self, entry: _Entry) -> Checked | None:
        if entry["listing"] != self.listing.digest:
            return None
        paths, digests = entry["paths"], entry["digests"]
        self._digests = {path: digest_of(path) for path in paths}
        before = zip(paths, digests, strict=True)
        changed = {path for path, digest in before if self._digests[path] != digest}
        self._before = entry
        self._holds = _PROGRAMS.isdisjoint(self.listing.folders) and changed.isdisjoint(
            paths[place] for place in entry["others"]
        )
        return None if changed else self._checked(entry)

    def _checked(self, entry: _Entry) -> Checked:
        paths = entry["paths"]
        return Checked(
            self._found(entry["findings"]),
            self._found(entry["unchecked"]),
            {Path(paths[place]) for place in entry["files"]},
            {name: self.source_of(name, False) for name in entry["sources"]},
        )

    def _found(self, records: Iterable[FindingRecord]) -> list[Diagnostic]:
        return [from_record(record, self.source_of) for record in records]

    def recall(self, part: str) -> Outcome | None:
        """Return what came of a part, if all it asked for is as it was."""
        entry = self._before
        if entry is None or not self._holds:
            return None
        try:
            outcome = self._outcome(entry, entry["parts"][part])
        except _BROKEN:  # a part that was not there before is one of them
            return None
        if outcome is not None:
            self._parts[part] = outcome
        return outcome

    def _outcome(self, entry: _Entry, part: _Part) -> Outcome | None:
        paths, digests = entry["paths"], entry["digests"]
        if any(self._digests[paths[place]] != digests[place] for place in part["asked"]):
            return None
        asked = frozenset(Path(paths[place]) for place in part["asked"])
        return Outcome(tuple(self._found(part["findings"])), asked)

    def learn(self, part: str, outcome: Outcome) -> None:
        """Take in what came of a part."""
        self._parts[part] = outcome

    def keep(self, checked: Checked, sought: Iterable[str], others: Iterable[str]) -> None:
        """Keep all that was found.

        `sought` was read to find the parts, `others` to check them though no part asked for it by
        name. What has changed since the check began may have been read before or after it did:
        then nothing is kept.
        """
        asked = {str(path) for outcome in self._parts.values() for path in outcome.asked}
        others = {one for one in others if self._matters(one)}
        if self._before is not None and self._holds:
            others |= {self._before["paths"][place] for place in self._before["others"]}
        files = {str(path) for path in checked.files}
        sought = {one for one in sought if self._matters(one)}
        every = sorted({*asked, *others, *files, *sought})
        if any(changed_after(path, self.started_ns) for path in every):
            return
        entry = self._entry(checked, every, others)
        self.folder.write(self.name, json.dumps(entry, separators=(",", ":")).encode())

    def _matters(self, path: str) -> bool:
        """Tell whether a path is neither of the listing nor of the cache itself."""
        is_own = Path(path).is_relative_to(self.folder.place.absolute())
        return not (is_own or self.listing.covers(path))

    def _entry(self, checked: Checked, every: list[str], others: set[str]) -> _Entry:
        place = {path: number for number, path in enumerate(every)}
        return {
            "listing": self.listing.digest,
            "paths": every,
            "digests": [digest_of(path) for path in every],
            "others": sorted(place[path] for path in others),
            "parts": {part: _record(outcome, place) for part, outcome in self._parts.items()},
            "findings": [to_record(found) for found in checked.findings],
            "unchecked": [to_record(found) for found in checked.unchecked],
            "files": sorted(place[str(path)] for path in checked.files),
            "sources": sorted(checked.sources),
        }


def _record(outcome: Outcome, place: Mapping[str, int]) -> _Part:
    return {
        "asked": sorted(place[str(path)] for path in outcome.asked),
        "findings": [to_record(found) for found in outcome.findings],
    }
