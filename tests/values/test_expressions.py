"""Every text of expressions.json renders as the oracle has rendered it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.values.record import TABLE, answers, without_place
from tests.values.worlds import FakeWorld, authored
from understudy.values.errors import TemplateFailed
from understudy.values.lookups import with_lookup
from understudy.values.template import condition, render

RECORDED = json.loads(TABLE.read_text())
WORLD = FakeWorld({"localhost": {}})


@pytest.mark.parametrize("case", RECORDED["cases"], ids=lambda case: str(case["text"])[:60])
def test_a_text_renders_as_in_ansible(case: dict[str, Any]) -> None:
    """The value, or the message of the failure, is the oracle's."""
    scope = WORLD.scope_of("localhost").with_layer(authored(RECORDED["variables"]))
    try:
        got = {"text": case["text"], "value": _json(render(authored(case["text"]), scope))}
    except TemplateFailed as failure:
        got = {"text": case["text"], "error": str(failure)}
    assert got == {key: case[key] for key in ("text", "value", "error") if key in case}


def _json(value: Any) -> Any:
    return json.loads(json.dumps(value, default=lambda moment: moment.isoformat()))


@pytest.mark.filterwarnings("ignore:invalid escape:DeprecationWarning")
@pytest.mark.parametrize("case", RECORDED["conditions"], ids=lambda case: str(case["when"])[:60])
def test_a_condition_holds_as_in_ansible(case: dict[str, Any]) -> None:
    """A condition holds, does not, or fails with the oracle's message."""
    scope = WORLD.scope_of("localhost").with_layer(authored(RECORDED["variables"]))
    got: dict[str, Any] = {"when": case["when"]}
    try:
        got["held"] = condition(authored(case["when"]), scope)
    except TemplateFailed as failure:
        got["error"] = without_place(str(failure))
    assert got == case


@pytest.mark.parametrize(
    "case", RECORDED["loops"], ids=lambda case: f"{case['with']} {case['value']}"[:60]
)
def test_a_loop_has_the_items_it_has_in_ansible(case: dict[str, Any]) -> None:
    """The items of `with_<lookup>`, or the message of the failure, are the oracle's."""
    scope = WORLD.scope_of("localhost").with_layer(authored(RECORDED["variables"]))
    got = {"with": case["with"], "value": case["value"]}
    try:
        got["items"] = _json(with_lookup(case["with"], authored(case["value"]), scope))
    except TemplateFailed as failure:
        got["error"] = str(failure)
    assert got == case


@pytest.mark.oracle
def test_the_recorded_answers_are_the_oracles() -> None:
    """The table holds what the oracle says today."""
    today = answers(RECORDED)
    assert today == {kind: RECORDED[kind] for kind in ("cases", "conditions", "loops")}
