"""`module_defaults` at run time: which count for a module, and what they may be."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.execution.fleet import play
from understudy.playbook.module_defaults import defaults_of

LEVELS = [
    {"debug": {"msg": "play"}, "group/testgroup": {"data": "group"}},
    {"ansible.builtin.debug": {"msg": "block"}, "ping": {"data": "named"}},
]


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("debug", ({}, {"msg": "block"})),
        ("ping", ({"data": "group"}, {"data": "named"})),
        ("command", ({}, {})),
    ],
)
def test_the_innermost_defaults_count(module: str, expected: object) -> None:
    """Those of a module's group stand below those of its name."""
    assert defaults_of(module, LEVELS) == expected


@pytest.mark.parametrize(
    ("defaults", "expected"),
    [
        ("'{{ given }}'", "from a variable"),
        ("", "Hello world!"),
        ("{msg: '{{ omit }}'}", "Hello world!"),
    ],
)
def test_defaults_are_rendered(tmp_path: Path, defaults: str, expected: str) -> None:
    """As a whole or one by one, for every task; what is omitted is not given."""
    more = (
        f"  vars: {{given: {{msg: from a variable}}}}\n  module_defaults: {{debug: {defaults}}}\n"
    )
    played = play(tmp_path, "    - {name: show, debug: }\n", more=more)
    assert played.result("show")["msg"] == expected


def test_defaults_that_are_no_mapping_fail_the_task(tmp_path: Path) -> None:
    """A template may give anything; it is seen when the task runs."""
    more = "  vars: {given: [1]}\n  module_defaults: {debug: '{{ given }}'}\n"
    played = play(tmp_path, "    - {name: show, debug: }\n", more=more)
    assert "the defaults of `debug` must be a mapping" in played.result("show")["msg"]
