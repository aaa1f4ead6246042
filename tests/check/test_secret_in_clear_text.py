"""A finding about a secret does not tell it."""

from __future__ import annotations

import io

import pytest

from tests.check.cases import CASES, checked
from understudy.cli.check_outputs import report_of
from understudy.report.findings import FORMATS, write

CASE = CASES / "secret-in-clear-text" / "fail_arguments.yml"
SECRETS = ("8tgdlp3", "s3same", "hunter2", "4711", "geheim", "b3BlbnNzaC1", "zwei Worte")


@pytest.mark.parametrize("form", FORMATS)
def test_no_report_shows_the_secret(form: str) -> None:
    """Reports go where the project does not: to logs, to dashboards, into mails."""
    found = checked(CASE)
    found.findings = [one for one in found.findings if one.code == "secret-in-clear-text"]
    out = io.StringIO()
    write(form, report_of(found, "never"), out)
    text = CASE.read_text("utf-8")
    assert "in clear text" in out.getvalue()
    assert [secret for secret in SECRETS if secret not in text] == []
    assert [secret for secret in SECRETS if secret in out.getvalue()] == []
