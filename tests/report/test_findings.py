"""What a check found, in every form."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from jsonschema import Draft7Validator, Draft202012Validator

from understudy.report.findings import FORMATS, write
from understudy.report.findings.base import About, Report
from understudy.resources import SCHEMAS
from understudy.text.diagnostic import Diagnostic, Edit, Fix, Label, Severity
from understudy.text.source import Position, Source, Span

TEXT = "- hosts: all\n  tasks:\n    - command: x\n      async: 10\n      poll: 30\n"
HOSTILE = "a|b <script>&\n::error::x, y: 100% \x1b[31m]]>"


def span(line: int, start: int, end: int, root: Path = Path("/p")) -> Span:
    """Return a stretch of one line of the playbook."""
    source = Source(str(root / "play books" / "site.yml"), TEXT)
    return Span(source, Position(line, start), Position(line, end))


def finding(message: str = "checked too seldom", **changes: Any) -> Diagnostic:
    """Return a warning with all that a finding can have."""
    made: dict[str, Any] = {
        "code": "poll-coarser-than-job",
        "severity": Severity.WARNING,
        "message": message,
        "span": span(5, 13, 15),
        "label": "first check after 30 s",
        "others": (Label(span(4, 14, 16), "killed after 10 s"),),
        "notes": ("a note",),
        "help": "write `poll: 2`",
        "fix": Fix(message="write `poll: 2`", edits=(Edit(span(5, 13, 15), "2"),)),
    }
    return Diagnostic(**(made | changes))


def report(*findings: Diagnostic, **changes: Any) -> Report:
    """Return a report of one file."""
    made: dict[str, Any] = {
        "findings": findings,
        "files": ["/p/play books/site.yml"],
        "root": Path("/p"),
        "about": lambda _slug: About("checks come too late", "why", Severity.WARNING),
        "environ": {},
        "version": "1.2.3",
    }
    return Report(**(made | changes))


def written(form: str, told: Report) -> str:
    """Return a report in one form."""
    out = io.StringIO()
    write(form, told, out)
    return out.getvalue()


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("findings", [(), (finding(),), (finding(HOSTILE), finding(span=None))])
def test_every_form_takes_every_finding(form: str, findings: tuple[Diagnostic, ...]) -> None:
    """No form fails for an empty report, a finding without a place, or a hostile text."""
    told = report(*findings, unchecked=findings and [Diagnostic(code="missing-file", message="x")])
    text = written(form, told)
    if form in ("json", "sarif", "gitlab"):
        json.loads(text)
    if form == "junit":
        fromstring(text)


@pytest.mark.parametrize("findings", [(), (finding(),), (finding(HOSTILE), finding(span=None))])
def test_json_fits_its_schema(findings: tuple[Diagnostic, ...]) -> None:
    """The document and each line of `jsonl` are what `schemas/findings.json` says."""
    schema = json.loads((SCHEMAS / "findings.json").read_text("utf-8"))
    told = report(*findings, unchecked=[Diagnostic(code="missing-file", message="x")], fixed=1)
    one = Draft202012Validator({**schema["$defs"]["finding"], "$defs": schema["$defs"]})
    assert list(Draft202012Validator(schema).iter_errors(json.loads(written("json", told)))) == []
    for line in written("jsonl", told).splitlines():
        assert list(one.iter_errors(json.loads(line))) == []


def test_people_see_the_place_the_way_out_and_the_sum() -> None:
    """The option that mends stands at the help; the rule's text is named once for each rule."""
    text = written("human", report(finding(), finding(), hidden={"in the baseline": 3}, fixed=1))
    assert text.split("\n\n")[0] == (
        "warning[poll-coarser-than-job]: checked too seldom\n"
        " --> /p/play books/site.yml:5:13\n"
        "  |\n"
        "4 |       async: 10\n"
        "  |              -- killed after 10 s\n"
        "  |\n"
        "5 |       poll: 30\n"
        "  |             ^^ first check after 30 s\n"
        "  = note: a note\n"
        "  = help: write `poll: 2`  (fix: --fix --unsafe)\n"
        "  = learn: understudy rule poll-coarser-than-job"
    )
    assert text.count("learn:") == 1
    assert text.split("\n\n")[-1].splitlines() == [
        "2 warnings in 1 of 1 file",
        "2 can be mended with `--fix --unsafe`",
        "1 mended",
        "3 in the baseline",
    ]


