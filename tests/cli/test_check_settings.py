from __future__ import annotations

import json
from pathlib import Path

import pytest

from understudy.cli.main import main

PLAYBOOK = """\
- hosts: all
  tasks:
    - debug: msg="{{ a | }}"
    - debug:
      retrys: 3
"""
BAD = ["template-syntax", "unknown-keyword"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a playbook in which two things are wrong; it is the working one."""
    (tmp_path / "site.yml").write_text(PLAYBOOK)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(*words: str) -> int:
    """Return the exit code of a check."""
    return main(["check", "--no-cache", "site.yml", *words])


def slugs(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    """Return what a check tells."""
    check(*words, "--format", "json")
    return sorted(found["code"] for found in json.loads(capsys.readouterr().out)["findings"])


@pytest.mark.usefixtures("project")
def test_flags_choose_rules(capsys: pytest.CaptureFixture[str]) -> None:
    """Several rules stand in one flag or in several."""
    assert slugs(capsys) == BAD
    assert slugs(capsys, "--select", "template-syntax") == BAD[:1]
    assert slugs(capsys, "--ignore", "template-syntax, duplicate-key") == BAD[1:]
    assert slugs(capsys, "--severity", "unknown-keyword=off") == BAD[:1]
    assert slugs(capsys, "--select", BAD[0], "--select", BAD[1]) == BAD


def test_a_project_configures_its_check(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its file is found; a flag wins, another file may be named, or none be read."""
    (project / ".understudy.toml").write_text('[check]\nselect = ["unknown-keyword"]\n')
    (project / "other.toml").write_text('[check]\nselect = ["template-syntax"]\n')
    assert slugs(capsys) == BAD[1:]
    assert slugs(capsys, "--select", "template-syntax") == BAD[:1]
    assert slugs(capsys, "--config", "other.toml") == BAD[:1]
    assert slugs(capsys, "--no-config") == BAD


def test_fail_on_decides_the_exit_code(project: Path) -> None:
    """By flag or by configuration."""
    assert check() == 2
    assert check("--fail-on", "never") == 0
    downgraded = ["--severity", "template-syntax=warning,unknown-keyword=info"]
    assert check(*downgraded) == 2
    assert check(*downgraded, "--fail-on", "error") == 0
    (project / "pyproject.toml").write_text('[tool.understudy.check]\nfail-on = "never"\n')
    assert check() == 0


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--select", "template-sintax"], "argument --select: `template-sintax` is no rule; did"),
        (["--severity", "x"], "argument --severity: write `x=LEVEL`"),
        (["--severity", "template-syntax=bad"], "argument --severity: `bad` is none of its values"),
        (["--target", "ansible"], "argument --target: `ansible` is none of its values"),
        (["--config", "none.toml"], "none.toml: cannot be read: no such file or directory"),
        (
            ["--baseline", "none.json"],
            "none.json: there is no such baseline; `--write",
        ),
        (["--baseline", "."], ".: the baseline cannot be read: is a directory"),
        (["--baseline", "site.yml"], "site.yml: this is not a baseline"),
        (["--write-baseline", "none/x.json"], "none/x.json: the baseline cannot be written: no"),
        (["--write-baseline", "a", "--since", "b"], "`--since` and `--write-baseline` do not go"),
        (["--write-baseline", "a", "--format", "line"], "`--format` and `--write-baseline` do not"),
        (["--support", "--fix"], "`--fix` and `--support` do not go together"),
        (["--write-baseline", "site.yml"], "site.yml: this is a file that is checked: it is not"),
        (["--format", "json=site.yml"], "`site.yml` is a file that is checked: it is not over"),
        (["--format", "json="], "argument --format: a file must follow `json=`"),
        (["--format", "jsn"], "argument --format: there is no form `jsn`: did you mean `json`?"),
        (["--format", "json", "--format", "human"], "`json` must be alone on standard output"),
        (["--format", "json=x", "--format", "sarif=./x"], "`x` cannot hold two reports"),
        (["--format", "json=none/x"], "cannot write `none/x`: no such file or directory"),
        (["--filename", "x.yml"], "`--filename` needs the path `-`"),
        (["--selekt", "x"], "there is no option `--selekt`; did you mean `--select`?"),
        (["--xyz=3"], "there is no option `--xyz`; `understudy check --help` shows all"),
        (["--since", ""], "--since : `.` lies in no git repository"),
        ([""], "a path is empty"),
        (["--since", "HEAD"], "--since HEAD: `.` lies in no git repository"),
    ],
)
def test_mistakes_of_use_are_told(
    capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    """The exit code is that of a usage error, and nothing is checked."""
    with pytest.raises(SystemExit) as end:
        check(*words)
    assert end.value.code == 1
    told = capsys.readouterr()
    assert told.err.startswith(f"understudy check: error: {message}")
    assert told.out == ""


def test_a_baseline_makes_an_old_project_clean(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is written is hidden and counted; what is new is told, and what is gone mentioned."""
    assert check("--write-baseline", "known.json") == 0
    assert capsys.readouterr() == ("", "known.json: 2 findings\n")
    assert check("--baseline", "known.json") == 0
    assert capsys.readouterr().out == "2 in the baseline\n"
    (project / "site.yml").write_text("# new\n" + PLAYBOOK.replace("retrys", "retrjs"))
    assert check("--baseline", "known.json") == 2
    told = capsys.readouterr().out
    assert "retrjs" in told
    assert "template-syntax" not in told
    assert "1 in the baseline\n1 gone since the baseline was written" in told


def test_a_configured_baseline_can_be_written_again(project: Path) -> None:
    """It is not applied to what is written in its place."""
    (project / ".understudy.toml").write_text('[check]\nbaseline = "known.json"\n')
    for _ in range(2):
        assert check("--write-baseline", "known.json") == 0
        assert check() == 0
