"""Views of containers that hold templates: seen from outside they are the rendered data."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.values.worlds import authored, scope_with
from understudy.values.environment import environment
from understudy.values.errors import TemplateFailed
from understudy.values.lazy import (
    OMIT,
    LazyMapping,
    LazySequence,
    finalise,
    holds_templates,
)
from understudy.values.scope import Rendering, Scope
from understudy.values.texts import Template, Value

SCOPE = scope_with(one=1, word="ab", items=["{{ one }}", "x"], inner={"k": "{{ word }}"})
TEXTS = {
    "{{ one }}": 1,
    "{{ word }}": "ab",
    "<{{ word }}{{ one }}>": "<ab1>",
    "{{ items }}": [1, "x"],
    "{{ inner }}": {"k": "ab"},
    "{{ [one, none, 2.5] }}": [1, None, 2.5],
    "{{ true }}": True,
}
scalars = st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.sampled_from(["", "a", "{ }"]))
leaves = st.one_of(scalars, st.sampled_from(sorted(TEXTS)))
nested = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["a", "b", "c d", "items"]), inner, max_size=4)
    ),
    max_leaves=12,
)


PROPERTY = settings(max_examples=60, deadline=None)


def rendered(value: Any) -> Any:
    """Return nested data with the known texts replaced by what they render as."""
    if isinstance(value, str):
        return TEXTS.get(value, value)
    if isinstance(value, dict):
        return {key: rendered(item) for key, item in value.items()}
    return [rendered(item) for item in value] if isinstance(value, list) else value


def view_of(value: Any, scope: Scope = SCOPE) -> Value:
    """Return what a template sees for an authored value."""
    return Rendering(scope).adopt(authored(value))


@PROPERTY
@given(nested)
def test_a_view_finalises_to_the_rendered_data(value: Any) -> None:
    """`finalise(view)` is what rendering every text in place gives."""
    assert finalise(view_of(value)) == rendered(value)


@PROPERTY
@given(nested)
def test_a_view_equals_the_rendered_data_from_both_sides(value: Any) -> None:
    """Comparison reaches every element, whichever side the view stands on."""
    assert view_of(value) == rendered(value)
    assert rendered(value) == view_of(value)


@PROPERTY
@given(nested)
def test_json_of_a_view_is_json_of_the_rendered_data(value: Any) -> None:
    """The C encoder never sees an unrendered template."""
    assert json.dumps(view_of(value)) == json.dumps(rendered(value))


@PROPERTY
@given(nested)
def test_copies_of_a_view_hold_rendered_data(value: Any) -> None:
    """`copy`, `deepcopy` and the type's constructor give plain rendered data."""
    wanted = rendered(value)
    assert finalise(copy.copy(view_of(value))) == wanted
    assert copy.deepcopy(view_of(value)) == wanted
    if isinstance(wanted, (dict, list)):
        assert finalise(type(wanted)(view_of(value))) == wanted


@PROPERTY
@given(st.dictionaries(st.sampled_from("abc"), nested, min_size=1))
def test_every_way_to_a_value_of_a_mapping_renders_it(value: dict[str, Any]) -> None:
    """Subscript, `get`, `values`, `items`, `pop`, `|` and unpacking see rendered values."""
    wanted = rendered(value)
    key = next(iter(value))
    assert view_of(value)[key] == wanted[key]
    assert view_of(value).get(key) == wanted[key]
    assert list(view_of(value).values()) == list(wanted.values())
    assert dict(view_of(value).items()) == wanted
    assert {**view_of(value)} == wanted
    assert view_of(value).pop(key) == wanted[key]
    assert view_of(value).pop(key, 5) == wanted[key]
    assert view_of(value).pop("z", 5) == 5
    assert view_of(value) | {"z": 1} == {**wanted, "z": 1}
    assert {"z": 1} | view_of(value) == {"z": 1, **wanted}


@PROPERTY
@given(st.lists(nested, min_size=1, max_size=4))
def test_every_way_to_an_element_of_a_list_renders_it(value: list[Any]) -> None:
    """Subscript, slice, iteration, `in`, `+`, `*`, `reversed` and `pop` see rendered elements."""
    wanted = rendered(value)
    assert view_of(value)[0] == wanted[0]
    assert view_of(value)[-1] == wanted[-1]
    assert view_of(value)[:2] == wanted[:2]
    assert list(view_of(value)) == wanted
    assert tuple(view_of(value)) == tuple(wanted)
    assert [*view_of(value)] == wanted
    assert wanted[0] in view_of(value)
    assert view_of(value).index(wanted[0]) == wanted.index(wanted[0])
    assert view_of(value).count(wanted[0]) == wanted.count(wanted[0])
    assert view_of(value) + [0] == [*wanted, 0]  # noqa: RUF005 (`+` is what is tested)
    assert [0] + view_of(value) == [0, *wanted]  # noqa: RUF005
    assert view_of(value) * 2 == wanted * 2
    assert list(reversed(view_of(value))) == wanted[::-1]
    assert view_of(value).pop() == wanted[-1]


