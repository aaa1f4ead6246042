"""Files of a loop's jobs that nothing removes.

What: a loop over ten items or more launches jobs with `poll: 0`, a task waits for them, and nothing
in the playbook cleans up: no `async_status` with `mode: cleanup`, nothing that reads
`results_file`.

Why: the file of a job is removed by itself only where its own task waits for it. Each item of each
run leaves a file in `~/.ansible_async` on the host, with everything that its job wrote to standard
output.

Example:
    - command: /opt/backup {{ item }}
      loop: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
      async: 3600
      poll: 0
      register: backups
    - async_status:
        jid: "{{ item.ansible_job_id }}"
      loop: "{{ backups.results }}"
      register: status
      until: status is finished
      retries: 360
      delay: 10

Instead:

    - command: /opt/backup {{ item }}
      loop: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
      async: 3600
      poll: 0
      register: backups
    - async_status:
        jid: "{{ item.ansible_job_id }}"
      loop: "{{ backups.results }}"
      register: status
      until: status is finished
      retries: 360
      delay: 10
    - async_status:
        jid: "{{ item.ansible_job_id }}"
        mode: cleanup
      loop: "{{ backups.results }}"
"""

from __future__ import annotations

from collections.abc import Iterator

from understudy.check.flow.visits import Flow, Visit
from understudy.check.meaning.job_ids import asked, mode
from understudy.check.meaning.jobs import is_async_status
from understudy.check.meaning.places import written
from understudy.check.rule import Rule
from understudy.playbook.model import Task
from understudy.text.diagnostic import Diagnostic, Label, Severity

RULE = Rule("job-file-leak", Severity.INFO, proof=("job_cleanup", "job_launch", "job_poll_ok"))
_MANY = 10
"""A few files do no harm."""


def check_flow(flow: Flow) -> Iterator[Diagnostic]:
    """Yield a finding for each loop of jobs that are waited for and not cleaned up."""
    if any(_cleans_up(visit) for visit in flow.visits):
        return
    told: set[int] = set()
    for visit in flow.visits:
        for one in asked(visit):
            launch = one.launch
            if launch and _leaks(launch) and id(launch.task) not in told:
                told.add(id(launch.task))
                yield _finding(launch, visit)


def _cleans_up(visit: Visit) -> bool:
    """Tell whether a task may remove the files of jobs, of whichever launch."""
    if is_async_status(visit.task):
        return mode(visit) != "status"
    return _names_the_folder(visit.task) or any(
        "results_file" in read.chain.path for read in visit.reads
    )


def _names_the_folder(task: Task) -> bool:
    return "ansible_async" in f"{task.action.args} {task.action.free_form}"


def _leaks(launch: Visit) -> bool:
    return _items(launch) >= _MANY and not launch.given.may_be_read


def _items(visit: Visit) -> int:
    """Return how many items a loop surely has."""
    loop = visit.task.loop
    items = visit.known(loop.items) if loop else None
    return len(items) if isinstance(items, list) else 0


def _finding(launch: Visit, wait: Visit) -> Diagnostic:
    return RULE.finding(
        written(launch, "poll") or launch.task.span,
        f"each of the {_items(launch)} jobs of this loop leaves a file on the host",
        others=(Label(wait.task.action.span, "waits for the jobs, and cleans nothing up"),),
        help="go through the results once more, with `mode: cleanup`",
    )
