"""Comments that silence findings: where they stand, what they name, and what is told of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from understudy.check.sieve.noqa import not_silenced, wrong_comments
from understudy.cli.exits import Exit
from understudy.cli.main import main
from understudy.text.diagnostic import Diagnostic
from understudy.text.source import Source

PLAY = """\
- hosts: all
  tasks:
    - name: first{first}
      shell: |{header}
        echo  # noqa
      when: a{when}
      vars:
        - name: inner{inner}
          other: HERE{here}
    - name: second
      debug: {{msg: THERE}}
  handlers:
    -  # a-b{dash}
      name: x
      debug: LAST
"""
HELP = "`understudy rule` lists the rules"
PLACES = {"first": "", "header": "", "when": "", "inner": "", "here": "", "dash": ""}


def finding(source: Source, word: str, code: str = "until-constant") -> Diagnostic:
    place = source.text.index(word)
    return Diagnostic(code=code, message="", span=source.span(place, place + len(word)))


def is_silenced(text: str, word: str, code: str = "until-constant", name: str = "a.yml") -> bool:
    source = Source(name, text)
    return not not_silenced([finding(source, word, code)], {name: source})


def wrong(text: str, name: str = "a.yml") -> list[tuple[str, str, str | None]]:
    """Return code, place and help of what is wrong with comments."""
    found = wrong_comments([Source(name, text)])
    return [(one.code, str(one.span), one.help) for one in found]


@pytest.mark.parametrize(
    ("place", "silenced"),
    [
        ("first", {"HERE", "echo"}),
        ("here", {"HERE"}),
        ("header", set()),
        ("when", set()),
        ("inner", set()),
        ("dash", {"LAST"}),
    ],
)
def test_where_a_comment_counts(place: str, silenced: set[str]) -> None:
    """It counts on the line of a finding and where its task begins; inside of a text it is text."""
    text = PLAY.format(**{**PLACES, place: "  # noqa: until-constant"})
    found = {word for word in ("HERE", "THERE", "LAST", "echo") if is_silenced(text, word)}
    assert found == silenced


def test_the_line_of_a_text_in_lines_has_comments() -> None:
    """What stands behind `|` is none of the text."""
    text = PLAY.format(**{**PLACES, "header": "  # noqa: until-constant"})
    assert is_silenced(text, "shell")


@pytest.mark.parametrize(
    ("comment", "silenced"),
    [
        ("# noqa", True),
        ("#noqa", True),
        ("# NOQA:", True),
        ("# noqa  # for a reason", True),
        ("# why  # noqa: until-constant", True),
        ("# noqa: until-constant", True),
        ("# noqa: until-constant because it is so", True),
        ("# noqa: retries-zero,until-constant", True),
        ("# noqa: fqcn[action], until-constant", True),
        ("# noqa fqcn[action] until-constant", True),
        ("# noqa: retries-zero", False),
        ("# noqa: retries-zero because of until-constant", False),
        ("# noqa: no-changed-when", False),
        ("# noqa-until-constant", False),
        ("# nothing", False),
    ],
)
def test_what_a_comment_names(comment: str, silenced: bool) -> None:  # noqa: FBT001
    """Names stand behind each other or behind commas; a reason may follow; none means all."""
    assert is_silenced(f"- debug: HERE  {comment}\n", "HERE") is silenced


@pytest.mark.parametrize(
    "text",
    [
        "- debug: 'HERE # noqa'\n",
        '- debug: "HERE\n    # noqa"\n',
        "- debug: HERE# noqa\n",
        "- debug: |\n    HERE # noqa\n",
        "- hosts: all # noqa\n  vars: {a: HERE,\n    b: 1}\n",
        "- debug: [HERE # noqa\n",
    ],
)
def test_what_is_no_comment_for_a_finding(text: str) -> None:
    """Texts have none; a play is no task; what is no YAML cannot be silenced."""
    assert not is_silenced(text, "HERE")


def test_other_kinds_of_files_have_comments_too() -> None:
    """There is no YAML to ask, so a line's end is enough."""
    assert is_silenced("[web]\nHERE a=1 # noqa\n", "HERE", name="hosts.ini")


