"""The schema files, the native checks and the keyword table say the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from understudy.playbook import kinds
from understudy.playbook.faults import _plain
from understudy.playbook.inherit import inheritable
from understudy.playbook.json_schema import file_name, schema_of
from understudy.playbook.keywords import KEYWORDS, Passed, Place, keywords_of
from understudy.resources import SCHEMAS
from understudy.text.document import parse_document
from understudy.text.source import Source

FOLDER: Path = SCHEMAS / "playbook"
KINDS = sorted(
    (name for name, kind in vars(kinds).items() if isinstance(kind, kinds.Kind)),
)
SCALARS = st.sampled_from(
    "null true no 0 1 2 5.0 1.5 -3 text '5' '1.5' '30%' 30% 'yes' 'Maybe' 'FALSE' '' a-b a_b"
    " 0x1F 1:30 .inf '1e3' 0o17 '+4' '{{x}}' 'a{%if%}c' '\t7\t'".split(" ")
)
FLOW = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(st.sampled_from(["a", "b_1", "x-y", "5"]), inner, max_size=2).map(
            lambda pairs: "{" + ", ".join(f"{k}: {v}" for k, v in pairs.items()) + "}"
        )
    ),
    max_leaves=6,
)


@pytest.mark.parametrize("place", list(Place), ids=file_name)
def test_schema_files_are_those_of_the_table(place: Place, *, update: bool) -> None:
    """Each file in `schemas/playbook` is what the keyword table gives; `--update` rewrites it."""
    path = FOLDER / file_name(place)
    text = json.dumps(schema_of(place), indent=2) + "\n"
    if update:
        path.write_text(text, "utf-8")
    assert path.read_text("utf-8") == text


@pytest.mark.parametrize("place", list(Place), ids=file_name)
def test_schemas_are_valid_and_flat(place: Place) -> None:
    """Each schema satisfies its meta-schema, and none needs alternatives to be tried."""
    schema = schema_of(place)
    Draft202012Validator.check_schema(schema)
    assert "oneOf" not in json.dumps(schema)


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=60)
@given(text=FLOW)
def test_native_check_and_schema_agree(name: str, text: str) -> None:
    """A value fits a type by the native check exactly when it satisfies the type's schema."""
    kind: kinds.Kind = getattr(kinds, name)
    node = parse_document(Source("value.yml", f"v: {text}"), lambda _: None)
    value = node.get("v")
    assert kind.fits(value) == Draft202012Validator(kind.full_schema).is_valid(_plain(value))


def test_the_table_is_complete() -> None:
    """Every keyword that ansible-core 2.19 documents is in the table."""
    documented = (
        "action always any_errors_fatal args async become become_exe become_flags become_method"
        " become_user block changed_when check_mode collections connection debugger delay"
        " delegate_facts delegate_to diff environment fact_path failed_when force_handlers"
        " gather_facts gather_subset gather_timeout handlers hosts ignore_errors"
        " ignore_unreachable local_action loop loop_control max_fail_percentage module_defaults"
        " name no_log notify order poll port post_tasks pre_tasks register remote_user rescue"
        " retries roles run_once serial strategy tags tasks throttle timeout until vars"
        " vars_files vars_prompt when listen"
    ).split()
    assert set(documented) <= KEYWORDS.keys()


def test_keywords_stand_where_ansible_takes_them() -> None:
    """What waits for a job is for tasks and handlers; includes take little, imports take more."""
    for name in ("async", "poll", "retries", "delay", "until"):
        assert name in keywords_of(Place.TASK)
        assert name in keywords_of(Place.HANDLER)
        assert name not in keywords_of(Place.PLAY)
        assert name not in keywords_of(Place.BLOCK)
        assert name not in keywords_of(Place.INCLUDE_TASKS)
        assert name in keywords_of(Place.IMPORT_TASKS)
    assert "listen" not in keywords_of(Place.TASK)
    assert "loop" not in keywords_of(Place.IMPORT_TASKS)
    assert "when" not in keywords_of(Place.PLAY)


def test_what_is_passed_on_is_what_the_table_says() -> None:
    """The keywords that tasks inherit are those that the table says are passed on."""
    passed = {name for name, k in KEYWORDS.items() if k.passed is not Passed.NOT}
    assert {name for name in KEYWORDS if inheritable(name)} == passed
