"""Every finding has a rule with a text, and the text says what is so."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import understudy
from tests.check.cases import CASES, cases, found_in
from understudy.check.reader_rules import FAMILIES, reader_rules
from understudy.check.rule import Loaded, rules
from understudy.check.rule_book import Fixes, described, rule_book
from understudy.check.targets import Target

PACKAGE = Path(understudy.__file__).parent
COMPUTED = frozenset({"filter-failed", "test-failed"})
"""Codes whose name is put together where they are given."""
NAMED = {"NOT_RUN": "plugin-not-run", "TOO_MANY": "too-many-hosts", "VAULT_LOCKED": "vault-locked"}
"""Codes that have a name in the program."""
NOT_OURS = frozenset({"cli/check.py", "values/lookups/url.py"})
"""Files in which `code` is something else."""
INVALID = Path(__file__).parents[1] / "cases" / "invalid"
HEAD = re.compile(r"^(error|warning|info)\[([a-z0-9-]+)\]:", re.MULTILINE)
FIXES = {
    Fixes.NONE: set[bool](),
    Fixes.SAFE: {True},
    Fixes.UNSAFE: {False},
    Fixes.SOME_SAFE: {False, True},
}
"""Whether the fixes of a rule are safe, by what is told of them."""


@cache
def codes() -> frozenset[str]:
    """Return every code that a finding of the reader or of a run can have."""
    found = set(COMPUTED)
    for path in sorted(PACKAGE.rglob("*.py")):
        name = str(path.relative_to(PACKAGE))
        if not name.startswith("check/rules/") and name not in NOT_OURS:
            text = path.read_text("utf-8")
            tree = ast.parse(text if "code" in text else "")
            given = [part for node in _codes(tree) for part in _returned(node, tree)]
            found |= {code for node in given for code in _texts(node)}
    return frozenset(found)


def _codes(tree: ast.Module) -> Iterator[ast.expr]:
    """Yield what is given as `code`: by name, by position to a function here, or as a default."""
    positions = dict(_positions(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from (one.value for one in node.keywords if one.arg == "code")
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            yield from node.args[positions.get(name, 99) :][:1]
        elif isinstance(node, ast.FunctionDef):
            both = zip(reversed(node.args.args), reversed(node.args.defaults), strict=False)
            yield from (default for argument, default in both if argument.arg == "code")
        elif isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "code":
            yield from (one for one in [node.value] if one)


def _positions(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            names = [argument.arg for argument in node.args.args if argument.arg != "self"]
            if "code" in names:
                yield node.name, names.index("code")


def _returned(node: ast.expr, tree: ast.Module) -> Iterator[ast.expr]:
    """Yield what a function of the module returns, if it is a call of one, else the node."""
    name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else None
    if name is None:
        yield node
    for one in tree.body:
        if isinstance(one, ast.FunctionDef) and one.name == name:
            returns = (part for part in ast.walk(one) if isinstance(part, ast.Return))
            yield from (part.value for part in returns if part.value)


def _texts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Name) and node.id in NAMED:
        yield NAMED[node.id]


@pytest.mark.slow
def test_every_code_is_described() -> None:
    """`understudy rule CODE` knows whatever a finding has in brackets."""
    assert sorted(codes() - rule_book().keys()) == []


@pytest.mark.slow
def test_every_description_is_of_a_code() -> None:
    """What is described is given somewhere, or it was forgotten when the code went."""
    assert sorted(reader_rules().keys() - codes()) == []


def test_a_code_is_described_once() -> None:
    """No code is in two families, nor in a family and in a file of its own."""
    heads = [part.split(":")[0] for one in FAMILIES for part in one.TEXT.strip().split("\n\n")]
    assert sorted(heads) == sorted(set(heads))
    assert sorted(reader_rules().keys() & rules().keys()) == []


@pytest.mark.parametrize("slug", reader_rules())
def test_a_description_is_made_of_sentences(slug: str) -> None:
    """Each part ends with a period and begins as a sentence or with a code."""
    one = reader_rules()[slug]
    parts = (one.summary, one.why, one.instead)
    assert [part for part in parts if not part.endswith(".") or part[0].islower()] == []


@pytest.mark.parametrize(("slug", "loaded"), rules().items())
def test_a_file_is_read_as_it_is_imported(slug: str, loaded: Loaded) -> None:
    """The rule book, which imports no rule's file, says the same of it as the import does."""
    found = described(slug)
    assert found is not None
    rule = loaded.rule
    assert (found.slug, found.severity) == (rule.slug, rule.severity)
    assert (found.targets, found.proof) == (rule.targets, rule.proof)
    checks = (loaded.check_task, loaded.check_flow, loaded.check_file)
    assert found.by_reader == (checks == (None, None, None))


@pytest.mark.parametrize("slug", rules())
def test_the_fixes_of_a_rule_are_told(slug: str) -> None:
    """The cases are mended with fixes of every kind that the rule book tells of, and no other."""
    found = (one for case in cases([slug]) for to in Target for one in found_in(case, to))
    made = {one.fix.is_safe for one in found if one.fix}
    assert made == FIXES[rule_book()[slug].fixes]


def test_an_import_has_the_codes_of_what_it_imports() -> None:
    """What is found in an import is described as it is anywhere else."""
    assert described("import-unknown-module") == described("unknown-module")
    assert described("import-name") != described("name")


@pytest.mark.parametrize("slug", ["", "no-such-rule", "../rule", "__init__", "import-", "a/b"])
def test_what_is_no_rule_is_not_described(slug: str) -> None:
    """Names that lead out of the folder are names of no rule."""
    assert described(slug) is None


def test_severities_are_those_that_are_told() -> None:
    """A finding of each code that some case expects is as bad as the rule book says."""
    told: dict[str, set[str]] = {}
    for path in sorted((*INVALID.glob("*.expected"), *CASES.rglob("*.expected"))):
        for severity, code in HEAD.findall(path.read_text("utf-8")):
            told.setdefault(code, set()).add(severity)
    book = {code: described(code) for code in told}
    assert [code for code, one in book.items() if one is None] == []
    wrong = [code for code, one in book.items() if one and one.severity.value not in told[code]]
    assert wrong == []
