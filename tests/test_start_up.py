"""What a command imports: start-up is fast because nothing comes in before it is needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parent.parent / "examples" / "quickstart" / "playbook.yml"


def imported(*words: str) -> set[str]:
    """Return the names of all modules that a command imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "understudy", *words],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = (line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines())
    return {name.split(".")[0] for name in lines}


def test_the_version_needs_no_package() -> None:
    """`--version` imports nothing but Python's own modules."""
    names = imported("--version")
    assert not names & {"jinja2", "ruamel", "jsonschema", "asyncssh", "rich", "asyncio"}


@pytest.mark.slow
def test_a_check_needs_no_event_loop() -> None:
    """`check` imports neither asyncio nor asyncssh nor rich, and jsonschema only for findings."""
    names = imported("check", str(EXAMPLE))
    assert not names & {"asyncio", "asyncssh", "rich", "jsonschema"}


@pytest.mark.slow
def test_a_run_on_this_machine_needs_no_ssh() -> None:
    """`run` imports asyncssh only when a host is reached by SSH."""
    names = imported("run", "--syntax-check", "-i", "localhost,", str(EXAMPLE))
    assert not names & {"asyncssh", "rich", "jsonschema"}
