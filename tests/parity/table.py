"""The table of facts and the cases that pin them."""

from __future__ import annotations

from collections import defaultdict

from tests.parity.case import HERE, Case
from tests.parity.facts import GOTCHAS, OUT_OF_REACH, TITLES

TABLE = HERE / "TABLE.md"
HEAD = """\
# Facts and cases

Made by `python -m tests.parity --table`; do not edit. **G** marks what is commonly got wrong.

| Fact | | What it says | Cases |
|---|---|---|---|
"""


def table(cases: list[Case]) -> str:
    """Return the table as Markdown; raise KeyError for a fact that does not exist."""
    by_fact = _by_fact(cases)
    rows = "".join(_row(number, by_fact[number]) for number in TITLES)
    others = ", ".join(case.slug for case in cases if not _numbers(case))
    excused = "".join(f"- {case.slug}: {case.excuse}\n" for case in cases if case.excuse)
    tail = f"\n{len(cases)} cases. Of keywords and modules, without a number: {others}.\n"
    return f"{HEAD}{rows}{tail}\nCases in which understudy gives another result:\n\n{excused}"


def _by_fact(cases: list[Case]) -> dict[int, list[str]]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    for case in cases:
        for number in _numbers(case):
            found[number].append(case.slug)
    return found


def _numbers(case: Case) -> list[int]:
    numbers = [int(word[1:]) for word in case.covers if word[0] == "S" and word[1:].isdigit()]
    unknown = set(numbers) - set(TITLES)
    if unknown:
        raise KeyError(f"{case.slug} covers unknown facts: {sorted(unknown)}")
    return numbers


def _row(number: int, slugs: list[str]) -> str:
    mark = "**G**" if number in GOTCHAS else ""
    cases = ", ".join(slugs) or f"*none: {OUT_OF_REACH.get(number, 'missing')}*"
    return f"| S{number} | {mark} | {TITLES[number]} | {cases} |\n"


def missing(cases: list[Case]) -> list[int]:
    """Return the facts that have neither a case nor a reason for having none."""
    by_fact = _by_fact(cases)
    return [n for n in TITLES if not by_fact[n] and n not in OUT_OF_REACH]
