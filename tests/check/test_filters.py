from __future__ import annotations

from pathlib import Path

import pytest

from tests.check.findings import finding
from understudy.check.settings.settings import Settings
from understudy.check.sieve.baseline import baseline_of
from understudy.check.sieve.exclude import Exclusion
from understudy.check.sieve.filters import Sieve, Sifted, fails
from understudy.check.sieve.since import Changes
from understudy.text.diagnostic import Diagnostic, Severity
from understudy.text.source import Source

SITE = Source("site.yml", "a\nb\na\n")
VENDOR = Source("vendor/x.yml", "a\n")
A1, B2, A3 = finding(SITE, 1, "rule-a"), finding(SITE, 2, "rule-b"), finding(SITE, 3, "rule-a")
OUT = finding(VENDOR, 1, "rule-a")
ALL = [A1, B2, A3, OUT]
HERE = Path.cwd()


def sift(findings: list[Diagnostic] | None = None, **how: object) -> Sifted:
    """Return what is told of findings."""
    settings = how.pop("settings", Settings())
    return Sieve(settings, **how).sift(ALL if findings is None else findings, [Path("site.yml")])


def changed(*lines: int) -> Changes:
    """Return changes of some lines of the playbook."""
    return Changes({str((HERE / "site.yml").resolve()): frozenset(lines)})


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (Settings(), ALL),
        (Settings(select=frozenset({"rule-b"})), [B2]),
        (Settings(ignore=frozenset({"rule-a"})), [B2]),
        (Settings(select=frozenset({"rule-a"}), ignore=frozenset({"rule-a"})), []),
        (Settings(severities={"rule-a": None}), [B2]),
        (Settings(exclude=Exclusion(("vendor",), str(HERE))), [A1, B2, A3]),
    ],
)
def test_settings_choose_findings(settings: Settings, expected: list[Diagnostic]) -> None:
    """`ignore` wins over `select`; a rule that is off and a file that is left out are silent."""
    assert list(sift(settings=settings).told) == expected


def test_a_text_that_no_rule_can_read_is_told_whatever_is_selected() -> None:
    """Its silence would look like a clean file; who ignores it by name has said so."""
    broken = finding(SITE, 1, "yaml-syntax")
    chosen = frozenset({"rule-a"})
    assert sift([broken, B2], settings=Settings(select=chosen)).told == (broken,)
    ignored = Settings(select=chosen, ignore=frozenset({"yaml-syntax"}))
    assert sift([broken], settings=ignored).told == ()


def test_severities_change_findings() -> None:
    """A finding is as bad as it is said to be; nothing else of it changes."""
    told = sift([A1], settings=Settings(severities={"rule-a": Severity.ERROR})).told
    assert told == (finding(SITE, 1, "rule-a", Severity.ERROR),)


def test_a_file_asked_for_by_name_is_not_left_out() -> None:
    """An exclusion is for what is found in a project, not for what is named."""
    settings = Settings(exclude=Exclusion(("vendor",), str(HERE)))
    assert OUT in sift(settings=settings, named=frozenset({Path("./vendor/x.yml")})).told


def test_noqa_comes_after_severities_and_before_the_rest() -> None:
    """It sees only what is asked for, and what it takes away is in no baseline and not gone."""
    seen: list[Diagnostic] = []

    def noqa(findings: list[Diagnostic]) -> list[Diagnostic]:
        seen.extend(findings)
        return [found for found in findings if found is not A1]

    settings = Settings(ignore=frozenset({"rule-b"}))
    sifted = sift([A1, B2, A3], settings=settings, noqa=noqa, baseline=baseline_of([A3], HERE))
    assert seen == [A1, A3]
    assert sifted == Sifted((), known=1, gone=0)


def test_only_changed_lines_are_told() -> None:
    """The rest is not even counted."""
    assert sift(changes=changed(2)) == Sifted((B2,))
    assert sift(changes=Changes(new=frozenset({str((HERE / "vendor/x.yml").resolve())}))).told == (
        OUT,
    )


def test_a_baseline_hides_what_it_knows() -> None:
    """As many as it knows, and no more."""
    known = baseline_of([A1, OUT], HERE)
    assert sift(baseline=known) == Sifted((B2, A3), known=2)


def test_a_new_finding_like_an_old_one_is_told_where_lines_have_changed() -> None:
    """The alike one on an untouched line is the old one, wherever it stands."""
    known = baseline_of([A1], HERE)
    for line, new in ((1, A1), (3, A3)):
        assert sift([A1, A3], baseline=known, changes=changed(line)) == Sifted((new,))


def test_what_is_gone_is_counted_only_where_it_could_have_been_found() -> None:
    """Not of rules that are not asked for, nor of files that were not looked at."""
    known = baseline_of(ALL, HERE)
    assert sift([], baseline=known).gone == 4
    assert sift([], baseline=known, settings=Settings(ignore=frozenset({"rule-a"}))).gone == 1
    assert sift([], baseline=known, settings=Settings(severities={"rule-b": None})).gone == 3
    real = finding(Source("pyproject.toml", "x"), 1)
    assert sift([], baseline=baseline_of([real], Path(__file__).parents[2])).gone == 0


@pytest.mark.parametrize(
    ("fail_on", "severity", "expected"),
    [
        (Severity.WARNING, Severity.INFO, False),
        (Severity.WARNING, Severity.WARNING, True),
        (Severity.WARNING, Severity.ERROR, True),
        (Severity.ERROR, Severity.WARNING, False),
        (Severity.INFO, Severity.INFO, True),
        (None, Severity.ERROR, False),
    ],
)
def test_what_fails_a_check(fail_on: Severity | None, severity: Severity, expected: bool) -> None:  # noqa: FBT001
    """Findings from the named severity on."""
    found = finding(SITE, 1, severity=severity)
    assert fails([found], Settings(fail_on=fail_on)) is expected
    assert not fails([], Settings(fail_on=fail_on))