def test_a_clean_check_says_nothing() -> None:
    """People are told what there is, not that there is nothing."""
    assert written("human", report()) == ""


def test_colour_marks_the_kind_and_the_place() -> None:
    """Without colour no escape is written."""
    assert "\x1b[1;35mwarning[poll-coarser-than-job]\x1b[0m" in written(
        "human", report(finding(), coloured=True)
    )
    assert "\x1b" not in written("human", report(finding()))


def test_a_line_is_for_editors() -> None:
    """File, line and column come first; a message is one line."""
    assert written("line", report(finding("two\nlines"))) == (
        "/p/play books/site.yml:5:13: warning[poll-coarser-than-job] two lines\n"
    )


def annotations(told: Report) -> list[str]:
    """Return the commands that GitHub gets."""
    return written("github", told).splitlines()


def test_github_gets_a_path_below_the_root() -> None:
    """Properties and text are escaped as the runner reads them."""
    (command,) = annotations(report(finding("100%: a,b\nc", help=None)))
    properties = "title=poll-coarser-than-job,file=play books/site.yml,line=5,endLine=5"
    assert command == f"::warning {properties},col=13,endColumn=15::100%25: a,b%0Ac"


def test_github_gets_the_worst_ten_and_all_in_the_summary(tmp_path: Path) -> None:
    """GitHub drops what is beyond; the step's summary has every finding, escaped."""
    summary = tmp_path / "summary.md"
    findings = [finding(HOSTILE, severity=Severity.INFO)] * 12
    error = finding(severity=Severity.ERROR)
    told = report(*findings, error, environ={"GITHUB_STEP_SUMMARY": str(summary)})
    commands = annotations(told)
    assert [len(commands), commands[0].split()[0]] == [10, "::error"]
    rows = summary.read_text("utf-8").splitlines()
    assert len(rows) == 2 + 13
    assert "<script>" not in summary.read_text("utf-8")
    assert "a&#124;b" in rows[-1]


def test_the_summary_shows_code_and_no_other_markup(tmp_path: Path) -> None:
    """What stands between backquotes is code; nothing in a message is a link, a tag or a cell."""
    summary = tmp_path / "summary.md"
    hostile = "no `[x](http://y)` | ![z](w) `"
    environ = {"GITHUB_STEP_SUMMARY": str(summary)}
    written("github", report(finding(hostile), finding("`a_b` is `c`"), environ=environ))
    rows = [row.split(" | ")[2] for row in summary.read_text("utf-8").splitlines()[2:]]
    code = "<code>&#91;x&#93;&#40;http&#58;//y&#41;</code>"
    assert rows == [
        f"no {code} &#124; &#33;&#91;z&#93;&#40;w&#41; &#96; |",
        "<code>a&#95;b</code> is <code>c</code> |",
    ]


def test_a_summary_that_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    """What is beyond the ten is counted, as where there is none."""
    environ = {"GITHUB_STEP_SUMMARY": str(tmp_path / "none" / "summary.md")}
    commands = annotations(report(*[finding()] * 11, environ=environ))
    assert commands[-1] == "::notice title=understudy::1 more finding"


def test_the_summary_stays_below_its_limit(tmp_path: Path) -> None:
    """GitHub refuses a summary above 1 MiB, with all that other steps wrote into it."""
    summary = tmp_path / "summary.md"
    summary.write_text("x" * 1024 * 1024, "utf-8")
    written("github", report(finding(), environ={"GITHUB_STEP_SUMMARY": str(summary)}))
    assert summary.stat().st_size == 1024 * 1024


def test_gitlab_gets_unique_fingerprints() -> None:
    """Of issues with the same fingerprint GitLab shows one."""
    issues = json.loads(written("gitlab", report(finding(), finding())))
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    assert issues[0]["location"]["path"] == "play books/site.yml"
    assert issues[0]["severity"] == "minor"


def test_junit_counts_findings_and_clean_files() -> None:
    """A file without findings is one case that passed."""
    root = fromstring(written("junit", report(finding(), files=["/p/clean.yml"])))
    assert (root.get("tests"), root.get("failures")) == ("2", "1")
    failure = root.find("./testsuite/testcase/failure")
    assert failure is not None
    assert "first check after 30 s" in (failure.text or "")


