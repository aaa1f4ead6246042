"""Lookups that read files, by the search path; what a lookup may see of the run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.values.worlds import FakeWorld, scope_with
from understudy.values.errors import TemplateFailed
from understudy.values.lookups import LOOKUPS, with_lookup
from understudy.values.scope import Plain, Scope
from understudy.values.template import render
from understudy.values.texts import Template, Value


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A playbook's directory with a role, files and templates."""
    texts = {
        "files/note.txt": "  from files\n\n",
        "note.txt": "beside\n",
        "role/files/only.txt": "role\n",
        "templates/t.j2": (
            "x{{ n }}\n{% for i in [1, 2] %}\n- {{ i }}{{ 'a\\nb' | length }}\n{% endfor %}\n"
        ),
        "templates/list.j2": "{{ [n, 2] }}",
        "vars/b.yml": "b",
        "table.csv": "a,1,2\nb,3,4\n",
        "tabs.csv": "k\tv\n",
        "conf.ini": "[s]\nk = v\nKey = W\n",
        "conf.properties": "a=1\n",
    }
    for name, text in texts.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def look(text: str, tree: Path, **variables: Value) -> Value:
    """Render a text in a scope whose search path is the tree."""
    magic = Plain(ansible_search_path=[str(tree / "role"), str(tree)], playbook_dir=str(tree))
    return render(Template(text), scope_with(**variables).with_layer(magic))


CASES = [
    ("{{ lookup('file', 'note.txt') }}", "  from files"),
    ("{{ lookup('file', 'note.txt', lstrip=true, rstrip=false) }}", "from files\n\n"),
    ("{{ lookup('file', 'only.txt') }}", "role"),
    ("{{ query('file', 'note.txt', 'only.txt') }}", ["  from files", "role"]),
    ("{{ lookup('unvault', 'only.txt') }}", "role\n"),
    ("{{ lookup('template', 't.j2') }}", "x7\n- 13\n- 23\n"),
    ("{{ lookup('template', 'list.j2') }}", [7, 2]),
    ("{{ query('first_found', 'nope', 'b.yml') | map('basename') | list }}", ["b.yml"]),
    ("{{ query('fileglob', '*.txt') | map('basename') | list }}", ["only.txt"]),
    ("{{ lookup('csvfile', 'b', file='table.csv', delimiter=',') }}", "3"),
    ("{{ lookup('csvfile', 'b file=table.csv delimiter=, col=2') }}", "4"),
    ("{{ lookup('csvfile', 'k', file='tabs.csv') }}", "v"),
    ("{{ lookup('csvfile', 'z', file='table.csv', delimiter=',', default='d') }}", "d"),
    ("{{ query('csvfile', 'z', file='table.csv', delimiter=',') }}", []),
    ("{{ lookup('ini', 'k', section='s', file='conf.ini') }}", "v"),
    ("{{ lookup('ini', 'key section=s file=conf.ini') }}", "W"),
    ("{{ lookup('ini', 'Key', section='s', file='conf.ini', case_sensitive=true) }}", "W"),
    ("{{ lookup('ini', 'zz', section='s', file='conf.ini', default='d') }}", "d"),
    ("{{ lookup('ini', 'a', type='properties', file='conf.properties') }}", "1"),
    ("{{ lookup('pipe', 'ls note.txt') }}", "note.txt"),
]


@pytest.mark.parametrize(("text", "value"), CASES)
def test_a_file_is_found_on_the_search_path(text: str, value: Value, tree: Path) -> None:
    """The role comes before the playbook, `files/` (or the lookup's own folder) before the rest."""
    assert look(text, tree, n=7) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ lookup('file', 'nope') }}", "Unable to access the file 'nope': File not found."),
        ("{{ lookup('file', 'vars') }}", "Is a directory"),
        ("{{ lookup('ini', 'k', section='z', file='conf.ini') }}", "No section 'z' in"),
        ("{{ lookup('first_found', 'nope') }}", "No file was found when using first_found."),
        ("{{ lookup('pipe', 'exit 4') }}", r"lookup_plugin.pipe\(exit 4\) returned 4"),
        ("{{ lookup('template', 'bad.j2') }}", "File not found"),
        ("{{ lookup('nope') }}", "The lookup plugin 'nope' was not found."),
    ],
)
def test_a_lookup_that_fails_names_itself(text: str, message: str, tree: Path) -> None:
    """The message says which lookup failed and why."""
    with pytest.raises(TemplateFailed, match=message):
        look(text, tree)


def test_a_failure_in_a_template_file_names_the_file(tree: Path) -> None:
    """The place is in the file, not in the playbook."""
    (tree / "templates" / "bad.j2").write_text("{{ nope }}!")
    with pytest.raises(TemplateFailed) as failed:
        look("{{ lookup('template', 'bad.j2') }}", tree)
    assert str(failed.value.span) == f"{tree}/templates/bad.j2:1:1"


def test_a_failed_lookup_can_be_ignored_or_warned_about() -> None:
    """`errors='ignore'` and `errors='warn'` give null, or an empty list for `query`."""
    world = FakeWorld({"a": {}})
    scope = world.scope_of("a")
    text = "{{ lookup('pipe', 'exit 1', errors='ignore') is none }}"
    assert render(Template(text), scope) is True
    assert world.warnings == []
    assert render(Template("{{ query('pipe', 'exit 1', errors='warn') }}"), scope) == []
    assert world.warnings == [
        "The lookup plugin 'pipe' failed: lookup_plugin.pipe(exit 1) returned 1"
    ]


def test_lookups_that_may_block_are_declared() -> None:
    """What reads files or runs commands never runs on the event loop; the rest does."""
    ours = "understudy.values.lookups"
    blocking = {
        name
        for name, lookup in LOOKUPS.items()
        if lookup.does_io and lookup.run.__module__.startswith(ours)
    }
    assert blocking == {
        "config", "csvfile", "file", "fileglob", "first_found", "ini", "lines",
        "password", "pipe", "template", "unvault", "url",
    }  # fmt: skip


def test_the_hosts_of_a_pattern_are_those_of_the_run() -> None:
    """`inventory_hostnames` asks the world."""
    scope = FakeWorld({"a": {}, "b": {}}).scope_of("a")
    assert with_lookup("inventory_hostnames", ["all"], scope) == ["a", "b"]
    assert render(Template("{{ query('inventory_hostnames', 'b') }}"), scope) == ["b"]


def test_a_variable_by_name_is_rendered_in_the_readers_scope() -> None:
    """`lookup('vars')` sees what the reader sees, and is undefined where it is not there."""
    scope = scope_with(a="{{ b }}", b=1).with_layer({"b": 2})
    assert render(Template("{{ lookup('vars', 'a') }}"), scope) == 2
    with pytest.raises(TemplateFailed, match="No variable named 'z' was found"):
        render(Template("{{ lookup('vars', 'z') }}"), scope)


def test_an_environment_variable_of_the_controller(monkeypatch: pytest.MonkeyPatch) -> None:
    """`env` reads the controller's environment when the text is rendered."""
    monkeypatch.setenv("UNDERSTUDY_PROBE", "{{ not_evaluated }}")
    assert render(Template("{{ lookup('env', 'UNDERSTUDY_PROBE') }}"), Scope(())) == (
        "{{ not_evaluated }}"
    )