def test_a_text_that_is_nested_too_deep_is_no_crash() -> None:
    """What the reader refuses has comments all the same."""
    assert wrong("- " * 4000 + "a # noqa: xyzzy\n") == [("unknown-noqa", "a.yml:1:8011", HELP)]


def test_a_finding_without_a_place_is_told() -> None:
    """So is one in a text that is not at hand."""
    source = Source("a.yml", "- HERE # noqa\n")
    nowhere = Diagnostic(code="x", message="")
    assert not_silenced([nowhere], {"a.yml": source}) == [nowhere]
    assert len(not_silenced([finding(source, "HERE")], {})) == 1


def test_what_is_found_in_an_import_has_the_same_name() -> None:
    """Its code has a word more, which a comment need not have."""
    text = "- debug: HERE # noqa: missing-argument\n"
    assert is_silenced(text, "HERE", "import-missing-argument")


@pytest.mark.parametrize(
    ("comment", "helps"),
    [
        ("# noqa: until-constnat", ["did you mean `until-constant`?"]),
        ("# noqa: no-changed-wen", ["did you mean `no-changed-when`?"]),
        ("# noqa: import-missing-argument", []),
        ("# noqa: x, xyzzy", [HELP] * 2),
        ("# noqa: fqcn[action-core] 204 E301 no-changed-when risky-shell-pipe", []),
        ("# noqa: my_own_rule", []),
        ("# noqa: until-constant for a reason", []),
        ("# noqa", []),
    ],
)
def test_unknown_names_are_told(comment: str, helps: list[str]) -> None:
    """With the name that was perhaps meant; ansible-lint's and those like them are no mistake."""
    found = wrong(f"- debug: HERE  {comment}\n")
    assert [(code, help_) for code, _, help_ in found] == [("unknown-noqa", one) for one in helps]


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        ("# noqa: until-constant\n- debug: a\n", True),
        ("- debug:\n  # noqa: until-constant\n    msg: a\n", True),
        ("-\n  # noqa: until-constant\n  debug: a\n", False),
        ("- # noqa: until-constant\n  debug: a\n", False),
        ("# noqa\n- debug: a\n", False),
        ("# noqa: no-changed-when\n- debug: a\n", False),
        ("- shell: |\n    # noqa: until-constant\n    a\n", False),
    ],
)
def test_a_comment_on_a_line_of_its_own(text: str, is_told: bool) -> None:  # noqa: FBT001
    """It silences nothing, which is told if it names a rule of ours."""
    assert [code for code, *_ in wrong(text)] == ["unused-noqa"] * is_told


def test_a_check_with_comments(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is silenced is not told, fails nothing, and is not mended."""
    path = tmp_path / "site.yml"
    text = "- hosts: all\n  tasks:\n    - ping:\n      when: a\n      when: a{}\n"
    path.write_text(text.format("  # noqa: duplicate-keys"), "utf-8")
    assert main(["check", "--no-cache", str(path)]) == Exit.FINDINGS
    assert "did you mean `duplicate-key`?" in capsys.readouterr().out
    path.write_text(text.format("  # noqa: duplicate-key"), "utf-8")
    assert main(["check", "--no-cache", "--fix", "--unsafe", str(path)]) == Exit.OK
    assert capsys.readouterr().out == ""
    assert path.read_text("utf-8") == text.format("  # noqa: duplicate-key")


def test_the_page_about_checks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In its example both comments silence something, and nothing else is to be silenced."""
    page = (Path(__file__).parents[2] / "docs" / "CHECK.md").read_text("utf-8")
    section = page.partition("\n## Comments\n")[2]
    text = section.partition("```yaml\n")[2].partition("```")[0]
    (tmp_path / "site.yml").write_text(text, "utf-8")
    assert main(["check", "--no-cache", str(tmp_path / "site.yml")]) == Exit.OK
    (tmp_path / "site.yml").write_text(text.replace("# noqa", "# no"), "utf-8")
    assert main(["check", "--no-cache", str(tmp_path / "site.yml")]) == Exit.FINDINGS
    out = capsys.readouterr().out
    assert re.findall(r"\[(.*?)\]", out) == ["retries-zero", "job-never-collected"]
