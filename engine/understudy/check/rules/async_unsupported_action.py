"""`async` on an action that cannot run as a background job.

What: `async` above 0 on a task whose action runs, wholly or at first, on the controller: `debug`,
`set_fact`, `pause`, `raw`, `fetch`, and for Ansible also `copy`, `template` and `script`.

Why: such a task fails as soon as it is reached, on every host, after all tasks before it have run;
neither `retries` nor a check of the syntax tells it sooner.

Example:
    - pause:
        minutes: 5
      async: 600
      poll: 0

Instead:

    - command: sleep 300
      async: 600
      poll: 0
"""

from __future__ import annotations

from collections.abc import Iterator

from understudy.check.flow.visits import Flow, Visit
from understudy.check.meaning.conditions import is_run
from understudy.check.meaning.jobs import refusal, refuses_async
from understudy.check.meaning.places import written
from understudy.check.rule import Rule
from understudy.text.diagnostic import Diagnostic, Label, Severity

RULE = Rule(
    "async-unsupported-action",
    Severity.ERROR,
    proof=("async_unsupported_actions", "async_with_a_first_half"),
)
_INSTEAD = {
    "raw": "call the program with `command` or `shell`, or remove `async`",
    "script": "copy the script with `copy`, then call it with `command` and `async`",
    "pause": "remove `async`: a pause runs on the controller",
    "wait_for_connection": "remove `async`: its own `timeout` limits it",
    "reboot": "remove `async`: its own `reboot_timeout` limits it",
    "gather_facts": "call `setup` with `async`, or remove `async`",
    "async_status": "remove `async`: `until`, `retries` and `delay` make it wait",
}


def check_flow(flow: Flow) -> Iterator[Diagnostic]:
    """Yield a finding for each task that is refused as a job."""
    for visit in flow.visits:
        is_job = (visit.async_s or 0) > 0 and is_run(visit)
        if is_job and refuses_async(visit.task, flow.settings.target):
            yield _finding(visit)


def _finding(visit: Visit) -> Diagnostic:
    action = visit.task.action
    return RULE.finding(
        written(visit, "async"),
        f"`{action.written}` cannot run as a background job",
        label="the task fails here, before it does anything",
        others=(Label(action.span, "this action refuses `async`"),),
        notes=(refusal(visit.task),),
        help=_INSTEAD.get(action.name, "remove `async` and `poll`"),
    )
