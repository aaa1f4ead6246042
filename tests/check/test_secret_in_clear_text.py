"""A finding about a secret does not tell it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from tests.check.cases import CASES, checked
from understudy.cli.check_outputs import report_of
from understudy.cli.exits import Exit
from understudy.cli.main import main
from understudy.report.findings import FORMATS, write

CASE = CASES / "secret-in-clear-text" / "fail_arguments.yml"
SECRETS = ("8tgdlp3", "s3same", "hunter2", "4711", "geheim", "b3BlbnNzaC1", "zwei Worte")


@pytest.mark.parametrize("form", FORMATS)
def test_no_report_shows_the_secret(form: str) -> None:
    """Reports go where the project does not: to logs, to dashboards, into mails."""
    found = checked(CASE)
    out = io.StringIO()
    write(form, report_of(found, "never"), out)
    text = CASE.read_text("utf-8")
    assert "in clear text" in out.getvalue()
    assert [secret for secret in SECRETS if secret not in text] == []
    assert [secret for secret in SECRETS if secret in out.getvalue()] == []


BESIDE = """\
- hosts: all
  tasks:
    - ansible.builtin.user: name=x password=swordfish fooo=1  # noqa: nosuch
    - ansible.builtin.user:
        name: swordfish2
        password: swordfish2
        password: swordfish2
"""


@pytest.mark.parametrize("form", FORMATS)
def test_no_finding_beside_it_shows_the_secret(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    """Nor does one that comes from the cache, or where the rule itself is left out."""
    (tmp_path / "site.yml").write_text(BESIDE, "utf-8")
    words = ["check", "--format", form, "--cache-dir", str(tmp_path / "cache"), str(tmp_path)]
    told = []
    for options in ([], [], ["--ignore", "secret-in-clear-text"]):
        assert main([*words, *options]) == Exit.FINDINGS
        told.append(capsys.readouterr().out)
    assert told[0] == told[1] != told[2]
    assert all("fooo" in text and "swordfish" not in text for text in told)
