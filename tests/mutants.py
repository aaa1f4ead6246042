"""Every fact that is commonly got wrong has a mutant: a changed line that makes its case fail.

`python -m tests.mutants` copies the engine, changes it as `mutants.txt` says, one mutant at a time,
and runs the mutant's parity case, which must fail. A mutant that survives shows a test that cannot
fail.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).parent.parent
LIST = Path(__file__).with_suffix(".txt")
COPIED = ("engine", "modules", "schemas")


@dataclass(frozen=True, slots=True)
class Mutant:
    """A change of one place in one file, the fact it breaks, and the case that must notice."""

    fact: str
    case: str
    file: str
    old: str
    new: str


def read(text: str) -> Iterator[Mutant]:
    """Yield the mutants of a list: a line `S28 case file`, then `-` and `+` lines."""
    blocks = (list(lines) for filled, lines in groupby(text.splitlines(), bool) if filled)
    for head, *change in (block for block in blocks if not block[0].startswith("#")):
        fact, case, file = head.split()
        old = "\n".join(line[2:] for line in change if line.startswith("-"))
        new = "\n".join(line[2:] for line in change if line.startswith("+"))
        yield Mutant(fact, case, file, old, new)


def survives(mutant: Mutant) -> str | None:
    """Return why a mutant was not killed, or None when its case failed as it must."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as name:
        copy = Path(name)
        for folder in COPIED:
            shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("*.pyc"))
        changed = copy / mutant.file
        text = changed.read_text("utf-8")
        if text.count(mutant.old) != 1:
            return f"its old text stands {text.count(mutant.old)} times in {mutant.file}"
        changed.write_text(text.replace(mutant.old, mutant.new), "utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "tests.parity", "--check", mutant.case],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(copy / "engine")},
            capture_output=True,
            text=True,
            check=False,
        )
    return "its case passes all the same" if done.returncode == 0 else None


def main() -> int:
    """Try every mutant; return 1 if one survives."""
    mutants = list(read(LIST.read_text("utf-8")))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        verdicts = list(pool.map(survives, mutants))
    for mutant, why in zip(mutants, verdicts, strict=True):
        print(
            f"{'killed  ' if why is None else 'SURVIVED'} {mutant.fact:4} {mutant.case} {why or ''}"
        )
    killed = verdicts.count(None)
    print(f"{killed} of {len(mutants)} mutants killed")
    return int(killed != len(mutants))


if __name__ == "__main__":
    sys.exit(main())
