"""Every rule as a reader of the documentation sees it: read from the rules' files, not run.

A rule's file imports what it needs to look at playbooks; its text and its `RULE` are here without.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path

from understudy.check import targets
from understudy.check.doc import RuleText, rule_text
from understudy.check.reader_rules import AT_LOAD, ReaderRule, reader_rules
from understudy.check.rule import Rule
from understudy.check.targets import EVERYWHERE, Target
from understudy.text.diagnostic import Severity

_RULES = Path(__file__).parent / "rules"
_FIX = "\nFix: "
"""Begins the paragraph of a rule whose fix another file makes."""


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
    fixes: Fixes
    text: RuleText
    by_reader: bool = False
    """Whether the reader finds it by itself, at load or during a run."""


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
    return Described(one.code, one.severity, EVERYWHERE, (), Fixes.NONE, text, by_reader=True)


def _of_file(path: Path) -> Described:
    tree = ast.parse(path.read_text("utf-8"))
    text = rule_text((ast.get_docstring(tree, clean=False) or "").strip())
    rule = _rule_in(tree)
    return Described(
        rule.slug,
        rule.severity,
        rule.targets,
        rule.proof,
        _fixes_in(tree, text),
        text,
        by_reader=not any(map(_is_check, tree.body)),
    )


def _is_check(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.FunctionDef) and statement.name.startswith("check_")


def _rule_in(tree: ast.Module) -> Rule:
    """Return the value of `RULE`, which is made of constants and of names of this package."""
    names = {**vars(targets), "Rule": Rule, "Severity": Severity, "frozenset": frozenset}
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            name = statement.targets[0].id
            if name == "RULE":
                made = ast.Expression(statement.value)
                rule = eval(compile(made, "RULE", "eval"), names)  # noqa: S307 (our own file)
                assert isinstance(rule, Rule)  # noqa: S101 (for the type)
                return rule
            if isinstance(statement.value, ast.Constant | ast.Tuple):
                names[name] = _literal(statement.value)
    raise ValueError("a rule's file has no RULE")


def _literal(node: ast.expr) -> object:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def _fixes_in(tree: ast.Module, text: RuleText) -> Fixes:
    """Return what the text says of fixes, else what the calls of `Fix` do."""
    said = f"\n{text.body}".partition(_FIX)[2]
    if said:
        return Fixes(said.split(maxsplit=1)[0].rstrip(",.:;"))
    kinds = set(_fixes(tree))
    if not kinds:
        return Fixes.NONE
    return kinds.pop() if len(kinds) == 1 else Fixes.SOME_SAFE


def _fixes(tree: ast.Module) -> Iterator[Fixes]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Fix":
            safe = next((one.value for one in node.keywords if one.arg == "is_safe"), None)
            if safe is None or isinstance(safe, ast.Constant):
                yield Fixes.SAFE if safe is not None and safe.value else Fixes.UNSAFE
            else:
                yield Fixes.SOME_SAFE
