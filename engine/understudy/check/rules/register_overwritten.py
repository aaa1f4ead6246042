"""A launch whose result is replaced before its job id is read.

What: a task registers its result under the name of a launch that nothing has read yet, and a status
task asks for that name afterwards. An include in a loop that launches a job does so in each round.

Why: a name holds one result. The id of the first job is gone, so nothing can wait for it or learn
how it ended; the status task asks for something else than was meant.

Example:
    - command: /opt/backup users
      async: 3600
      poll: 0
      register: backup
    - command: /opt/backup orders
      async: 3600
      poll: 0
      register: backup
    - async_status:
        jid: "{{ backup.ansible_job_id }}"

Instead:

    - command: /opt/backup users
      async: 3600
      poll: 0
      register: backup_of_users
    - command: /opt/backup orders
      async: 3600
      poll: 0
      register: backup_of_orders
    - async_status:
        jid: "{{ item }}"
      loop:
        - "{{ backup_of_users.ansible_job_id }}"
        - "{{ backup_of_orders.ansible_job_id }}"
"""

from __future__ import annotations

from collections.abc import Iterator

from understudy.check.flow.visits import Flow, Registered
from understudy.check.meaning.forgotten import is_forgotten
from understudy.check.meaning.job_ids import overwritten
from understudy.check.meaning.jobs import is_async_status
from understudy.check.meaning.places import result_place
from understudy.check.rule import Rule
from understudy.text.diagnostic import Diagnostic, Label, Severity

RULE = Rule("register-overwritten", Severity.ERROR, proof=("register_of_two",))


def check_flow(flow: Flow) -> Iterator[Diagnostic]:
    """Yield a finding for each launch whose id is lost when its name is given again."""
    for visit in flow.visits:
        lost = overwritten(visit)
        asking = (read for read in visit.given.reads if is_async_status(read.visit.task))
        asks = next(asking, None)
        if lost is not None and asks is not None and not is_forgotten(lost.task):
            label = Label(asks.span or asks.visit.task.span, "asks for it")
            yield _finding(lost, visit.given, label)


def _finding(lost: Registered, second: Registered, asks: Label) -> Diagnostic:
    name = second.name
    looped = next((one for one in reversed(second.visit.includes) if one.loop), None)
    is_same = lost.task.span == second.task.span
    if is_same and looped:
        return RULE.finding(
            result_place(second.visit),
            f"each round of the include registers `{name}` again: all jobs but the last are lost",
            others=(Label(looped.span, "includes it in a loop"), asks),
            help="wait for the job in the included file, too",
        )
    again = tuple(Label(one.span, "brings it again") for one in second.visit.includes[-1:])
    first = again if is_same else (Label(result_place(lost.visit), "the id of this job"),)
    return RULE.finding(
        result_place(second.visit),
        f"`{name}` is registered again before its first job was asked for: that job is lost",
        others=(*first, asks),
        help="wait for the job where it is launched"
        if is_same
        else "register each under a name of its own",
    )
