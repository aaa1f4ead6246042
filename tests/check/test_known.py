"""What a value will be is known, or it is not asked for: nothing takes much time or memory."""

from __future__ import annotations

import pytest

from understudy.check.flow.known import UNKNOWN, Names, known, number
from understudy.values.load import author


def value_of(text: str, **variables: object) -> object:
    """Return what is known of a text, with variables that nothing changes."""
    names = Names((author(variables),), lambda _name: True)
    return known(author(text), names)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{ 2 * 3 }}", 6),
        ("{{ n * 60 }}", 300),
        ("{{ (n + 1) * 60 }}", 360),
        ("{{ word | int * 2 }}", 20),
        ("{{ word ~ 's' }}", "10s"),
        ("{{ absent | default(5) }}", UNKNOWN),
        ("{{ items[0] if n > 3 else 0 }}", "a"),
        ("{{ n % 2 == 1 }}", True),
    ],
)
def test_arithmetic_and_choice_are_known(text: str, value: object) -> None:
    """Numbers may be multiplied, texts put together, and variables of the text read."""
    assert value_of(text, n=5, word="10", items=["a"]) == value


@pytest.mark.parametrize(
    "text",
    [
        "{{ 'a' * 9999999999 }}",
        "{{ word * 9999999999 }}",
        "{{ ('a' ~ word) * 9999999999 }}",
        "{{ ('a' + 'b') * 9999999999 }}",
        "{{ [0] * 9999999999 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ '%9999999999d' % 5 }}",
        "{{ '%9999999999d' | format(5) }}",
        "{{ word.center(9999999999) }}",
        "{{ word | center(9999999999) }}",
        "{{ range(10 ** 12) | list | length }}",
        "{% for a in word %}{% for b in word %}x{% endfor %}{% endfor %}",
        "{% set a = word ~ word %}{{ a ~ a }}",
        "{{ word is match('(1+)+x') }}",
        "{{ word | regex_replace('(1+)+$', '') }}",
        "{{ lookup('file', '/etc/passwd') }}",
        "{{ now() }}",
    ],
)
def test_what_can_grow_is_not_known(text: str) -> None:
    """It is not rendered at all: that would be the hostile author's aim."""
    assert value_of(text, word="10") is UNKNOWN


def test_variables_that_double_each_other_are_not_known() -> None:
    """Twenty lines stand for a million characters."""
    lines = {f"v{n}": f"{{{{ v{n + 1} ~ v{n + 1} }}}}" for n in range(18)}
    assert value_of("{{ v0 }}", **lines, v18="0123456789") is UNKNOWN


def test_variables_that_lead_back_are_not_known() -> None:
    """They have no value."""
    assert value_of("{{ a }}", a="{{ b }}", b="{{ a }}") is UNKNOWN


@pytest.mark.parametrize("text", ["1e999", "-1e999", ".nan", "nan", "inf", "x", True, None, []])
def test_what_is_no_number_of_seconds_is_not_known(text: object) -> None:
    """Neither infinity nor what is no number can be reckoned with."""
    assert number(text) is None
    assert number(10**400) is None
    assert (number("10"), number(2.5), number(7)) == (10.0, 2.5, 7)
