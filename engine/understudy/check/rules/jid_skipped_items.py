"""A wait for the jobs of a loop that does not leave out the items that were skipped.

What: the launch is a loop with a `when`; the status task goes through its `results` and asks
nothing of the kind.

Why: a skipped item has a result, but no job: its `ansible_job_id` is undefined, and the status task
fails.

Fix: unsafe; it adds `when: item is not skipped`, where the status task has no `when` yet.

Example:
    - command: /opt/backup {{ item }}
      loop: [users, orders]
      when: item in changed_tables
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
      loop: [users, orders]
      when: item in changed_tables
      async: 3600
      poll: 0
      register: backups
    - async_status:
        jid: "{{ item.ansible_job_id }}"
      loop: "{{ backups.results }}"
      when: item is not skipped
      register: status
      until: status is finished
      retries: 360
      delay: 10
"""

from __future__ import annotations

from collections.abc import Iterator

from understudy.check.flow.visits import Visit
from understudy.check.meaning.conditions import further
from understudy.check.meaning.job_ids import Asked, asked
from understudy.check.meaning.places import written
from understudy.check.mending.fixes import fix_writing
from understudy.check.rule import Rule
from understudy.playbook.model import Task
from understudy.text.diagnostic import Diagnostic, Fix, Label, Severity

RULE = Rule("jid-skipped-items", Severity.WARNING, proof=("jid_of_no_job", "loop_registered"))
_KEEPING_ALL = frozenset({"list", "reverse", "sort"})


def check_task(visit: Visit) -> Iterator[Diagnostic]:
    """Yield a finding for a status of items that may have no job."""
    for one in asked(visit):
        launch = one.launch
        is_of_items = launch and launch.task.loop and one.is_by_item
        if launch and is_of_items and not one.is_guarded and _may_be_skipped(one, launch):
            yield _finding(one, launch)


def _may_be_skipped(one: Asked, launch: Visit) -> bool:
    """Tell whether items without a job are met: neither filtered out nor asked for in `when`."""
    loop = one.visit.task.loop
    asks = any(loop and read.chain.name == loop.loop_var for read in one.visit.reads_in("when"))
    chooses = not _KEEPING_ALL.issuperset(one.read.chain.filters)
    is_meant = one.visit.task.inherited.ignore_errors is not None
    return not (asks or chooses or is_meant) and bool(further(launch, one.visit))


def _finding(one: Asked, launch: Visit) -> Diagnostic:
    item = one.written.chain.name
    when = written(launch, "when") or launch.task.span
    return RULE.finding(
        one.written.span,
        f"an item that was skipped at the launch has no job: `{item}.ansible_job_id` is undefined",
        others=(Label(when, "skips items, or all of them"),),
        help=f"add `when: {item} is not skipped`",
        fix=_fix(one.visit.task, item),
    )


def _fix(task: Task, item: str) -> Fix | None:
    if task.node is None or "when" in task.node.entries:
        return None
    return fix_writing(task, "when", f"{item} is not skipped")
