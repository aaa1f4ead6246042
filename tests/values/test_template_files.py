"""Template files that include, import and extend others."""

from __future__ import annotations

from pathlib import Path

import pytest

from understudy.values.environment import Syntax
from understudy.values.errors import TemplateFailed
from understudy.values.scope import Plain, Rendering, Scope
from understudy.values.template_files import rendered_file
from understudy.values.texts import Template

FILES = {
    "templates/part.j2": "part {{ x | default('no x') }} {{ here | default('not here') }}",
    "templates/macros.j2": "{% macro one(a) %}{{ a }}{{ x | default('-') }}{% endmacro %}",
    "templates/base.j2": "<{% block body %}base {{ x }}{% endblock %}>",
    "templates/itself.j2": "{% include 'itself.j2' %}",
    "templates/counted.j2": (
        "{% set n = namespace(calls=0) %}"
        "{% macro call() %}{% set n.calls = n.calls + 1 %}{{ n.calls }}{% endmacro %}"
    ),
    "outside.j2": "{{ 'evaluated' }}",
    "templates/code.j2": r"{{ 'a1' | regex_replace('\\d', '') }}",
}


@pytest.fixture
def render(tmp_path: Path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    scope = Scope((Plain(x=7, hostile="{{ x }}", tpl=Template("{{ x + 1 }}")),))

    def rendered(text: str, syntax: Syntax | None = None) -> str:
        main, folders = tmp_path / "main.j2", [tmp_path / "templates"]
        return str(rendered_file(text, main, syntax or Syntax(), Rendering(scope), folders))

    return rendered


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{% include 'part.j2' %}", "part 7 not here"),
        ("{% set here = 5 %}{% include 'part.j2' %}", "part 7 5"),
        ("{% set here = 5 %}{% include 'part.j2' without context %}", "part no x not here"),
        ("{% include 'none.j2' ignore missing %}.", "."),
        ("{% import 'macros.j2' as m with context %}{{ m.one(1) }}", "17"),
        ("{% import 'macros.j2' as m %}{{ m.one(1) }}", "1-"),
        ("{% from 'macros.j2' import one with context %}{{ one(tpl) }}", "87"),
        ("{% extends 'base.j2' %}{% block body %}{{ super() }}!{% endblock %}", "<base 7!>"),
        ("{% for n in [1, 2] %}{% set here = n %}{% include 'part.j2' %};{% endfor %}",
         "part 7 1;part 7 2;"),
        ("{% include 'code.j2' %}", "a"),
    ],
)  # fmt: skip
def test_files_are_used_by_others(render, text: str, expected: str) -> None:
    """With the context they see what the outer one sees and has set; without, only globals."""
    assert render(text) == expected


def test_marks_hold_in_what_is_included(render) -> None:
    """A file with marks of its own reads the others with the same ones."""
    assert render("[[ x ]]{{ x }}", Syntax(variable_start_string="[[", variable_end_string="]]")) \
        == "7{{ x }}"  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{% include 'none.j2' %}", r"'none\.j2' not found in search paths: '"),
        ("{% include '../main.j2' %}", r"'\.\./main\.j2' not found"),
        ("{% include 'itself.j2' %}", "Recursive loop detected in template"),
    ],
)
def test_what_cannot_be_included_is_a_failure(render, text: str, message: str) -> None:
    """Nothing outside of the folders is read, and a circle is found."""
    with pytest.raises(TemplateFailed, match=message):
        render(text)


def test_an_imported_file_is_read_anew_by_each_template(render) -> None:
    """What one host's template counts in it is not there for the next host's."""
    text = "{% from 'counted.j2' import call %}{{ call() }}{{ call() }}"
    assert [render(text), render(text)] == ["12", "12"]


def test_no_file_outside_is_included(render, tmp_path: Path) -> None:
    """A path from the root is taken from the folders, since a host could have named it."""
    assert Path(tmp_path, "outside.j2").exists()
    for name in (tmp_path / "outside.j2", "../outside.j2"):
        with pytest.raises(TemplateFailed, match="not found in search paths"):
            render(f"{{% include '{name}' %}}")
    assert render("{% include '/part.j2' %}") == "part 7 not here"


def test_a_hosts_text_is_no_template_in_an_included_file(render) -> None:
    """It is put in as it is."""
    assert render("{% set here = hostile %}{% include 'part.j2' %}") == "part 7 {{ x }}"
