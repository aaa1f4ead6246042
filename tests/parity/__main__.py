"""`python -m tests.parity`: record the oracle, check a command, rotate, write the table."""

from __future__ import annotations

import argparse
import datetime as dt
import shlex
import sys
from collections.abc import Sequence

from tests.parity import recording
from tests.parity.case import Case, all_cases, choose
from tests.parity.compare import differences
from tests.parity.oracle import make_oracle, oracle, version
from tests.parity.runner import OURS, run_cases
from tests.parity.shapes import Run
from tests.parity.table import TABLE, table

ROTATION = 10


def record(cases: list[Case], jobs: int) -> int:
    """Run each case twice in the oracle and store it if both runs are the same."""
    command = [str(oracle())]
    first = run_cases(cases, command, jobs)
    second = run_cases(cases, command, jobs)
    release = version(oracle())
    return sum(
        _store(case, one, two, release) for case, one, two in zip(cases, first, second, strict=True)
    )


def _store(case: Case, first: Run | str, second: Run | str, release: str) -> int:
    if isinstance(first, str) or isinstance(second, str):
        return _report(case, [text for text in (first, second) if isinstance(text, str)])
    found = differences(first.as_json(), second.as_json())
    if found:
        return _report(case, ["two runs of the oracle differ", *found])
    recording.store(case, first, release)
    return _report(case, [])


def check(cases: list[Case], command: Sequence[str], jobs: int) -> int:
    """Run each case with the command and compare it with its recording."""
    runs = run_cases(cases, command, jobs)
    found = [against(case, run) for case, run in zip(cases, runs, strict=True)]
    return sum(_judge(case, lines) for case, lines in zip(cases, found, strict=True))


def _judge(case: Case, found: list[str]) -> int:
    if not found or not case.excuse:
        return _report(case, found)
    print(f"diff {case.slug}: {case.excuse}")
    return 0


def against(case: Case, run: Run | str) -> list[str]:
    """Return the differences between a run and the stored recording."""
    stored = recording.load(case)
    if isinstance(run, str):
        return [run]
    if stored is None:
        return ["never recorded"]
    return differences(stored.run, run.as_json())


def rotate(turn: int, jobs: int) -> int:
    """Record changed cases and a tenth of the others anew; a difference from before fails.

    Not those that need more than ansible-core alone.
    """
    cases = [case for case in all_cases() if not case.needs]
    current = [case for case in cases if recording.is_current(case)]
    tenth = [case for index, case in enumerate(current) if index % ROTATION == turn % ROTATION]
    due = [case for case in cases if case not in current] + tenth
    before = [recording.load(case) for case in due]
    failures = record(due, jobs)
    return failures + sum(_moved(case, old) for case, old in zip(due, before, strict=True))


def _moved(case: Case, before: recording.Recording | None) -> int:
    after = recording.load(case)
    if before is None or after is None:
        return _report(case, ["had no recording"])
    found = differences(before.run, after.run)
    return _report(case, ["differs from the stored recording", *found]) if found else 0


def _report(case: Case, found: list[str]) -> int:
    print(f"{'FAIL' if found else 'ok  '} {case.slug}")
    for line in found:
        print(f"       {line}")
    return 1 if found else 0


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.parity", description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--oracle", action="store_true", help="make the venv of the oracle")
    what.add_argument("--record", nargs="*", metavar="CASE", help="record cases in the oracle")
    what.add_argument("--check", nargs="*", metavar="CASE", help="compare a command's runs")
    what.add_argument("--rotate", nargs="?", type=int, const=-1, metavar="TURN")
    what.add_argument("--table", action="store_true", help="write TABLE.md")
    parser.add_argument("--command", default=shlex.join(OURS), help="what --check runs")
    parser.add_argument("--jobs", type=int, default=2, help="how many cases at once")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """Run one of the commands; return 0 if nothing differed."""
    options = _arguments(words)
    if options.oracle:
        print(make_oracle())
        return 0
    if options.table:
        TABLE.write_text(table(all_cases()), encoding="utf-8")
        return 0
    return 1 if _run(options) else 0


def _run(options: argparse.Namespace) -> int:
    if options.record is not None:
        return record(choose(options.record), options.jobs)
    if options.check is not None:
        return check(choose(options.check), shlex.split(options.command), options.jobs)
    today = dt.datetime.now(tz=dt.UTC).timetuple().tm_yday
    return rotate(today if options.rotate < 0 else options.rotate, options.jobs)


if __name__ == "__main__":
    sys.exit(main())
