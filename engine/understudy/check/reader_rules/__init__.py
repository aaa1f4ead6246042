"""What the reader finds by itself: each code with how bad it is, what it means and what to write.

A family of codes is a text of paragraphs: `code: severity`, what is found, why it matters, and what
to write instead, a line each. A rule with a file in `rules/` says more, and is taken instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from understudy.check.reader_rules import (
    arguments,
    inventories,
    plays_and_tasks,
    runs,
    templates,
    yaml_texts,
)
from understudy.text.diagnostic import Severity

FAMILIES = (yaml_texts, plays_and_tasks, arguments, templates, inventories, runs)
AT_LOAD = "import-"
"""Before a code that is found in an import, which cannot wait for the run."""


class ReaderRule(NamedTuple):
    """One code of the reader."""

    code: str
    severity: Severity
    summary: str
    why: str
    instead: str


@cache
def reader_rules() -> Mapping[str, ReaderRule]:
    """Return every code of the reader with what it means, sorted."""
    found = {one.code: one for family in FAMILIES for one in _read(family.TEXT)}
    return dict(sorted(found.items()))


def reader_rule(code: str) -> ReaderRule | None:
    """Return what a code of the reader means, also with `import-` before it."""
    known = reader_rules()
    return known.get(code) or known.get(code.removeprefix(AT_LOAD))


def _read(text: str) -> Iterator[ReaderRule]:
    for paragraph in text.strip().split("\n\n"):
        head, summary, why, instead = paragraph.split("\n")
        code, severity = head.split(": ")
        yield ReaderRule(code, Severity(severity), summary, why, instead)
