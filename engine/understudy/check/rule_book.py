"""Every rule as a reader of the documentation sees it: read from the rules' files, not run.

A rule's file imports what it needs to look at playbooks; its text and its `RULE` are here without.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path

from understudy.check import targets
from understudy.check.doc import RuleText, rule_text
from understudy.check.reader_rules import AT_LOAD, ReaderRule, reader_rules
from understudy.check.rule import Rule, load_rule
from understudy.check.targets import EVERYWHERE, Target
from understudy.text.diagnostic import Severity

_RULES = Path(__file__).parent / "rules"
_DOCSTRING = re.compile(r'r?""".*?"""', re.DOTALL)
_RULE = re.compile(r"^RULE = (Rule\((?:\n.*?^\)|[^\n]*\)))$", re.DOTALL | re.MULTILINE)
_CHECK = re.compile(r"^def check_", re.MULTILINE)
_FIX = re.compile(r"^Fix: (safe or unsafe|safe|unsafe)\b", re.MULTILINE)
"""Begins the paragraph of a rule that has fixes."""


class Fixes(Enum):
    """What can be mended without a hand, as `--fix` and `--fix --unsafe` do."""

    NONE = "none"
    SAFE = "safe"
    UNSAFE = "unsafe"
    SOME_SAFE = "safe or unsafe, as the place is"


@dataclass(frozen=True, slots=True)
class Described:
    """A rule, and what it says of itself."""

    slug: str
    severity: Severity
    targets: frozenset[Target]
    proof: tuple[str, ...]
    text: RuleText
    by_reader: bool = False
    """Whether the reader finds it by itself, at load or during a run."""
    file: Path | None = None
    """The rule's file; None: it has none."""

    @property
    def fixes(self) -> Fixes:
        """What the rule says of its fixes."""
        said = _FIX.search(self.text.body)
        if said is None:
            return Fixes.NONE
        return Fixes.SOME_SAFE if " or " in said[1] else Fixes(said[1])


@cache
def rule_book() -> Mapping[str, Described]:
    """Return every rule by its slug, sorted."""
    found = {code: _of_reader(one) for code, one in reader_rules().items()}
    files = (path for path in _RULES.glob("*.py") if path.stem != "__init__")
    found |= {one.slug: one for one in map(_of_file, files)}
    return dict(sorted(found.items()))


def described(slug: str) -> Described | None:
    """Return one rule; a code of the reader may have `import-` before it."""
    path = _RULES / f"{slug.replace('-', '_')}.py"
    if slug.replace("-", "").isalnum() and path.is_file():
        return _of_file(path)
    found = reader_rules().get(slug)
    if found is not None:
        return _of_reader(found)
    return described(slug.removeprefix(AT_LOAD)) if slug.startswith(AT_LOAD) else None


def _of_reader(one: ReaderRule) -> Described:
    text = RuleText(one.summary, f"Why: {one.why}\n\nInstead: {one.instead}", "", "")
    return Described(one.code, one.severity, EVERYWHERE, (), text, by_reader=True)


def _of_file(path: Path) -> Described:
    written = path.read_text("utf-8")
    docstring, rule = _DOCSTRING.match(written), _RULE.search(written)
    if docstring is None or rule is None:
        raise ValueError(f"{path} is no rule")
    try:
        made = _made(rule[1])
    except NameError:  # it is made of what its file imports or computes
        made = load_rule(path.stem).rule
    return Described(
        made.slug,
        made.severity,
        made.targets,
        made.proof,
        rule_text(ast.literal_eval(docstring[0]).strip()),
        by_reader=_CHECK.search(written) is None,
        file=path,
    )


def _made(call: str) -> Rule:
    """Return the value of `RULE`, which is made of literals and of names for targets."""
    names = {**vars(targets), "Rule": Rule, "Severity": Severity, "frozenset": frozenset}
    rule = eval(call, names)  # noqa: S307 (our own file)
    assert isinstance(rule, Rule)  # noqa: S101 (for the type)
    return rule
