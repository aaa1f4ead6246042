"""What to write instead, where a failure is one that learners of `async` meet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from understudy.playbook.model import Task
from understudy.values.errors import TemplateFailed

_LOOPED = (
    'a task with a loop registers one job for each item: write `loop: "{{ NAME.results }}"` and'
    " `item.ansible_job_id`; a task without `async` registers no job at all"
)
_GONE = (
    "a job that was waited for with `poll` above 0 has no job file any more: start it with"
    " `poll: 0`; and ask on the host, and as the user, that started it"
)
_REGISTERED = "register the task that starts the job, with `poll: 0`, and use `NAME.ansible_job_id`"


def for_template(task: Task, failure: TemplateFailed) -> str | None:
    """Return the help for a text of a task that could not be rendered."""
    if failure.name == "ansible_job_id":
        return _LOOPED
    if task.action.name == "async_status" and failure.code == "undefined-variable":
        return _REGISTERED
    return None


def for_result(task: Task, result: Mapping[str, Any]) -> str | None:
    """Return the help for a failure that an action returned."""
    asks = task.action.name == "async_status"
    return _GONE if asks and result.get("msg") == "could not find job" else None
