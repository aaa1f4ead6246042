"""Jobs that are waited for on more hosts than there are forks.

What: a task with `async` and a `poll` above 0 in a play whose hosts, or one batch of them, are more
than `forks`. An inventory has to be known; `forks` is that of the configuration.

Why: for Ansible a host whose job is waited for holds a fork for all that time. Where there are no
more forks, the jobs of the other hosts have not even begun.

Example:
    # inventory: web[1:12]
    - hosts: all
      tasks:
        - command: /opt/migrate
          async: 600
          poll: 10

Instead:

    # inventory: web[1:12]
    - hosts: all
      tasks:
        - command: /opt/migrate
          async: 600
          poll: 0
          register: migration
        - async_status:
            jid: "{{ migration.ansible_job_id }}"
          register: status
          until: status is finished
          retries: 60
          delay: 10
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from understudy.check.flow.surroundings import Surroundings
from understudy.check.flow.visits import Flow, Visit
from understudy.check.meaning.jobs import refuses_async
from understudy.check.meaning.places import written
from understudy.check.project.sketch import TOO_MANY, Bounded
from understudy.check.rule import Rule
from understudy.check.targets import ANSIBLE
from understudy.inventory.model import Inventory
from understudy.inventory.patterns import select
from understudy.inventory.read import read_inventory
from understudy.playbook.model import Play
from understudy.text.diagnostic import Diagnostic, Label, PlaybookInvalid, Severity
from understudy.values.texts import Authored

RULE = Rule(
    "forks-starved", Severity.INFO, targets=ANSIBLE, proof=("job_forks", "forks_hold_jobs_back")
)
_ADD_HOSTS = frozenset({"add_host", "group_by", "meta"})
"""Actions after which there may be other hosts, or fewer."""


def check_flow(flow: Flow) -> Iterator[Diagnostic]:
    """Yield a finding for the first task of each play whose hosts wait in turns."""
    around = flow.surroundings
    if not around.inventories or any(v.task.action.name in _ADD_HOSTS for v in flow.visits):
        return
    waiting = [visit for visit in flow.visits if _waits_everywhere(visit, flow)]
    inventory = _inventory(around) if waiting else None
    told: set[int] = set()
    for visit in waiting:
        play = visit.play
        hosts = _hosts_at_once(play, inventory) if inventory else 0
        if hosts > around.config.forks and id(play) not in told:
            told.add(id(play))
            yield _finding(visit, hosts, around.config.forks)


def _waits_everywhere(visit: Visit, flow: Flow) -> bool:
    inherited = visit.task.inherited
    is_job = visit.is_polled and not refuses_async(visit.task, flow.settings.target)
    return is_job and not (inherited.when or inherited.run_once or inherited.throttle)


def _inventory(around: Surroundings) -> Inventory | None:
    try:
        found = read_inventory(map(str, around.inventories), around.config, kind=Bounded)
    except PlaybookInvalid:
        return None
    # each of them can be read by itself, but all of them may be too many
    return None if any(one.code == TOO_MANY for one in found.warnings) else found


def _hosts_at_once(play: Play, inventory: Inventory) -> int:
    """Return how many hosts a play has at least, or a batch of it; 0 if that is not known."""
    patterns = play.hosts if isinstance(play.hosts, list) else [play.hosts]
    if not all(isinstance(one, Authored) for one in patterns):
        return 0
    try:
        hosts = len(select(inventory, [str(one) for one in patterns]).hosts)
    except PlaybookInvalid:
        return 0
    sizes = [size for size in play.serial if isinstance(size, int) and size > 0]
    if len(sizes) != len(play.serial):
        return 0
    return min(hosts, max(sizes)) if sizes else hosts


def _finding(visit: Visit, hosts: int, forks: int) -> Diagnostic:
    turns = ceil(hosts / forks)
    where = visit.play.keyword_spans.get("hosts")
    at_once = f"{hosts} hosts{' at a time' if visit.play.serial else ''}"
    return RULE.finding(
        written(visit, "poll") or written(visit, "async"),
        f"{hosts} hosts wait for this job, {forks} at a time",
        label=f"{hosts} hosts / {forks} forks = {turns} turns",
        others=(Label(where, at_once),) if where else (),
        notes=("a host that waits holds a fork; the jobs of the others begin after it",),
        help=f"set `forks` to {hosts}, or launch with `poll: 0` and wait with `async_status`",
    )
