"""Only an author's text is evaluated: each way on which a text loses its author."""

from __future__ import annotations

import json
from inspect import unwrap

import pytest

from tests.values.worlds import authored, place, scope_with
from understudy.values.embedded import embedded
from understudy.values.environment import environment
from understudy.values.errors import TemplateFailed
from understudy.values.lazy import finalise
from understudy.values.scope import Plain, Scope
from understudy.values.template import as_expression, condition, render
from understudy.values.texts import Authored, Expression, Template

BRACES = "{{ 1 + 1 }}"


def test_a_hosts_text_is_never_evaluated() -> None:
    """Braces in a plain text are characters, wherever it is read."""
    scope = Scope((Plain(stdout=BRACES, deep={"l": [BRACES]}), {"loose": BRACES}))
    assert render(BRACES, scope) == BRACES
    for text in ("{{ stdout }}", "{{ deep.l[0] }}", "{{ loose }}", "{{ stdout | trim }}"):
        assert render(Template(text), scope) == BRACES
    assert render(Template("<{{ stdout }}>"), scope) == f"<{BRACES}>"


def test_what_rendering_gives_is_not_rendered_again() -> None:
    """A template that writes braces, and a lookup that reads them, give plain text."""
    asked = "echo '{{ '{{' }} second }}'"
    scope = scope_with(first="{{ '{{' }} second }}", second="evaluated", asked=asked)
    assert render(Template("{{ first }}"), scope) == "{{ second }}"
    assert render(Template("{{ lookup('pipe', asked) }}"), scope) == "{{ second }}"


def test_a_string_of_a_condition_or_a_term_is_the_authors() -> None:
    """Its template is rendered, as in Ansible; what that gives is not, and no other string is."""
    scope = Scope(({"a": "b", "host": "{{ a }}", "name": Template("{{ 'ho' }}st")},))
    assert condition(Expression("'{{ a }}' == 'b'"), scope)
    assert condition(Expression("host == '{{ host }}'"), scope)
    assert not condition(Expression("host == a"), scope)
    assert render(Template("{{ lookup('vars', '{{ name }}') }}"), scope) == "{{ a }}"
    assert render(Template("{{ 'x{{ a }}' }}"), scope) == "x{{ a }}"


def test_no_filter_renders_the_strings_of_a_condition() -> None:
    """A host that says which filter to apply could have what it printed evaluated."""
    assert condition(Expression("'{{ a }}' == 'b'"), Scope(({"a": "b"},)))
    functions = [unwrap(function) for function in environment().filters.values()]
    assert embedded not in functions
    assert not any("embedded" in name for name in environment().filters)


def test_the_wire_and_the_fact_cache_drop_the_author() -> None:
    """JSON and back gives a plain text, for which a template cannot even be written."""
    back = json.loads(json.dumps({"a": Authored("one == 1")}))
    assert type(back["a"]) is str
    with pytest.raises(TypeError):
        json.dumps(Template(BRACES))


@pytest.mark.parametrize(
    "made",
    [
        Authored("a") + "",
        "" + Authored("a"),
        Authored("a").strip(),
        Authored("a")[:],
        f"{Authored('a')}",
        Authored("%s") % "a",
        str(Authored("a")),
        "".join([Authored("a")]),
        Authored("A").lower(),
    ],
)
def test_every_operation_on_an_authors_text_gives_a_plain_one(made: str) -> None:
    """Trust can be lost and never gained."""
    assert (made, type(made)) == ("a", str)


@pytest.mark.parametrize("text", ["{{ t | trim }}", "{{ t ~ '' }}", "{{ t }} "])
def test_what_a_template_makes_of_an_authors_text_is_plain(text: str) -> None:
    """Only a bare reference keeps the author."""
    value = render(Template(text), scope_with(t="one == 1"))
    assert type(value) is str


def test_a_bare_reference_keeps_the_author() -> None:
    """`{{ name }}` gives the very object, and so does finalising it."""
    scope = scope_with(t="one == 1", again="{{ t }}")
    assert type(render(Template("{{ t }}"), scope)) is Authored
    assert type(render(Template("{{ again }}"), scope)) is Authored
    assert type(finalise(Authored("x"))) is Authored


def test_a_condition_evaluates_an_authors_text_that_a_template_names() -> None:
    """`when: "{{ cond }}"` is an expression where an author wrote `cond` (S51)."""
    scope = scope_with(one=1, cond="one == 1", chained="{{ cond }}")
    assert condition(Template("{{ cond }}"), scope)
    assert condition(Template(" {{ chained }} "), scope)


@pytest.mark.parametrize("text", ["{{ host }}", "{{ cond | trim }}", "{{ 'one == 1' }}"])
def test_a_condition_refuses_a_text_without_an_author(text: str) -> None:
    """Host text, what a filter made, and a literal are not evaluated (S51)."""
    scope = scope_with(one=1, cond="one == 1").with_layer(Plain(host="one == 1"))
    with pytest.raises(TemplateFailed) as failed:
        condition(Template(text, place(4, 3)), scope)
    assert failed.value.code == "untrusted-expression"
    assert str(failed.value.span) == "site.yml:4:3"


def test_a_condition_refuses_a_plain_text_in_its_place() -> None:
    """An item of `that` that a host wrote is no condition."""
    with pytest.raises(TemplateFailed) as failed:
        condition("one == 1", scope_with(one=1))
    assert failed.value.code == "untrusted-expression"


def test_the_variable_of_debug_is_an_authors_text() -> None:
    """`debug: var=` takes an author's text, also by way of a template, and no other."""
    scope = scope_with(name="one", one=1).with_layer(Plain(host="one"))
    assert as_expression(Authored("one"), scope) == Expression("one")
    assert as_expression(Template("{{ name }}"), scope).text == "one"
    with pytest.raises(TemplateFailed, match="untrusted"):
        as_expression(Template("{{ host }}"), scope)


def test_templates_are_not_text() -> None:
    """A Template in a plain container does not pass for a value, and no text equals it."""
    assert not isinstance(Template(BRACES), str)
    assert Template(BRACES) != BRACES
    assert authored([BRACES]) == [Template(BRACES, place())]
