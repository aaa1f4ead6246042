"""`understudy shim` writes programs with Ansible's names that behave as understudy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from understudy.cli.main import main
from understudy.cli.shim import PROGRAMS


@pytest.mark.slow
def test_the_programs_run_playbooks_and_tasks(tmp_path: Path) -> None:
    """They need nothing on the path but themselves."""
    assert main(["shim", str(tmp_path / "bin")]) == 0
    program = tmp_path / "bin" / "ansible"
    done = subprocess.run(
        [program, "-i", "a,", "-c", "local", "a", "-m", "ping"], capture_output=True, check=False
    )
    assert (done.returncode, b"pong" in done.stdout) == (0, True)


def test_every_program_names_a_command(tmp_path: Path) -> None:
    """No program is written for a command that we do not have."""
    from understudy.cli.main import COMMANDS

    main(["shim", str(tmp_path)])
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(PROGRAMS)
    assert {words[0] for words in PROGRAMS.values()} <= COMMANDS.keys()
    assert (tmp_path / "ansible").read_text().startswith(f"#!{sys.executable}\n")


def test_a_place_that_cannot_be_written_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file in the way is an error in words."""
    (tmp_path / "file").touch()
    assert main(["shim", str(tmp_path / "file")]) == 1
    assert "cannot write into" in capsys.readouterr().err
