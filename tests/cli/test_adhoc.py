"""`understudy adhoc` runs one task and shows one block for each host, as `ansible` does."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow


def adhoc(*words: str) -> tuple[int, str, str]:
    """Run the command on this machine; return its exit code and what it wrote."""
    command = [sys.executable, "-m", "understudy", "adhoc", "-i", "a,b", "-c", "local", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_a_module_answers_for_every_host() -> None:
    """Each host has a block of its own, in JSON, as soon as it has answered."""
    block = ' | SUCCESS => {\n    "changed": false,\n    "ping": "pong"\n}\n'
    code, out, err = adhoc("all", "-m", "ping")
    assert (code, err) == (0, "")
    assert out in (f"a{block}b{block}", f"b{block}a{block}")


def test_a_command_shows_its_output() -> None:
    """What a program wrote is shown as it is, after its exit code."""
    code, out, _ = adhoc("a", "-a", "sh -c 'echo out; exit 3'")
    assert (code, out) == (2, "a | FAILED | rc=3 >>\noutnon-zero return code\n")
    assert adhoc("a", "-o", "-a", "echo x")[1] == "a | CHANGED | rc=0 | (stdout) x\n"


def test_arguments_may_be_json() -> None:
    """A mapping written as JSON keeps its types."""
    assert adhoc("a", "-m", "debug", "-a", '{"msg": [1]}')[1].endswith("[\n        1\n    ]\n}\n")


def test_a_job_is_started_and_waited_for() -> None:
    """`-B` makes it a job, `-P` says how often it is looked at."""
    out = adhoc("a", "-m", "shell", "-a", "echo hi", "-B", "9", "-P", "1")[1]
    assert out.startswith("a | CHANGED => {")
    assert '"finished": true' in out


def test_hosts_are_listed() -> None:
    """`--list-hosts` needs no module and runs nothing."""
    assert adhoc("all", "--list-hosts") == (0, "  hosts (2):\n    a\n    b\n", "")


def test_a_command_without_arguments_is_refused() -> None:
    """There would be nothing to run."""
    code, _, err = adhoc("a")
    assert code == 5
    assert "No argument passed to command module" in err


def test_a_pattern_without_a_host_is_a_warning() -> None:
    """Nothing is done, and that is no failure."""
    code, out, err = adhoc("nobody", "-m", "ping")
    assert (code, out) == (0, "")
    assert "Could not match supplied host pattern, ignoring: nobody" in err


def test_an_unknown_module_is_refused_with_a_hint() -> None:
    """The name is looked up before a host is touched."""
    code, _, err = adhoc("a", "-m", "pong")
    assert code == 2
    assert "did you mean `ping`?" in err
