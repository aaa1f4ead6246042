"""`understudy rule` shows what rules are about."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from understudy.check.rule_book import rule_book
from understudy.cli.main import main


def test_a_rule_is_shown_with_its_examples(capsys: pytest.CaptureFixture[str]) -> None:
    """There is what it finds, why that matters, what to write, and whether it is mended."""
    assert main(["rule", "duplicate-key"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "duplicate-key (warning)"
    assert lines[2] == "A key that stands twice in one mapping."
    assert "      when: deploy | default(true)" in lines
    assert "        - deploy | default(true)" in lines
    assert lines[-3:-1] == ["targets: all", "fix: safe"]
    assert lines[-1] == "shown with ansible-playbook by: key_given_twice"


def test_a_code_of_the_reader_is_a_rule(capsys: pytest.CaptureFixture[str]) -> None:
    """What has no file of its own is described, too."""
    assert main(["rule", "yaml-tab"]) == 0
    said = capsys.readouterr().out
    assert "A tab indents a line." in said
    assert "Replace each tab by spaces." in said


def test_the_list_has_a_line_for_each_rule(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a name all rules are shown, sorted."""
    assert main(["rule"]) == 0
    slugs = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert slugs == sorted(rule_book())


def test_a_misspelt_rule_is_an_error_with_a_near_name(capsys: pytest.CaptureFixture[str]) -> None:
    """The others are shown all the same."""
    assert main(["rule", "yaml-tabs", "yaml-key"]) == 1
    said = capsys.readouterr()
    assert said.err == "error: there is no rule `yaml-tabs`; did you mean `yaml-tab`?\n"
    assert said.out.startswith("yaml-key (error)")


def test_json_has_every_part(capsys: pytest.CaptureFixture[str]) -> None:
    """Programs read the same as people do."""
    assert main(["rule", "--format", "json", "duplicate-key", "yaml-tab"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert (first["slug"], first["severity"], first["fix"]) == ("duplicate-key", "warning", "safe")
    assert first["example"].startswith("- debug:\n    msg: hello\n")
    assert "understudy" in first["targets"]
    assert (second["found_by"], second["example"], second["proof"]) == ("reader", "", [])


def test_the_json_of_no_rule_is_an_empty_list(capsys: pytest.CaptureFixture[str]) -> None:
    """A program that asks for a rule there is not gets JSON, and the exit code."""
    assert main(["rule", "--format", "json", "zzz"]) == 1
    assert json.loads(capsys.readouterr().out) == []


@pytest.mark.slow
def test_little_is_imported_for_a_rule() -> None:
    """Neither templates nor YAML are needed to show a text."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "understudy", "rule"],
        capture_output=True,
        text=True,
        check=True,
    )
    names = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in done.stderr.splitlines()}
    assert not names & {"jinja2", "ruamel", "jsonschema", "asyncssh", "rich", "asyncio"}


@pytest.mark.slow
def test_a_reader_that_goes_away_is_no_mistake() -> None:
    """`understudy rule | head` ends without a word."""
    command = [sys.executable, "-u", "-m", "understudy", "rule"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout
        assert running.stderr
        running.stdout.close()
        assert running.stderr.read() == b""
