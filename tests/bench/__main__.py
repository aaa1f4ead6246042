"""`python -m tests.bench`: a table of what understudy takes beside the real ansible-playbook.

Both run the same playbooks in turn, ansible with pipelining on; each figure is the median of the
rounds. `--json` prints the figures as data. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.bench.scenarios import CHECK, RUNS, Scenario
from tests.bench.usage import as_installed
from tests.parity.oracle import oracle

OURS = (sys.executable, "-m", "understudy")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. Seconds are medians; `goal` and `reached` are words."""

    name: str
    ours_s: float
    ansible_s: float | None
    goal: str
    reached: bool


def timed(command: Sequence[str], folder: Path) -> float:
    """Return the seconds that a command takes as a whole process."""
    environment = {**as_installed(), "ANSIBLE_PIPELINING": "1", "ANSIBLE_LOCALHOST_WARNING": "0"}
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True)
    return time.perf_counter() - started


def pair(ours: Sequence[str], theirs: Sequence[str], folder: Path, rounds: int) -> list[float]:
    """Return the medians of two commands that run in turn, after one round to warm up."""
    times = [(timed(ours, folder), timed(theirs, folder)) for _ in range(rounds + 1)]
    return [statistics.median(column) for column in zip(*times[1:], strict=True)]


def run_row(scenario: Scenario, rounds: int) -> Row:
    """Measure a playbook that both run."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "play.yml").write_text(scenario.playbook, "utf-8")
        (folder / "hosts.ini").write_text(scenario.inventory(sys.executable), "utf-8")
        for path, text in scenario.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, "utf-8")
        rest = ["-i", "hosts.ini", *scenario.arguments, "play.yml"]
        ours, theirs = pair([*OURS, "run", *rest], [str(oracle()), *rest], folder, rounds)
    return _row(scenario, ours, theirs)


def check_row(scenario: Scenario, rounds: int) -> Row:
    """Measure reading a large playbook without running it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "play.yml").write_text(scenario.playbook, "utf-8")
        check = [str(oracle()), "--syntax-check", "-i", "h1,", "play.yml"]
        ours, theirs = pair([*OURS, "check", "play.yml"], check, folder, rounds)
    return _row(scenario, ours, theirs)


def _row(scenario: Scenario, ours: float, theirs: float) -> Row:
    if scenario.times_faster is not None:
        goal = f">= {scenario.times_faster:g}x faster"
        return Row(scenario.name, ours, theirs, goal, theirs / ours >= scenario.times_faster)
    limit = scenario.within_s or 0.0
    return Row(scenario.name, ours, theirs, f"<= {limit:g} s", ours <= limit)


def version_row(rounds: int) -> Row:
    """Measure `understudy --version`."""
    command = [str(Path(sys.executable).parent / "understudy"), "--version"]
    seconds = statistics.median(timed(command, Path()) for _ in range(rounds + 1))
    return Row("understudy --version", seconds, None, "<= 0.12 s", seconds <= 0.12)


def fleet_rows() -> list[Row]:
    """Measure 5,000 hosts in memory, and what a host more takes."""
    few, many = _fleet(1000), _fleet(5000)
    rate, memory = many["per_s"], many["mib"]
    name = f"5,000 hosts x 20 tasks in memory: {rate:,.0f} results/s, {memory:.0f} MiB"
    goal = ">= 3,000/s, <= 400 MiB"
    each = (memory - few["mib"]) * 1024 / 4000
    one_more = f"a host more, with its 20 results: {each:.0f} KiB"
    return [
        Row(name, many["seconds"], None, goal, rate >= 3000 and memory <= 400),
        Row(one_more, few["seconds"], None, "<= 50 KiB", each <= 50),
    ]


def _fleet(hosts: int) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.fleet", str(hosts)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = ["| what | understudy | ansible | ratio | goal | |", "|---|--:|--:|--:|---|---|"]
    for row in rows:
        theirs = "" if row.ansible_s is None else f"{row.ansible_s:.2f} s"
        ratio = "" if row.ansible_s is None else f"{row.ansible_s / row.ours_s:.1f}x"
        mark = "yes" if row.reached else "no"
        cells = (row.name, f"{row.ours_s:.2f} s", theirs, ratio, row.goal, mark)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print data instead of a table")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured")
    options = parser.parse_args()
    rows = [run_row(scenario, options.rounds) for scenario in RUNS]
    rows += [check_row(CHECK, options.rounds), version_row(options.rounds), *fleet_rows()]
    if options.json:
        print(json.dumps([asdict(row) for row in rows], indent=2))
        return
    python = platform.python_version()
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {python}; medians\n")
    print(table(rows))


if __name__ == "__main__":
    main()
