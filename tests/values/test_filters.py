"""Filters and tests that the oracle has not, or whose answer it leaves to chance."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.values.worlds import FakeWorld, scope_with
from understudy.values.errors import TemplateFailed
from understudy.values.filters import FILTERS
from understudy.values.registry import TESTS
from understudy.values.template import render
from understudy.values.texts import Template, Value

RESULTS = {"results": [{"finished": True, "rc": "{{ 0 }}"}, {"finished": False, "rc": None}]}


def value_of(text: str, **variables: Value) -> Value:
    """Render a text with variables."""
    return render(Template(text), scope_with(**variables))


def test_json_query_is_jmespath() -> None:
    """It sees rendered elements, under its short and its full name."""
    assert value_of("{{ r | json_query('results[*].rc') }}", r=RESULTS) == [0]
    text = "{{ r | community.general.json_query('results[?finished].rc | [0]') }}"
    assert value_of(text, r=RESULTS) == 0


def test_json_query_counts_finished_jobs() -> None:
    """The way of asking that a waiting loop uses: `select('equalto', 1)` finds true."""
    text = (
        "{{ r | to_json | from_json | json_query('results[*].finished')"
        " | select('equalto', 1) | list | length == r.results | length }}"
    )
    assert value_of(text, r=RESULTS) is False


def test_a_wrong_jmespath_is_a_clear_error() -> None:
    """The message names the filter and what JMESPath says."""
    with pytest.raises(TemplateFailed, match="json_query' failed: JMESPathError in json_query"):
        value_of("{{ r | json_query('[') }}", r=RESULTS)


def test_json_has_profiles() -> None:
    """They differ in what a mapping that marks a text becomes."""
    text = '{"a": {"__ansible_unsafe": "x"}, "b": 1}'
    for profile in ("inventory_legacy", "legacy"):
        found = value_of(f"{{{{ t | from_json(profile='{profile}') }}}}", t=text)
        assert found == {"a": "x", "b": 1}
    found = value_of("{{ t | from_json('fallback_to_str') }}", t=text)
    assert found == {"a": {"__ansible_unsafe": "x"}, "b": 1}
    with pytest.raises(TemplateFailed, match="'__ansible_unsafe' is not JSON deserializable"):
        value_of("{{ t | from_json }}", t=text)
    with pytest.raises(TemplateFailed, match="Unknown profile name 'x'"):
        value_of("{{ t | from_json('x') }}", t=text)
    with pytest.raises(TemplateFailed, match="does not decrypt"):
        value_of("{{ t | from_json('legacy') }}", t='{"__ansible_vault": "x"}')


@pytest.mark.parametrize("name", ["union", "intersect", "difference", "symmetric_difference"])
def test_sets_keep_the_order_of_their_lists(name: str) -> None:
    """Where Ansible's order changes from run to run, the first list's order is kept."""
    wanted = {
        "union": ["d", "c", "b", "a"],
        "intersect": ["c", "b"],
        "difference": ["d"],
        "symmetric_difference": ["d", "a"],
    }
    text = f"{{{{ ['d', 'c', 'b', 'c'] | {name}(['c', 'b', 'a']) }}}}"
    assert value_of(text) == wanted[name]


def test_chance_is_within_its_bounds() -> None:
    """Without a seed a value is drawn from the sequence or the range."""
    assert value_of("{{ 10 | random(5) }}") in range(5, 10)
    assert value_of("{{ ['a'] | random }}") == "a"
    assert sorted(value_of("{{ [1, 2, 3] | shuffle }}")) == [1, 2, 3]


def test_now_is_a_moment_or_a_text() -> None:
    """`now()` is naive, as Ansible's; `fmt` makes a text of it."""
    moment = value_of("{{ now() }}")
    assert isinstance(moment, datetime)
    assert moment.tzinfo is None
    assert value_of("{{ now(utc=true, fmt='%Z') }}") == ""


def test_the_finished_test_warns_once_for_each_use() -> None:
    """A result without the key counts as finished, and the run is told (S27)."""
    world = FakeWorld({"a": {}})
    scope = world.scope_of("a")
    assert render(Template("{{ {'rc': 0} is finished }}"), scope) is True
    assert render(Template("{{ {'finished': 0} is finished }}"), scope) is False
    assert len(world.warnings) == 1


def test_every_name_is_known_in_full_too() -> None:
    """Ansible's own filters and tests answer to `ansible.builtin.x` and `ansible.legacy.x`."""
    from understudy.values.environment import environment

    jinja = environment()
    for prefix in ("", "ansible.builtin.", "ansible.legacy."):
        assert {prefix + name for name in FILTERS} <= set(jinja.filters)
        assert {prefix + name for name in TESTS} <= set(jinja.tests)


@pytest.mark.parametrize("name", sorted(FILTERS))
def test_a_missing_value_passes_through_a_filter(name: str) -> None:
    """`x | filter | default(1)` is 1, and never an error of the filter's own."""
    if name in ("default", "d", "mandatory", "type_debug"):
        return
    call = "ternary(1, 2)" if name == "ternary" else name
    assert value_of(f"{{{{ nope | {call} | default(1) }}}}") == 1
