"""The facts of this machine are the oracle's: the same names and values."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.modules.runner import Host
from tests.parity.oracle import oracle

pytestmark = [pytest.mark.oracle, pytest.mark.slow]

MOVING = frozenset(
    "ansible_date_time ansible_env ansible_loadavg ansible_memfree_mb ansible_memory_mb "
    "ansible_python ansible_python_version ansible_swapfree_mb ansible_uptime_seconds "
    "size_available block_available block_used inode_available inode_used".split()
)
"""What differs from one moment, or one Python, to the next."""


def _theirs(subsets: Sequence[str], folder: Path) -> dict[str, object]:
    command = [str(oracle().parent / "ansible"), "-i", "localhost,", "-c", "local", "localhost"]
    command += ["-e", f"ansible_python_interpreter={sys.executable}", "-t", str(folder)]
    command += ["-m", "setup", "-a", f"gather_subset={','.join(subsets)}"]
    subprocess.run(command, check=True, capture_output=True, cwd=folder)
    facts: dict[str, object] = json.loads((folder / "localhost").read_text())["ansible_facts"]
    return facts


def _differences(theirs: object, ours: object, path: str = "") -> Iterator[str]:
    if path.rpartition(".")[2] in MOVING:
        return
    if isinstance(theirs, dict) and isinstance(ours, dict):
        yield from (f"{path}.{name}: missing" for name in sorted(theirs.keys() - ours.keys()))
        yield from (f"{path}.{name}: extra" for name in sorted(ours.keys() - theirs.keys()))
        for name in theirs.keys() & ours.keys():
            yield from _differences(theirs[name], ours[name], f"{path}.{name}")
    elif isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        if all(isinstance(item, str) for item in theirs):
            theirs, ours = sorted(theirs), sorted(ours)
        for number, (one, other) in enumerate(zip(theirs, ours, strict=True)):
            yield from _differences(one, other, f"{path}[{number}]")
    elif theirs != ours:
        yield f"{path}: theirs {theirs!r}, ours {ours!r}"


@pytest.mark.parametrize(
    "subsets",
    [["all"], ["!all"], ["!all", "!min", "network"], ["!min", "hardware"], ["!all", "virtual"]],
    ids=",".join,
)
def test_facts_are_those_of_ansible(
    subsets: list[str], here: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every name is there, and no other; the order of names in a list means nothing."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    theirs = _theirs(subsets, tmp_path)
    ours = here.run("setup", {"gather_subset": subsets})["ansible_facts"]
    assert list(_differences(theirs, ours)) == []