def sarif(told: Report) -> Mapping[str, Any]:
    """Return the only run of a SARIF document."""
    runs: list[Mapping[str, Any]] = json.loads(written("sarif", told))["runs"]
    return runs[0]


@pytest.mark.parametrize("findings", [(), (finding(),), (finding(HOSTILE), finding(span=None))])
def test_sarif_fits_the_standard(findings: tuple[Diagnostic, ...]) -> None:
    """What is written fits the part of the OASIS schema that it uses; messages are not empty."""
    schema = json.loads(Path(__file__).with_name("sarif.schema.json").read_text("utf-8"))
    unread = [Diagnostic(code="missing-file", message="x")]
    document = json.loads(written("sarif", report(*findings, unchecked=unread)))
    validator = Draft7Validator(schema, format_checker=Draft7Validator.FORMAT_CHECKER)
    assert [error.message for error in validator.iter_errors(document)] == []
    assert all(result["message"]["text"] for result in document["runs"][0]["results"])


def test_sarif_has_rules_places_and_fixes() -> None:
    """Every result names a rule that is described; paths are relative and encoded."""
    run = sarif(report(finding()))
    result = run["results"][0]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    location = result["locations"][0]["physicalLocation"]
    assert location["artifactLocation"] == {"uri": "play%20books/site.yml", "uriBaseId": "ROOT"}
    assert location["region"] == {
        "startLine": 5,
        "startColumn": 13,
        "endLine": 5,
        "endColumn": 15,
    }
    change = result["fixes"][0]["artifactChanges"][0]["replacements"][0]
    assert change["insertedContent"] == {"text": "2"}
    again = sarif(report(finding("said otherwise")))["results"][0]
    assert result["partialFingerprints"] == again["partialFingerprints"]


def test_sarif_names_a_file_outside_of_the_root_by_itself() -> None:
    """No relative path leads out of the root; bytes that are no text are encoded as they are."""
    outside = span(5, 13, 15, root=Path("/other root"))
    odd = Span(Source("/p/a:b\udcff.yml", TEXT), outside.start, outside.end)
    results = sarif(report(*(finding(span=one, fix=None, others=()) for one in (outside, odd))))
    places = [
        one["locations"][0]["physicalLocation"]["artifactLocation"] for one in results["results"]
    ]
    assert places == [
        {"uri": "file:///other%20root/play%20books/site.yml"},
        {"uri": "a%3Ab%FF.yml", "uriBaseId": "ROOT"},
    ]


@pytest.mark.parametrize("form", FORMATS)
def test_no_form_shows_a_line_that_was_encrypted(form: str, tmp_path: Path) -> None:
    """Neither where a finding points nor where something else belongs to it, nor in a summary."""
    source = Source("/p/vault.yml", "password: swordfish\n", secret=True)
    place = Span(source, Position(1, 11), Position(1, 20))
    told = finding(span=place, others=(Label(place, "here"),), fix=None)
    summary = tmp_path / "summary.md"
    environ = {"GITHUB_STEP_SUMMARY": str(summary)}
    text = written(form, report(told, environ=environ, files=[source.name]))
    assert "swordfish" not in text + (summary.read_text("utf-8") if summary.exists() else "")


def test_the_sum_names_files_only_if_there_are_some() -> None:
    """A path that is not there is no file that was checked."""
    told = report(unchecked=[Diagnostic(code="missing-file", message="x")], files=[])
    assert written("human", told).splitlines()[-1] == "1 error"


@pytest.mark.parametrize("form", ["json", "jsonl", "sarif", "gitlab", "junit"])
def test_documents_are_text_whatever_names_are(form: str) -> None:
    """A name that is no text, or a control character, leaves the document one that all can read."""
    source = Source("/p/a\udcff\x00\x1b.yml", TEXT)
    place = Span(source, Position(5, 13), Position(5, 15))
    odd = finding("x\ud800\x00", span=place, others=(), fix=None)
    text = written(form, report(odd, files=[source.name])).encode("utf-8")
    assert b"\x00" not in text
    assert b"\x1b" not in text


def test_sarif_says_what_was_not_checked() -> None:
    """A file that could not be read is no result: the invocation tells it."""
    unread = Diagnostic(code="missing-file", message="there is no file `x`")
    run = sarif(report(unchecked=[unread]))
    assert run["invocations"][0]["executionSuccessful"] is False
    assert run["results"] == []
