"""`python -m tests.check.tools`: which tool tells what each rule is about, in docs/CHECK.md.

Every failing case of every rule is given to ansible-lint (offline, profile `production`) and to
`ansible-playbook --syntax-check`. What ansible-lint also tells of the rule's passing cases is style
and does not count; nor does what it tells of other lines than our finding's.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.check.cases import CASES, Case, cases, found_in
from tests.check.lint import FOUND, OPTIONS, ansible_lint, environment
from tests.parity.oracle import oracle
from understudy.check.rule import rules
from understudy.check.targets import Target
from understudy.text.diagnostic import Diagnostic

PAGE = Path(__file__).parents[2] / "docs" / "CHECK.md"
BEGINS = "<!-- made by `python -m tests.check.tools` -->\n"
ENDS = "<!-- end -->\n"
HEAD = "| rule | understudy check | ansible-lint | --syntax-check |\n|---|---|---|---|\n"
_FORM = ("fqcn", "jinja[spacing]", "key-order", "name", "no-changed-when", "no-free-form")
"""What ansible-lint tells of the form of a task, whatever it does."""
_NEAR = 1
"""How many lines beside our finding another tool may point at."""

Told = dict[str, list[tuple[str, int]]]
"""For each file what a tool tells: its own name for it, and the line."""


def lint(folder: Path) -> Told:
    """Return what ansible-lint tells of the files in a directory."""
    words = [ansible_lint(), *OPTIONS, "-f", "json", "."]
    environ = {**os.environ, **environment()}
    ran = subprocess.run(
        words, cwd=folder, capture_output=True, text=True, check=False, env=environ
    )
    if ran.returncode not in (0, FOUND):
        raise SystemExit(f"ansible-lint ended with {ran.returncode}:\n{ran.stderr[-2000:]}")
    told: Told = {}
    for one in json.loads(ran.stdout):
        place = one["location"]
        begin = place.get("positions", {}).get("begin") or place["lines"]["begin"]
        line = begin["line"] if isinstance(begin, dict) else begin
        told.setdefault(place["path"], []).append((one["check_name"], line))
    return told


def refused(playbook: Path) -> bool:
    """Tell whether `ansible-playbook --syntax-check` refuses a file, if it is a playbook."""
    text = playbook.read_text("utf-8") if playbook.suffix == ".yml" and playbook.exists() else ""
    if "hosts:" not in text:
        return False
    words = [
        str(oracle()),
        "--syntax-check",
        "-i",
        "localhost,",
        playbook.name,
    ]
    ran = subprocess.run(words, cwd=playbook.parent, capture_output=True, check=False)
    return ran.returncode != 0


def rows() -> Iterator[str]:
    """Yield a line of the table for each rule."""
    all_cases = list(cases())
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "playbooks"
        shutil.copytree(CASES, place, ignore=shutil.ignore_patterns("*.expected", "*.fixed.yml"))
        told = lint(place)
        with ThreadPoolExecutor(2) as pool:
            copies = [place / case.playbook.relative_to(CASES) for case in all_cases]
            failed = dict(zip(all_cases, pool.map(refused, copies), strict=True))
    for slug in rules():
        of_rule = [case for case in all_cases if case.slug == slug]
        yield _row(slug, of_rule, told, {case for case in of_rule if failed[case]})


def _row(slug: str, of_rule: list[Case], told: Told, refused_: set[Case]) -> str:
    failing = [case for case in of_rule if case.fails]
    style = {name for case in of_rule if not case.fails for name, _ in _of(case, told)}
    by_lint = {case: sorted(_near(case, told) - style) for case in failing}
    found = [case for case in failing if by_lint[case]]
    names = sorted({name for names in by_lint.values() for name in names})
    lint_cell = f"{len(found)}: {', '.join(f'`{name}`' for name in names)}" if names else ""
    stopped = len([case for case in failing if case in refused_])
    ours = f"{len([case for case in failing if _findings(case)])} of {len(failing)}"
    return f"| `{slug}` | {ours} | {lint_cell} | {stopped or ''} |"


def _of(case: Case, told: Told) -> Iterable[tuple[str, int]]:
    return told.get(str(case.playbook.relative_to(CASES)), [])


def _near(case: Case, told: Told) -> set[str]:
    """Return what ansible-lint tells of the lines that our findings are about."""
    lines = {
        line
        for found in _findings(case)
        for span in (found.span, *(other.span for other in found.others))
        if span
        for line in range(span.start.line - _NEAR, span.end.line + _NEAR + 1)
    }
    near = {name for name, line in _of(case, told) if line in lines}
    return {name for name in near if not name.startswith(_FORM)}


def _findings(case: Case) -> list[Diagnostic]:
    return found_in(case, Target.UNDERSTUDY) or found_in(case, Target.ANSIBLE_2_19)


def main() -> None:
    """Write the table into the page."""
    before, rest = PAGE.read_text("utf-8").split(BEGINS)
    _, after = rest.split(ENDS)
    table = HEAD + "".join(row + "\n" for row in rows())
    PAGE.write_text(f"{before}{BEGINS}\n{table}\n{ENDS}{after}", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