RANDOM = {"random", "shuffle"}
READS_FILES = {"fileglob", "realpath", "expanduser", "expandvars", "relpath"}
FILTERS = sorted(
    name for name in environment().filters if "." not in name and name not in RANDOM | READS_FILES
)
SAMPLES: tuple[Any, ...] = (
    {"a": "{{ one }}", "b": ["{{ word }}", 3]},
    ["{{ one }}", 2, 3],
    ["{{ word }}", "zz"],
    [["a", "{{ one }}"], ["b", 2]],
    [{"key": "a", "value": "{{ one }}"}, {"key": "b", "value": 2}],
    {"x": {"y": "{{ inner }}"}},
)
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "combine": ({"n": 1},),
    "join": ("-",),
    "zip": ([1, 2],),
    "zip_longest": ([1],),
    "product": ([1, 2],),
    "union": ([1],),
    "intersect": ([1],),
    "difference": ([1],),
    "symmetric_difference": ([1],),
    "map": ("string",),
    "select": ("defined",),
    "groupby": ("key",),
    "subelements": ("value",),
    "json_query": ("[0]",),
    "selectattr": ("key", "defined"),
    "format": (1,),
    "batch": (2,),
    "slice": (2,),
    "combinations": (2,),
    "rekey_on_member": ("key",),
    "items2dict": (),
}


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_gives_the_same_for_a_view_and_for_plain_data(name: str) -> None:
    """No filter can tell a view from the data it stands for; both fail alike."""
    for sample in SAMPLES:
        args = ARGUMENTS.get(name, ())
        assert outcome(name, view_of(sample), args) == outcome(name, rendered(sample), args)


def outcome(name: str, value: Value, args: tuple[Any, ...]) -> tuple[str, Any]:
    """Return what a filter gives, or its failure."""
    jinja = environment()
    try:
        given_ = jinja.call_filter(name, value, args, context=jinja.from_string("").new_context())
        return ("value", finalise(given_))
    except (TemplateFailed, TypeError) as failure:
        return ("failure", str(failure))


def test_only_what_is_reached_is_rendered() -> None:
    """Length, keys and other elements do no harm where one element cannot be rendered."""
    view = view_of({"a": 1, "b": "{{ nope }}"})
    assert (len(view), list(view), view["a"], "b" in view) == (2, ["a", "b"], 1, True)
    with pytest.raises(TemplateFailed, match="'nope' is undefined"):
        finalise(view)


def test_a_view_is_an_instance_of_what_it_stands_for() -> None:
    """Filters that ask for `dict` or `list` accept views."""
    assert isinstance(view_of({"a": "{{ one }}"}), (dict, LazyMapping))
    assert isinstance(view_of(["{{ one }}"]), (list, LazySequence))


def test_containers_without_templates_are_no_views() -> None:
    """A container without templates is handed out itself, uncopied."""
    raw = {"a": [1, {"b": "{ }"}]}
    assert Rendering(SCOPE).adopt(raw) is raw
    assert finalise(raw) is raw


def test_a_template_is_found_at_any_depth() -> None:
    """What holds a template deep inside is a view."""
    assert holds_templates({"a": [[{"b": Template("{{ x }}")}]]})
    assert not holds_templates({"a": [[{"b": "{{ x }}"}]]})


def test_finalise_drops_what_is_omitted_at_any_depth() -> None:
    """OMIT removes its key or its item."""
    assert finalise({"a": OMIT, "b": [OMIT, {"c": OMIT}]}) == {"b": [{}]}


def test_finalise_makes_lists_of_what_is_iterated() -> None:
    """Tuples, sets, generators and parts of dicts become lists."""
    assert finalise(((1, (2,)), {3}, (n for n in [4]), {"k": 5}.keys())) == [
        [1, [2]],
        [3],
        [4],
        ["k"],
    ]


@pytest.mark.parametrize("value", [range(3), len, object(), 1j, b"x"])
def test_finalise_refuses_what_is_no_data(value: object) -> None:
    """Functions, ranges and other objects cannot be stored in a variable."""
    with pytest.raises(TypeError, match="is unsupported for variable storage"):
        finalise(value)


def test_views_are_changed_without_touching_the_source() -> None:
    """A list that a text changes in place is its own."""
    raw = authored({"l": ["{{ one }}", 5], "p": [1]})
    view = Rendering(SCOPE).adopt(raw)
    view["l"].sort(reverse=True)
    view["l"].append(0)
    assert finalise(view["l"]) == [5, 1, 0]
    assert raw["l"][1] == 5
    assert len(raw["l"]) == 2
