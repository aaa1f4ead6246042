"""A host or a group needs a name: without one the task fails, and nothing is added."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.execution.fleet import play
from understudy.events import HostEnded, Status


@pytest.mark.parametrize(
    ("task", "kind"),
    [
        ("add_host: {name: '{{ nothing }}'}", "host"),
        ("group_by: {key: '{{ nothing }}'}", "group"),
        ("group_by: {key: a, parents: ['']}", "group"),
    ],
)
def test_a_name_that_is_empty_fails_the_task(tmp_path: Path, task: str, kind: str) -> None:
    """An author sees which task it was; the run goes on to its end."""
    (ended,) = play(tmp_path, f"    - {task}\n", more="  vars: {nothing: ''}\n").all(HostEnded)
    assert ended.status is Status.FAILED
    assert str(ended.result["msg"]).startswith("Invalid empty")
    assert kind in str(ended.result["msg"])
