"""The default wording: waiting is no failure, errors show their place, the end tells the cost."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from tests.report.scenes import NO, Scene, events_of
from understudy.events import Event, HostEnded, RunEnded, Stamp, Tally, Told, Warned
from understudy.report.console import Console
from understudy.report.settings import ConsoleSettings
from understudy.text.diagnostic import Diagnostic
from understudy.text.source import Position, Span


def _printed(events: Iterable[Event], **settings: Any) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    console = Console(ConsoleSettings(**settings), out, err)
    for number, event in enumerate(events):
        console(Stamp(number, number / 100, 0.0), event)
    console.flush()
    return out.getvalue(), err.getvalue()


def _failing(scene: Scene, **more: Any) -> Iterator[Event]:
    place = scene.place(26, 1)
    span = Span(place.source, Position(26, 7), Position(26, 14))
    found = Diagnostic(code="task-failed", message="no good", span=span, help="mend it")
    yield from scene.task("some items", "command", 26)
    for host in ("h1", "h2"):
        yield scene.failed(host, {**NO, "msg": "no good"}, diagnostic=found, **more)


def test_a_status_check_that_is_repeated_waits() -> None:
    """The line says which attempt of how many, how long of how long, and for which job."""
    scene = Scene("waiting")
    retry = scene.retry(
        "h1", 3, 30, status_check=True, job_id="j12.34", delay_s=10.0, waited_s=20.04
    )
    assert _printed([retry])[0].splitlines()[-1] == (
        "waiting: [h1] 3/31 (20 s of 300 s): job j12.34 running"
    )


def test_a_retry_of_anything_else_keeps_its_name() -> None:
    """An attempt that failed has failed."""
    lines = _printed(events_of("verbose"))[0].splitlines()
    assert "FAILED - RETRYING: [h1]: retried (1 retries left)." in lines


def test_a_failure_shows_its_place_once_for_all_hosts() -> None:
    """The diagnostic stands before the first host's line, and is not repeated."""
    text = _printed(_failing(Scene("results")))[0]
    assert text.count("error[task-failed]: no good") == 1
    assert text.count("playbook.yml:26:7") == 1
    assert "fatal: [h2]: FAILED! => " in text
    assert "[ERROR]" not in text


def test_a_failure_that_is_ignored_needs_no_diagnostic() -> None:
    """What the author expects to fail is no error to look into."""
    text = _printed(_failing(Scene("results"), ignored=True))[0]
    assert "error[" not in text
    assert text.count("...ignoring") == 2


def test_the_end_says_what_polling_would_have_cost() -> None:
    """One line after the recap, only where something was waited for."""
    end = RunEnded(recap={"h1": Tally(ok=1)}, exit_code=0, reason="all hosts ok", elapsed_s=5.0)
    assert _printed([end])[0].endswith("ignored=0   \n\n")
    waited = replace(end, polling_s=4.21, ansible_polling_s=31.0)
    assert _printed([waited])[0].splitlines()[-1] == (
        "Waited 4.2 s for jobs; Ansible's polling would have waited 31.0 s."
    )
    assert _printed([waited], classic=True)[0].endswith("ignored=0   \n\n")


def test_the_end_of_a_failed_run_says_why() -> None:
    """The exit code and its reason in words."""
    end = RunEnded(recap={}, exit_code=2, reason="a host failed", elapsed_s=5.0)
    assert _printed([end])[0].splitlines()[-1] == "a host failed (exit code 2)"


def test_warnings_go_to_stderr_and_words_of_actions_to_stdout() -> None:
    """A pipe gets results, a terminal both."""
    scene = Scene("results")
    warned = Warned(message="odd", place=scene.place(3, 3))
    out, err = _printed([warned, Told(message="Pausing for 1 seconds", host="h1")])
    assert out == "Pausing for 1 seconds\n"
    assert err.splitlines()[0] == "warning[run-time]: odd"
    assert "playbook.yml:3:3" in err.splitlines()[1]
    err = _printed([warned], classic=True)[1]
    assert err.startswith("[WARNING]: odd\nOrigin: ")


def test_failures_may_go_to_stderr() -> None:
    """`display_failed_stderr` moves the line and what explains it, as in Ansible."""
    out, err = _printed(_failing(Scene("results")), failed_to_stderr=True)
    assert "fatal" not in out
    assert err.count("fatal: [") == 2
    assert "error[task-failed]" in err


def test_lines_of_a_burst_are_held_back_until_flushed() -> None:
    """Many lines cost one write; `flush` hands them over."""
    out = io.StringIO()
    console = Console(ConsoleSettings(), out, io.StringIO())
    for number in range(100):
        console(Stamp(number, 0.01, 0.0), Told(message=f"{number}"))
    assert out.getvalue() == ""
    console.flush()
    assert out.getvalue().count("\n") == 100


def test_a_line_is_never_held_back_behind_a_pause() -> None:
    """An event that comes later than a moment hands over what waits."""
    out = io.StringIO()
    console = Console(ConsoleSettings(), out, io.StringIO())
    console(Stamp(0, 0.01, 0.0), Told(message="a"))
    console(Stamp(1, 0.1, 0.0), Told(message="b"))
    assert out.getvalue() == "a\nb\n"


def test_a_result_that_json_cannot_hold_is_shown_as_text() -> None:
    """Keys of several types, dates, bytes: never a traceback."""
    scene = Scene("results")
    events = [*scene.task("say", "command", 5)]
    odd: dict[Any, Any] = {"changed": False, 1: {2: b"x", "a": object}}
    events.append(scene.ok("h1", odd))
    assert isinstance(events[-1], HostEnded)
    assert '"1": {"2": "b\'x\'", "a": ' in _printed(events, verbosity=1)[0]
