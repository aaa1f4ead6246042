"""Every rule finds what its cases say, for every target, and says what it is about."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import indent

import pytest

from tests.check.cases import Case, cases, found_at, found_in, mended, told
from understudy.check.doc import rule_text
from understudy.check.rule import Loaded, rules
from understudy.check.targets import Target
from understudy.text.diagnostic import Severity

PARITY = Path(__file__).parents[1] / "parity" / "cases"
FAILING = [pytest.param(case, id=f"{case.slug}/{case.path.stem}") for case in cases() if case.fails]
PASSING = [
    pytest.param(case, id=f"{case.slug}/{case.path.stem}") for case in cases() if not case.fails
]
RULES = [pytest.param(loaded, id=slug) for slug, loaded in rules().items()]


@pytest.mark.parametrize("case", FAILING)
def test_a_failing_case_is_told_as_expected(case: Case) -> None:
    """The findings of the rule are those beside the case, and there is at least one."""
    text = told(case)
    assert text == case.expected.read_text("utf-8")
    assert f"[{case.slug}]" in text


@pytest.mark.parametrize("case", FAILING)
def test_the_fixes_of_a_case_mend_it(case: Case, tmp_path: Path) -> None:
    """The text after the fixes is the one beside the case, and nothing is left that has a fix."""
    text = mended(case)
    assert text == (case.fixed.read_text("utf-8") if case.fixed.exists() else None)
    if text is not None and not case.path.is_dir():
        (tmp_path / case.path.name).write_text(text, "utf-8")
        again = Case(case.slug, tmp_path / case.path.name)
        assert [one for one in found_in(again, Target.UNDERSTUDY) if one.fix] == []


@pytest.mark.parametrize("case", PASSING)
def test_a_passing_case_has_no_finding(case: Case) -> None:
    """The rule finds nothing in it, for no target."""
    assert [found_in(case, target) for target in Target if found_in(case, target)] == []


@pytest.mark.parametrize("loaded", RULES)
def test_a_rule_holds_to_its_examples(loaded: Loaded, tmp_path: Path) -> None:
    """It finds something in its own example, and nothing in what it says to write instead."""
    text, slug = rule_text(loaded.text), loaded.rule.slug
    target = next(target for target in Target if target in loaded.rule.targets)
    for name, example in (("example", text.example), ("instead", text.instead)):
        write_example(example, tmp_path / name)
    assert found_at(tmp_path / "example", slug, target) != []
    assert found_at(tmp_path / "instead", slug, target) == []


def write_example(text: str, folder: Path) -> None:
    """Write an example: a playbook, the tasks of a play, or the file that its first line names.

    Where it says `# inventory: a b`, it has an inventory of these hosts.
    """
    hosts = re.search(r"# inventory: (.+)\n", text)
    named = re.match(r"# (\S+\.\w+)\n", text)
    is_playbook = "hosts:" in text or "import_playbook:" in text
    path = folder / (named[1] if named else "site.yml")
    path.parent.mkdir(parents=True)
    if hosts:
        (folder / "inventory.ini").write_text("\n".join(hosts[1].split()) + "\n", "utf-8")
    is_whole = named or is_playbook
    path.write_text(
        text if is_whole else f"- hosts: all\n  tasks:\n{indent(text, '    ')}", "utf-8"
    )


@pytest.mark.parametrize("loaded", RULES)
def test_a_rule_says_what_it_is_about(loaded: Loaded) -> None:
    """Its file has a summary, what and why; what it says of Ansible is proved by parity cases."""
    text = rule_text(loaded.text)
    assert text.summary.endswith(".")
    assert "Why: " in text.body
    assert [name for name in loaded.rule.proof if not (PARITY / name).is_dir()] == []


@pytest.mark.parametrize("loaded", RULES)
def test_a_rule_has_cases(loaded: Loaded) -> None:
    """There is one in which it finds something and one in which it does not."""
    of_rule = list(cases([loaded.rule.slug]))
    assert {case.fails for case in of_rule} == {True, False}
    assert loaded.rule.severity in Severity


def test_files_are_named_as_their_rules() -> None:
    """A rule is found by its slug without reading all files."""
    assert [slug for slug, loaded in rules().items() if loaded.rule.slug != slug] == []
