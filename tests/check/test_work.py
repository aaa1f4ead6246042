"""A check is work in proportion to what it reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.check.work import calls_of
from understudy.check.files import Kind, Unit
from understudy.check.settings.settings import Settings
from understudy.cli.check_paths import checked_units

_HEAD = "- hosts: all\n  gather_facts: false\n  tasks:\n"
_LAUNCH = "    - {command: x, async: 100, poll: 0, register: %s}\n"
_WAIT = (
    "    - {async_status: {jid: '{{ %s.ansible_job_id }}'}, register: done,"
    " until: done is finished, retries: 9}\n"
)


def _jobs(count: int) -> str:
    launches = "".join(_LAUNCH % f"job_{number}" for number in range(count))
    return _HEAD + launches + "".join(_WAIT % f"job_{number}" for number in range(count))


def _handlers(count: int) -> str:
    tasks = "".join(
        f"    - {{command: x, async: 9, poll: 0, notify: h{number}}}\n" for number in range(count)
    )
    handlers = "".join(f"    - {{name: h{number}, command: x}}\n" for number in range(count))
    return _HEAD + tasks + "  handlers:\n" + handlers


def _vars_of_a_block(count: int) -> str:
    names = "".join(f"        v{number}: '{{{{ 1 }}}}'\n" for number in range(count))
    tasks = "        - {debug: {msg: '{{ v1 }}'}}\n" * count
    return f"{_HEAD}    - vars:\n{names}      block:\n{tasks}"


@pytest.mark.slow
@pytest.mark.parametrize("text_of", [_jobs, _handlers, _vars_of_a_block])
def test_work_grows_with_the_number_of_tasks(text_of: Callable[[int], str], tmp_path: Path) -> None:
    """Four times as many tasks are four times as much work, not sixteen times."""
    path = tmp_path / "site.yml"

    def calls(count: int) -> int:
        path.write_text(text_of(count))
        return calls_of(lambda: checked_units([Unit(path, Kind.PLAYBOOK)], Settings()))

    calls(10)
    assert calls(160) < 8 * calls(40)
