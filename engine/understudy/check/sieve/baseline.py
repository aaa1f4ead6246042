"""Findings that were there when a project began to be checked: they are counted, not told.

The file is JSON: file, rule, hash of the line, and how often, sorted, each on a line of its own.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from understudy.check.settings.settings import SettingsInvalid
from understudy.check.sieve.fingerprint import fingerprints, relative_path
from understudy.text.diagnostic import Diagnostic

_VERSION = 1
Alike: TypeAlias = tuple[str, str, str]
"""File, rule, hash of the line."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """The findings that are known. Files are relative to `root`."""

    counts: Mapping[Alike, int]
    root: Path

    def new(self, findings: Sequence[Diagnostic]) -> list[Diagnostic]:
        """Return the findings that are not known: of alike ones, the last."""
        left = Counter(self.counts)
        fresh = []
        for found, alike in zip(findings, _alike(findings, self.root), strict=True):
            if left[alike]:
                left[alike] -= 1
            else:
                fresh.append(found)
        return fresh

    def gone(
        self, findings: Sequence[Diagnostic], files: Iterable[Path], is_told: Callable[[str], bool]
    ) -> int:
        """Return how many known findings are there no more.

        Only files that were looked at can tell, or that do not exist now; and only rules that
        `is_told` knows.
        """
        looked_at = {relative_path(str(path), self.root) for path in files}
        left = Counter(self.counts)
        left.subtract(Counter(_alike(findings, self.root)))
        return sum(
            count
            for (file, slug, _), count in left.items()
            if count > 0
            and is_told(slug)
            and (file in looked_at or not (self.root / file).exists())
        )


def baseline_of(findings: Sequence[Diagnostic], root: Path) -> Baseline:
    """Return the baseline in which some findings are known."""
    return Baseline(Counter(_alike(findings, root)), root)


def to_text(baseline: Baseline) -> str:
    """Return a baseline as the text of its file."""
    files: dict[str, dict[str, dict[str, int]]] = {}
    for (file, slug, line), count in sorted(baseline.counts.items()):
        files.setdefault(file, {}).setdefault(slug, {})[line] = count
    return json.dumps({"version": _VERSION, "findings": files}, indent=1) + "\n"


def read_baseline(path: Path) -> Baseline:
    """Return the baseline of a file. Raises SettingsInvalid."""
    try:
        document = json.loads(path.read_bytes())
        if document["version"] != _VERSION:
            raise SettingsInvalid(
                f"{path}: this is a baseline of another version; write it again with"
                " `--write-baseline`"
            )
        return Baseline(dict(_counts(document["findings"])), path.resolve().parent)
    except FileNotFoundError:
        raise SettingsInvalid(
            f"{path}: there is no such baseline; `--write-baseline {path}` writes it"
        ) from None
    except OSError as error:
        why = (error.strerror or "").lower()
        raise SettingsInvalid(f"{path}: the baseline cannot be read: {why}") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise SettingsInvalid(f"{path}: this is not a baseline of `understudy check`") from None


def _counts(files: Mapping[str, Mapping[str, Mapping[str, int]]]) -> Iterator[tuple[Alike, int]]:
    for file, slugs in files.items():
        for slug, lines in slugs.items():
            for line, count in lines.items():
                yield (file, slug, line), int(count)


def _alike(findings: Sequence[Diagnostic], root: Path) -> list[Alike]:
    return [(one.file, one.slug, one.line) for one in fingerprints(findings, root)]
