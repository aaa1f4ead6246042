"""`--classic-output` prints what Ansible prints, byte for byte."""

from __future__ import annotations

import io
import re

import pytest

from tests.report.scenes import Scene, events_of, folder_of
from tests.report.variants import VARIANTS, Variant
from understudy.events import Event, Stamp
from understudy.report.console import Console
from understudy.report.settings import ConsoleSettings


def printed(variant: Variant) -> str:
    """Return what the console prints for the events of a case."""
    out = io.StringIO()
    console = Console(ConsoleSettings(classic=True, **variant.settings), out, io.StringIO())
    events: list[Event] = list(events_of(variant.case, check_mode="--check" in variant.arguments))
    for number, event in enumerate(events):
        console(Stamp(number, number / 100, 0.0), event)
    return out.getvalue()


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda one: f"{one.case}-{one.name}")
def test_the_console_prints_what_ansible_printed(variant: Variant) -> None:
    """Banners, results, failures with their origin, diffs, colours and the recap are the same."""
    expected = variant.path.read_text("utf-8").replace("{dir}", str(folder_of(variant.case)))
    if variant.case == "results":
        # Ansible shows the message of a failed `no_log` task; a secret may be in it.
        expected = expected.replace("Action failed: hidden", "Action failed.")
    if variant.settings.get("result_format") == "yaml":
        # Ansible folds long quoted texts; a line that is one text is easier to copy.
        expected = re.sub(r"(?<=specified)\n +", " ", expected)
    assert printed(variant) == expected


def test_what_a_module_warns_of_is_told_once() -> None:
    """It stands before the result, on standard error; the second time it is known."""
    scene = Scene("results")
    out = io.StringIO()
    console = Console(ConsoleSettings(classic=True), out, out)
    warned = {"changed": False, "warnings": ["look out\n"]}
    events = [scene.play("p", "a", "b"), *scene.task("t", "find", 1, 5, "playbook.yml", "a", "b")]
    for event in [*events, scene.ok("a", warned), scene.ok("b", warned)]:
        console(Stamp(0, 0.0, 0.0), event)
    console.flush()
    assert "\n[WARNING]: look out\nok: [a]\nok: [b]\n" in out.getvalue()
