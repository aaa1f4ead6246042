"""`subversion` brings a working copy to a revision; results as Ansible's."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.modules.case import filled
from tests.modules.runner import Host

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("svn") is None, reason="needs subversion"),
]
STEPS = YAML(typ="safe").load(Path(__file__).parent / "cases" / "subversion.yml")
HISTORY = """\
svnadmin create up && svn -q co file://$PWD/up work && cd work
mkdir a && echo 1 >a/f && svn -q add a && svn -q ci -m 1
echo 2 >a/f && svn -q ci -m 2 && svn -q up && svn -q cp a c && svn -q ci -m 3
"""


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a repository with three revisions."""
    folder = tmp_path_factory.mktemp("history")
    subprocess.run(["sh", "-ec", HISTORY], cwd=folder, check=True)
    return folder / "up"


def test_steps(here: Host, history: Path, tmp_path: Path) -> None:
    """Check mode foretells each step, and a second run finds it done."""
    for step in STEPS:
        take(with_url(filled(step, tmp_path), f"file://{history}"), here, tmp_path)


def test_under_every_python(host: Host, history: Path, tmp_path: Path) -> None:
    """A copy is made; its revision is told."""
    args = {"repo": f"file://{history}/a", "dest": str(tmp_path / "copy")}
    assert host.run("subversion", args)["after"][0] == "Revision: 3"


def with_url(value: Any, url: str) -> Any:
    """Put the URL of the repository in the place of its name, at any depth."""
    if isinstance(value, str):
        return value.replace("{up}", url)
    if isinstance(value, dict):
        return {key: with_url(item, url) for key, item in value.items()}
    return [with_url(item, url) for item in value] if isinstance(value, list) else value


def take(step: dict[str, Any], host: Host, folder: Path) -> None:
    """Foretell, do and repeat a step."""
    args = {"dest": str(folder / "copy"), **step["args"]}
    args = {key: value for key, value in args.items() if value != ""}
    if "edit" in step:
        (folder / "copy" / "f").write_text(step["edit"])
    if "failed" in step:
        assert host.run("subversion", args)["msg"].splitlines()[0] == step["failed"]
        return
    foretold = host.run("subversion", args, check=True)
    done = host.run("subversion", args)
    assert done["changed"] == foretold["changed"] == step.get("changed", True), step
    assert {key: done[key] for key in step.get("result", {})} == step.get("result", {})
    if "keys" in step:
        assert " ".join(sorted(done)) == step["keys"]
    again = host.run("subversion", args)
    if step.get("again") == "fails":
        assert again["failed"]
    else:
        assert again["changed"] == step.get("again", False), step


def test_a_password_is_not_seen(here: Host, tmp_path: Path) -> None:
    """It comes by standard input; only an old program gets it otherwise, with a warning."""
    program = tmp_path / "svn"
    log = tmp_path / "log"
    told = f'case "$*" in --version*) echo $VERSION; exit;; esac; echo "$@" >>{log}; cat >>{log}'
    for version, line in (
        ("1.10.2", "--trust-server-cert --username me --password-from-stdin info x\nhunter2"),
        ("1.9.7", "--trust-server-cert --username me --password hunter2 info x\n"),
    ):
        program.write_text(f"#!/bin/sh\nVERSION={version}\n{told}; echo no >&2; exit 1\n")
        program.chmod(0o755)
        args = {"repo": "x", "checkout": False, "update": False, "username": "me"}
        secret = {"password": "hunter2", "executable": str(program)}
        result = here.run("subversion", args | secret)
        assert result["msg"] == "no"
        assert "hunter2" not in str(result)
        assert log.read_text() == f"--non-interactive --no-auth-cache {line}"
        assert len(result.get("warnings", [])) == (version == "1.9.7")
        log.unlink()
