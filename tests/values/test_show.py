"""Names and `debug: var=` show what cannot be rendered as text in its place."""

from __future__ import annotations

import pytest

from tests.values.worlds import authored, scope_with
from understudy.values.errors import TemplateFailed
from understudy.values.show import show_text, show_value
from understudy.values.texts import Authored, Expression

SCOPE = scope_with(
    n=5,
    cfg={"b": "{{ nope }}", "c": ["{{ nope2 }}", 2], "d": "{{ omit }}"},
    broken="{{ 1 | nosuch }}",
    nothing="{{ omit }}",
)
CASES = [
    ("plain", "plain"),
    ("a {{ n }}", "a 5"),
    ("{{ n }}", "5"),
    ("{{ nope }}", "<< error 1 - 'nope' is undefined >>"),
    ("a {{ nope }} b", "a << error 1 - 'nope' is undefined >> b"),
    (
        "n {{ nope ~ 'a' }} {{ nope3 }}",
        "n << error 1 - 'nope' is undefined >><< error 2 - template potentially truncated >>",
    ),
    (
        "x {{ 1 + }}",
        "<< error 1 - Syntax error in template: unexpected 'end of print statement' >>",
    ),
    (
        "x {{ cfg }}",
        (
            "x {'b': \"<< error 1 - 'nope' is undefined >>\", "
            "'c': [\"<< error 2 - 'nope2' is undefined >>\", 2]}"
        ),
    ),
    ("x{{ nothing }}", "x"),
    ("{{ none }}", ""),
]


@pytest.mark.parametrize(("text", "shown"), CASES)
def test_a_name_reads_as_ansibles(text: str, shown: str) -> None:
    """A name is always a text; what fails in it is counted and shown."""
    assert show_text(authored(text), SCOPE).value == shown


def test_the_warning_of_a_name_lists_its_failures() -> None:
    """One line for each failure, after how many there are."""
    assert show_text(authored("{{ nope }}{{ nope2 }}"), SCOPE).warning == (
        "Encountered 2 template errors.\n"
        "error 1 - 'nope' is undefined\nerror 2 - 'nope2' is undefined"
    )
    assert show_text(Authored("fine"), SCOPE).warning is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("n", 5),
        ("n.x", "<< error 1 - object of type 'int' has no attribute 'x' >>"),
        ("n + nope", "<< error 1 - 'nope' is undefined >>"),
        (
            "cfg",
            {
                "b": "<< error 1 - 'nope' is undefined >>",
                "c": ["<< error 2 - 'nope2' is undefined >>", 2],
            },
        ),
    ],
)
def test_a_variable_is_shown_with_what_is_undefined_in_it(text: str, shown: object) -> None:
    """`debug: var=` does not fail for what is undefined."""
    assert show_value(Expression(text), SCOPE).value == shown


@pytest.mark.parametrize("text", ["broken", "1 | nosuch", "'a' + 1"])
def test_a_variable_with_another_error_fails(text: str) -> None:
    """Only what is undefined is shown."""
    with pytest.raises(TemplateFailed):
        show_value(Expression(text), SCOPE)
