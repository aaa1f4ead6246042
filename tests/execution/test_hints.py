"""Failures that learners of `async` meet say what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.execution.fleet import play

LOOPED = """\
    - {name: start, command: sleep 1, async: 9, poll: 0, loop: [1, 2], register: jobs}
    - name: ask
      async_status: {jid: "{{ item.ansible_job_id }}"}
      with_items: "{{ jobs }}"
"""
POLLED = """\
    - {name: wait, command: sleep 1, async: 9, poll: 2, register: job}
    - name: ask
      async_status: {jid: "j1.unknown"}
"""
UNREGISTERED = """\
    - {name: start, command: sleep 1, async: 9, poll: 0}
    - name: ask
      async_status: {jid: "{{ async_jid }}"}
"""


@pytest.mark.parametrize(
    ("tasks", "hint"),
    [(LOOPED, "NAME.results"), (POLLED, "poll: 0"), (UNREGISTERED, "register the task")],
    ids=["the result of a loop", "a job that was polled", "a job that nobody registered"],
)
def test_a_failure_says_what_to_write(tmp_path: Path, tasks: str, hint: str) -> None:
    """The help of the diagnostic fits the mistake."""
    end = play(tmp_path, tasks).ends("ask")["web1"]
    assert end.diagnostic is not None
    assert hint in str(end.diagnostic.help)
