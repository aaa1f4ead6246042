"""The slugs that users may name: those of the rules, and of what the reader finds by itself."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from understudy.check import rules
from understudy.check.reader_rules import AT_LOAD, reader_rules, yaml_texts
from understudy.text.diagnostic import did_you_mean


@cache
def known_slugs() -> frozenset[str]:
    """Return every slug. No rule is imported for it."""
    names = (path.stem for path in Path(rules.__path__[0]).glob("*.py"))
    own = {name.replace("_", "-") for name in names if name != "__init__"}
    return frozenset(own | reader_rules().keys())


@cache
def of_unreadable_texts() -> frozenset[str]:
    """Return the slugs of what hinders the rules: a text that is no YAML, or no list of plays."""
    paragraphs = yaml_texts.TEXT.strip().split("\n\n")
    return frozenset(
        {*(one.partition(":")[0] for one in paragraphs), "not-a-list", "not-a-play", "not-a-task"}
    )


def checked_slugs(slugs: Iterable[str]) -> frozenset[str]:
    """Return slugs as they are; raise ValueError for one that there is not."""
    given = frozenset(slugs)
    # what the reader finds in an import has a code of its own
    for slug in sorted(one for one in given if one.removeprefix(AT_LOAD) not in known_slugs()):
        near = did_you_mean(slug, known_slugs())
        raise ValueError(f"`{slug}` is no rule" + (f"; did you mean `{near}`?" if near else ""))
    return given
