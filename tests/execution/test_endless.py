"""What leads back to itself ends with a message that says where, never with a traceback."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.execution.fleet import play, play_file
from understudy.events import HostEnded
from understudy.text.diagnostic import PlaybookInvalid

HEAD = "- hosts: all\n  gather_facts: false\n"
ROUND = "{{ lookup('template', 'round.j2') }}"
VALUES = {
    "itself": {"it": "{{ it }}"},
    "itself, changed": {"it": "{{ it + 1 }}"},
    "itself in a default": {"it": "{{ it | default(1) }}"},
    "itself in a list": {"it": ["{{ it }}"]},
    "itself in a mapping": {"it": {"a": "{{ it.a }}"}},
    "another and back": {"it": "{{ b }}", "b": "{{ c }}", "c": "{{ it }}"},
    "itself by its name": {"it": "{{ lookup('vars', 'it') }}"},
    "itself by vars": {"it": "{{ vars.it }}"},
    "a file that reads it": {"it": ROUND},
}
FILES = {
    "a template includes itself": "{% include 'round.j2' %}",
    "a template extends itself": "{% extends 'round.j2' %}",
    "a template imports itself": "{% import 'round.j2' as m %}",
    "a template looks itself up": ROUND,
    "a macro calls itself": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
}


def failure(folder: Path, tasks: str, **more: Any) -> HostEnded:
    """Return how the first task that fails ends."""
    played = play(folder, tasks, **more)
    return next(end for end in played.all(HostEnded) if end.result.get("failed"))


@pytest.mark.parametrize("how", VALUES)
def test_a_variable_that_reads_itself(tmp_path: Path, how: str) -> None:
    """It fails the task that reads it."""
    (tmp_path / "round.j2").write_text("{{ it }}", "utf-8")
    text = f"    - {{name: read, debug: {{msg: '{{{{ it }}}}'}}, vars: {VALUES[how]!r}}}\n"
    end = failure(tmp_path, text)
    assert "ecursive" in end.result["msg"] or "undefined" in end.result["msg"]
    assert end.diagnostic is not None
    assert end.diagnostic.span is not None


@pytest.mark.slow
@pytest.mark.parametrize("how", FILES)
@pytest.mark.parametrize(
    "task", [f'debug: {{msg: "{ROUND}"}}', "template: {src: round.j2, dest: x}"]
)
def test_a_template_file_that_reads_itself(tmp_path: Path, how: str, task: str) -> None:
    """It fails the task that renders it."""
    (tmp_path / "round.j2").write_text(FILES[how], "utf-8")
    end = failure(tmp_path, f"    - {task}\n")
    assert "ecursi" in end.result["msg"]
    assert end.diagnostic is not None


@pytest.mark.slow
def test_a_file_that_includes_itself(tmp_path: Path) -> None:
    """It is refused beyond the depth that nobody needs."""
    (tmp_path / "round.yml").write_text("- include_tasks: round.yml\n", "utf-8")
    end = failure(tmp_path, "    - include_tasks: round.yml\n")
    assert "nested more than" in str(end.result) + str(end.diagnostic)


@pytest.mark.slow
def test_a_role_that_includes_itself(tmp_path: Path) -> None:
    """So is a role."""
    (tmp_path / "roles/r/tasks").mkdir(parents=True)
    (tmp_path / "roles/r/tasks/main.yml").write_text("- include_role: {name: r}\n", "utf-8")
    end = failure(tmp_path, "    - include_role: {name: r}\n")
    assert "nested more than" in str(end.result) + str(end.diagnostic)


LOOPS = {
    "tasks": (
        {"round.yml": "- import_tasks: round.yml\n"},
        "  tasks: [{import_tasks: round.yml}]\n",
    ),
    "tasks by way of others": (
        {"a.yml": "- import_tasks: b.yml\n", "b.yml": "- import_tasks: a.yml\n"},
        "  tasks: [{import_tasks: a.yml}]\n",
    ),
    "a role": ({"roles/r/tasks/main.yml": "- import_role: {name: r}\n"}, "  roles: [r]\n"),
    "a role that depends on itself": (
        {"roles/r/meta/main.yml": "dependencies: [r]\n"},
        "  roles: [r]\n",
    ),
    "handlers": (
        {"h.yml": "- import_tasks: h.yml\n"},
        "  tasks: []\n  handlers: [{import_tasks: h.yml}]\n",
    ),
    "a playbook": ({}, "  tasks: []\n- import_playbook: play.yml\n"),
}


@pytest.mark.parametrize("what", LOOPS)
def test_an_import_that_leads_back(tmp_path: Path, what: str) -> None:
    """It is found when the playbook is read."""
    files, rest = LOOPS[what]
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    path = tmp_path / "play.yml"
    path.write_text(HEAD + rest, "utf-8")
    with pytest.raises(PlaybookInvalid) as refused:
        play_file(path)
    (found,) = refused.value.diagnostics
    assert found.code == "import-loop"
    assert found.span is not None
