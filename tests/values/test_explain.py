"""The diagnostic of a text that cannot be rendered: its stretch, its origin, the nearest name."""

from __future__ import annotations

import pytest

from understudy.text.source import Position, Source, Span
from understudy.values.errors import TemplateFailed
from understudy.values.explain import explain
from understudy.values.scope import Scope
from understudy.values.template import condition, render
from understudy.values.texts import Expression, Template, Value

LINE = '    msg: "hello {{ usr.name }}"'
SOURCE = Source("site.yml", f"- debug:\n{LINE}\n")


def written(text: str, line: int = 2) -> Template:
    """Return a template that stands in quotes on a line of SOURCE."""
    return Template(text, Span(SOURCE, Position(line, 10), Position(line, 30)))


def failure_of(value: Value, **variables: Value) -> tuple[TemplateFailed, Scope]:
    """Return the failure of rendering a value, and the scope."""
    scope = Scope((variables,))
    with pytest.raises(TemplateFailed) as failed:
        render(value, scope)
    return failed.value, scope


def test_the_stretch_is_the_missing_name() -> None:
    """The column of the name inside the template is found on its line."""
    failure, scope = failure_of(written("hello {{ usr.name }}"), user={"name": "x"})
    span = explain(failure, scope).span
    assert span is not None
    assert (span.start, span.end) == (Position(2, 20), Position(2, 23))


def test_a_text_that_is_not_on_its_line_as_written_is_marked_whole() -> None:
    """An escaped or folded text keeps the span of the value."""
    failure, _ = failure_of(written("hi {{ usr.name }}"))
    assert explain(failure).span == failure.span


def test_the_nearest_variable_is_named() -> None:
    """A slip of the pen is answered with the name that is there."""
    failure, scope = failure_of(written("{{ usr.name }}"), user={"name": "x"})
    assert explain(failure, scope).help == "did you mean `user`?"
    failure, scope = failure_of(written("{{ zzz }}"), user=1)
    assert explain(failure, scope).help is None


def test_the_nearest_key_is_named() -> None:
    """Of a dict the keys are compared."""
    failure, scope = failure_of(written("{{ user.nmae }}"), user={"name": "x", "id": 1})
    assert explain(failure, scope).message == "object of type 'dict' has no attribute 'nmae'"
    assert explain(failure, scope).help == "did you mean `name`?"


def test_a_lazy_variable_shows_where_it_is_defined() -> None:
    """The chain of reading is labelled, and the innermost text is the primary place."""
    outer, inner = written("{{ b }}", 5), written("{{ nope }}", 6)
    failure, scope = failure_of(written("{{ a }}"), a=outer, b=inner)
    found = explain(failure, scope)
    assert str(found.span) == "site.yml:6:10"
    assert [(str(label.span), label.text) for label in found.others] == [
        ("site.yml:5:10", "`a` is defined here")
    ]
    assert found.notes == ("read by way of `a` -> `b`",)


def test_an_untrusted_condition_says_what_to_write() -> None:
    """The refusal has a way out."""
    with pytest.raises(TemplateFailed) as failed:
        condition(written("{{ r }}"), Scope(({"r": "True"},)))
    found = explain(failed.value)
    assert found.code == "untrusted-expression"
    assert found.help is not None
    assert "compare the value" in found.help


def test_a_condition_that_is_no_boolean_says_what_to_write() -> None:
    """The condition's own text is in the help."""
    with pytest.raises(TemplateFailed) as failed:
        condition(Expression("r", written("").span), Scope(({"r": 1},)))
    assert explain(failed.value).help == "compare the value, or use `r | bool`"


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("{{ a | to_jsn }}", "did you mean `to_json`?"),
        ("{{ a is definde }}", "did you mean `defined`?"),
        ("{{ lookup('fil', 'x') }}", "did you mean `file`?"),
    ],
)
def test_an_unknown_filter_test_or_lookup_has_a_near_name(text: str, near: str) -> None:
    """The nearest known name is given, and the stretch is the unknown one."""
    failure, scope = failure_of(Template(text), a=1)
    assert explain(failure, scope).help == near
    assert failure.offset is not None
