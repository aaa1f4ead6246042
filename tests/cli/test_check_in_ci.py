"""What the repository has for other programs to call: each is run as they run it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from understudy.cli.main import main

REPOSITORY = Path(__file__).parents[2]
WRONG = "- hosts: all\n  tasks:\n    - nomodule:\n"
RIGHT = "- hosts: all\n  tasks:\n    - ansible.builtin.ping:\n"


def yaml(name: str) -> Any:
    """Return a file of the repository."""
    return YAML(typ="safe").load((REPOSITORY / name).read_text("utf-8"))


def bash(script: str, folder: Path, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a script as CI systems do."""
    words = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    environ = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        **environ,
    }
    return subprocess.run(
        words, cwd=folder, env=environ, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a mistake, and a name that a shell must not read."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "site.yml").write_text(WRONG, "utf-8")
    return folder


def action_step(name: str, folder: Path, **inputs: str) -> tuple[int, str, str]:
    """Run a step of the GitHub Action; return its code, what it prints, and its outputs."""
    action = yaml("action.yml")
    step = next(one for one in action["runs"]["steps"] if one["name"] == name)
    given = {name: str(one.get("default", "")) for name, one in action["inputs"].items()} | inputs
    values = {f"inputs.{name}": value for name, value in given.items()}
    values |= {"runner.temp": str(folder.parent), "github.action_path": str(REPOSITORY)}

    def filled(text: str) -> str:
        return re.sub(r"\$\{\{ (\S+) \}\}", lambda match: values[match[1]], text)

    output = folder.parent / "output"
    environ = {name: filled(filled(text)) for name, text in step["env"].items()}
    environ |= {"GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(folder.parent / "summary")}
    ran = bash(step["run"], folder, environ)
    return ran.returncode, ran.stdout, output.read_text("utf-8") if output.exists() else ""


@pytest.fixture
def installed(project: Path) -> Path:
    """The project, with this program where the action installs it."""
    (project.parent / "understudy").mkdir()
    (project.parent / "understudy" / "bin").symlink_to(Path(sys.executable).parent)
    return project


@pytest.mark.slow
def test_the_action_annotates_and_fails(installed: Path) -> None:
    """Findings fail the step; the report is there for the step that uploads it."""
    code, printed, outputs = action_step("Check", installed)
    assert (code, outputs) == (2, "exit-code=2\n")
    assert printed.startswith("::error title=unknown-module,file=site.yml,line=3,")
    run = json.loads((installed / "understudy.sarif").read_text("utf-8"))["runs"][0]
    assert [result["ruleId"] for result in run["results"]] == ["unknown-module"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("inputs", "code", "told"),
    [
        ({"fail-on-findings": "false"}, 0, "exit-code=2\n"),
        ({"fail-on-findings": "false", "path": "nowhere"}, 3, "exit-code=3\n"),
        ({"path": "site.yml site.yml", "target": "ansible-2.19"}, 2, "exit-code=2\n"),
        ({"target": "$(touch hacked)"}, 1, "exit-code=1\n"),
        ({"path": '"; touch hacked; "'}, 3, "exit-code=3\n"),
    ],
)
def test_the_action_tells_how_it_ended(
    installed: Path, inputs: Mapping[str, str], code: int, told: str
) -> None:
    """A step that lets findings pass still fails for what was not checked; no input is a script."""
    ended, _, outputs = action_step("Check", installed, **inputs)
    assert (ended, outputs) == (code, told)
    assert not (installed / "hacked").exists()


@pytest.mark.pip
@pytest.mark.slow
def test_the_action_installs_this_release(project: Path) -> None:
    """What it checks with is what lies beside it."""
    code, _, _ = action_step("Install", project)
    assert code == 0
    (project / "site.yml").write_text(RIGHT, "utf-8")
    assert action_step("Check", project)[0] == 0


@pytest.mark.parametrize("variable", ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"])
def test_paths_begin_at_the_repository(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    variable: str,
) -> None:
    """CI systems mark lines by them, wherever in the repository the check is run."""
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    monkeypatch.setenv(variable, str(project.parent))
    monkeypatch.chdir(project)
    forms = ("github", "gitlab=../gitlab.json", "sarif=../sarif.json", "junit=../junit.xml")
    main(["check", "--no-cache", ".", *(word for form in forms for word in ("--format", form))])
    assert ",file=project/site.yml," in capsys.readouterr().out
    for name in ("gitlab.json", "sarif.json", "junit.xml"):
        assert '"project/site.yml"' in (project.parent / name).read_text("utf-8")
    monkeypatch.setenv(variable, str(project / "elsewhere"))
    main(["check", "--no-cache", ".", "--format", "github"])
    assert ",file=site.yml," in capsys.readouterr().out


@pytest.mark.slow
def test_the_gitlab_job_leaves_its_report(project: Path) -> None:
    """The job fails for findings, and its report is written all the same."""
    job = yaml(".gitlab/understudy-check.yml")["understudy-check"]
    install, check = job["script"]
    environ = {**job["variables"], "XDG_CACHE_HOME": str(project / ".cache")}
    assert install == 'pip install --quiet "$UNDERSTUDY_PACKAGE"'
    assert bash(check, project, environ).returncode == 2
    report = project / job["artifacts"]["reports"]["codequality"]
    assert [one["check_name"] for one in json.loads(report.read_text("utf-8"))] == [
        "unknown-module"
    ]


@pytest.mark.pip
@pytest.mark.slow
def test_pre_commit_runs_the_hooks(project: Path) -> None:
    """Both hooks are installed and run by pre-commit itself, on the whole project."""
    pre_commit = Path(sys.executable).parent / "pre-commit"
    bash("git init -q . && git add -A", project, {})
    environ = {"PRE_COMMIT_HOME": str(project.parent / "pre-commit")}
    command = f"{pre_commit} try-repo --verbose {REPOSITORY} --all-files"
    ran = bash(command, project, environ)
    assert ran.returncode == 1
    assert "error[unknown-module]" in ran.stdout
    (project / "site.yml").write_text(RIGHT, "utf-8")
    assert bash(command, project, environ).returncode == 0
