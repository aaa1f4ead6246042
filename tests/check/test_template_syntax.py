"""Texts that Jinja cannot read are found without running them."""

from __future__ import annotations

from pathlib import Path

from understudy.check.template_syntax import template_syntax
from understudy.playbook.files import Loader
from understudy.text.diagnostic import Severity


def found(folder: Path, text: str) -> list[tuple[str, int, Severity]]:
    """Return code, line and severity of every finding in a playbook."""
    path = folder / "play.yml"
    path.write_text(text, "utf-8")
    findings = template_syntax(Loader().load_playbook(path))
    return [(f.code, f.span.start.line, f.severity) for f in findings if f.span]


def test_an_argument_and_a_condition_are_errors(tmp_path: Path) -> None:
    """A task that is reached would fail."""
    text = '- hosts: all\n  tasks:\n    - debug: {msg: "{{ a | }}"}\n      when: 1 +\n'
    lines = {(line, severity) for _, line, severity in found(tmp_path, text)}
    assert lines == {(3, Severity.ERROR), (4, Severity.ERROR)}


def test_a_variable_is_a_warning(tmp_path: Path) -> None:
    """A variable that nobody reads does no harm."""
    text = '- hosts: all\n  vars: {a: "{{ .Name }}"}\n  tasks: []\n'
    assert [(line, s) for _, line, s in found(tmp_path, text)] == [(2, Severity.WARNING)]


def test_a_keyword_of_a_block_is_told_once(tmp_path: Path) -> None:
    """What tasks inherit has one place, and is found once."""
    text = (
        "- hosts: all\n  tasks:\n    - block:\n        - ping:\n        - ping:\n      when: 1 +\n"
    )
    assert [line for _, line, _ in found(tmp_path, text)] == [6]


def test_a_good_text_is_not_reported(tmp_path: Path) -> None:
    """Undefined variables are not known before a run, so they are no findings."""
    text = '- hosts: "{{ who }}"\n  tasks:\n    - debug: {msg: "{{ a.b | default(1) }}"}\n'
    assert found(tmp_path, text) == []
