"""What a command costs the machine that it runs on, as a whole process."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


class CommandFailed(Exception):  # noqa: N818 (names what happened)
    """A command that is measured ended with another status than 0."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Seconds on the clock and of the processors, and the largest process's memory.

    The processors' time is that of the command and of every child that it has waited for; what it
    leaves behind as daemons, as OpenSSH's client with ControlPersist, is not in it.
    """

    wall_s: float
    cpu_s: float
    peak_mib: float


def as_installed() -> dict[str, str]:
    """Return an environment in which Python keeps what it compiles, as pip does."""
    return {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}


def measure(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str] | None = None,
    ends_with: Collection[int] = (0,),
) -> Usage:
    """Run a command in a folder and return what it cost.

    Raises CommandFailed with what it said if it ends with another status than `ends_with` has.
    """
    output = folder / "output.txt"
    with output.open("wb") as out:
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**as_installed(), **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in ends_with:
        raise CommandFailed(f"{command[0]}: {output.read_text(errors='replace')[-2000:]}")
    return Usage(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


@dataclass(frozen=True, slots=True)
class Summary:
    """What several runs of one command have cost."""

    rounds: int
    least_s: float
    median_s: float
    cpu_s: float
    peak_mib: float


def summarise(runs: Sequence[Usage]) -> Summary:
    """Return the least and the median time; the medians of the rest."""
    walls = [run.wall_s for run in runs]
    return Summary(
        rounds=len(runs),
        least_s=min(walls),
        median_s=statistics.median(walls),
        cpu_s=statistics.median(run.cpu_s for run in runs),
        peak_mib=statistics.median(run.peak_mib for run in runs),
    )
