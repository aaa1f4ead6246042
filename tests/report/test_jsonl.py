"""The stream of events: every line is valid, says what happened, and is written at once."""

from __future__ import annotations

import dataclasses
import io
import json
from datetime import date
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator

from tests.report.scenes import SCENES, Scene, events_of
from understudy.events import (
    Connected,
    ConnectionLost,
    ConnectionRestored,
    Event,
    HostEnded,
    JobEnded,
    MetaEnded,
    NoMoreHosts,
    Output,
    PlaybookEnded,
    RunEnded,
    Stamp,
    Status,
    Tally,
    Told,
    VariableOrigin,
    VariablesRead,
    Warned,
)
from understudy.report.jsonl import JsonLines, event_name
from understudy.resources import SCHEMAS
from understudy.text.diagnostic import Diagnostic, Label

SCHEMA = json.loads((SCHEMAS / "event.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
KINDS = get_args(Event)


def _lines(*events: Event) -> list[dict[str, Any]]:
    out = io.StringIO()
    report = JsonLines(out)
    for number, event in enumerate(events):
        report(Stamp(number, number / 10, 1.5e9 + number), event)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def _others() -> list[Event]:
    """Kinds of events, and of their fields, that no recorded case has."""
    scene = Scene("waiting")
    [*_] = scene.task("look", "async_status", 24)
    place = scene.place(24, 5)
    found = Diagnostic(
        code="c", message="m", span=place, others=(Label(place, "there"),), notes=("n",), help="h"
    )
    return [
        scene.ended("h1", Status.FAILED, {}, diagnostic=found, items=2, job_id="j1.1"),
        ConnectionLost(task=scene.task_ref, host="h1", job_id="j1.1", why="it broke"),
        ConnectionRestored(task=scene.task_ref, host="h1", job_id="j1.1", lost_s=2.5),
        Output(task=scene.task_ref, host="h1", stream="stdout", text="hi"),
        JobEnded(task=scene.task_ref, host="h1", job_id="j1.1", failed=True, elapsed_s=2.0),
        NoMoreHosts(play=scene.play_ref),
        Warned(message="odd", place=place, host="h1"),
        Told(message="look", host="h1"),
        Connected(host="h1", how="ssh u@h1:22, then sudo -H -S -n -u root"),
        VariablesRead(
            task=scene.task_ref,
            host="h1",
            variables=(
                VariableOrigin(name="a", whence="-e"),
                VariableOrigin(name="b", whence="facts", place="site.yml:1:2"),
            ),
        ),
        MetaEnded(task=scene.task_ref, host="h1", message="ending play"),
        PlaybookEnded(path="first.yml", recap={"h1": Tally(ok=1)}),
        RunEnded(
            recap={"h1": Tally(ok=1)},
            exit_code=2,
            reason="failed",
            elapsed_s=1.0,
            polling_s=1.0,
            ansible_polling_s=2.0,
        ),
    ]


EVERYTHING = [event for case in SCENES for event in events_of(case)] + _others()


def test_the_schema_is_one() -> None:
    """It is valid itself."""
    Draft202012Validator.check_schema(SCHEMA)


def test_the_examples_have_every_kind_of_event() -> None:
    """So that what follows holds for all of them."""
    assert {type(event) for event in EVERYTHING} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_line_is_valid(kind: type) -> None:
    """Each kind of event validates against its part of the schema."""
    lines = _lines(*(event for event in EVERYTHING if type(event) is kind))
    assert [list(VALIDATOR.iter_errors(line)) for line in lines] == [[] for _ in lines]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_the_schema_has_every_field(kind: type) -> None:
    """A field that is added to an event is added to the schema, and the other way round."""
    known = set(SCHEMA["$defs"][event_name(kind.__name__)]["properties"])
    own = {field.name for field in dataclasses.fields(kind)}
    assert known - {"event"} == own - {"run_id"}


def test_an_unknown_field_is_no_valid_line() -> None:
    """The schema is closed, or the tests above would prove nothing."""
    line = _lines(Told(message="a"))[0]
    assert not VALIDATOR.is_valid({**line, "more": 1})
    assert not VALIDATOR.is_valid({**line, "event": "warned", "items": 1})


def test_a_line_names_run_time_task_and_place() -> None:
    """What a reader needs to find its way without the lines before."""
    line = next(line for line in _lines(*events_of("flow")) if line["event"] == "host_ended")
    assert (line["run_id"], line["version"], line["host"]) == ("r1", 0, "h1")
    assert line["task"]["name"] == "install"
    assert line["task"]["role"] == "web"
    assert line["task"]["place"].endswith("roles/web/tasks/main.yml:1:3")
    assert line["timings"]["waiting_s"] == 0.0


def test_what_is_not_known_is_left_out() -> None:
    """There are no nulls to tell from absence."""
    assert "place" not in _lines(Warned(message="odd"))[0]


def test_values_that_json_has_not_become_text() -> None:
    """Dates, bytes, keys that are numbers: never a traceback."""
    scene = Scene("results")
    odd: dict[Any, Any] = {"day": date(2024, 5, 1), (1, 2): b"x"}
    line = _lines(*scene.task("say", "command", 5), scene.ok("h1", odd))[-1]
    assert line["result"] == {"day": "2024-05-01", "(1, 2)": "b'x'"}


def test_nothing_is_kept_in_memory() -> None:
    """The report holds no event after it has written it."""
    report = JsonLines(io.StringIO())
    before = set(vars(report))
    for number, event in enumerate(EVERYTHING):
        report(Stamp(number, 0.0, 0.0), event)
    kept = [value for value in vars(report).values() if isinstance(value, (list, dict, set))]
    assert kept == []
    assert set(vars(report)) == before
    assert not any(isinstance(value, HostEnded) for value in vars(report).values())
