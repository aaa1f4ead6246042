"""`python -m tests.bench.lint`: a check of a whole project, beside ansible-lint.

Both go through the project of `corpus.py`; every run must end as a check that found something ends
(2 for both). ansible-lint is offline, with its profile `production`; where it keeps what it learnt
in its own cache, the second of its runs counts. `--ours` leaves it out.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.bench.corpus import write
from tests.bench.usage import Summary, Usage, measure, summarise
from tests.check.lint import OPTIONS, ansible_lint, environment

OURS = str(Path(sys.executable).parent / "understudy")
FOUND = (2,)


def ours(folder: Path, cache: Path, rounds: int) -> dict[str, Summary]:
    """Return what our checks cost: cold, warm, after one edit, and of one file."""
    whole = [OURS, "check", "."]
    environ = {"XDG_CACHE_HOME": str(cache)}
    one = [OURS, "check", "--no-cache", "play_00.yml"]
    cold = [measure([*whole, "--no-cache"], folder, environ, FOUND) for _ in range(rounds)]
    measure(whole, folder, environ, FOUND)
    warm = [measure(whole, folder, environ, FOUND) for _ in range(rounds)]
    edited = [_after_an_edit(whole, folder, environ, number) for number in range(rounds)]
    single = [measure(one, folder, environ, FOUND) for _ in range(rounds)]
    runs = {"cold": cold, "warm": warm, "after one edit": edited, "one playbook": single}
    return {name: summarise(costs) for name, costs in runs.items()}


def _after_an_edit(words: Sequence[str], folder: Path, environ: dict[str, str], n: int) -> Usage:
    with (folder / "roles" / "role_00" / "tasks" / "main.yml").open("a") as tasks:
        tasks.write(f"# {n}\n")
    return measure(words, folder, environ, FOUND)


def theirs(folder: Path, rounds: int) -> tuple[str, Summary]:
    """Return ansible-lint's version and what it costs."""
    words = [str(ansible_lint()), *OPTIONS, "-f", "pep8", "."]
    version = subprocess.run(
        [ansible_lint(), "--version"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment()},
    )
    runs = [measure(words, folder, environment(), FOUND) for _ in range(rounds + 1)]
    return " ".join(version.stdout.split()[:2]), summarise(runs[1:])


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.lint", description=__doc__)
    parser.add_argument("--ours", action="store_true", help="measure only our own check")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        project, cache = Path(name, "project"), Path(name, "cache")
        files = write(project)
        rows = {
            f"understudy check, {what}": cost
            for what, cost in ours(project, cache, options.rounds).items()
        }
        if not options.ours:
            version, cost = theirs(project, max(1, options.rounds - 2))
            rows[version] = cost
    print(f"{files} files, {os.cpu_count()} cores, Python {platform.python_version()}; medians\n")
    print("| what | wall time | processor time | memory | times slower |\n|---|--:|--:|--:|--:|")
    base = rows["understudy check, cold"].median_s
    for what, cost in rows.items():
        cells = f"{cost.median_s:.2f} s | {cost.cpu_s:.2f} s | {cost.peak_mib:.0f} MiB"
        print(f"| {what} | {cells} | {cost.median_s / base:.1f} |")


if __name__ == "__main__":
    main()
