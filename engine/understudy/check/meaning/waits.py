"""Waits for jobs: when one ends, how long it may take, and how it is written."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import chain, count
from math import ceil

from understudy.check.flow.known import UNKNOWN, Names, known
from understudy.check.flow.visits import Visit
from understudy.check.meaning.jobs import is_status, shown
from understudy.check.meaning.places import written
from understudy.check.mending.fixes import fix_writing
from understudy.text.diagnostic import Fix
from understudy.text.source import Span
from understudy.values.texts import Template, Value

RUNNING = {
    "ansible_job_id": "j1.1",
    "changed": False,
    "failed": False,
    "finished": False,
    "results_file": "/root/.ansible_async/j1.1",
    "started": True,
    "stderr": "",
    "stderr_lines": [],
    "stdout": "",
    "stdout_lines": [],
}
"""What `async_status` gives of a job that runs."""
LAUNCHED = {
    **{name: value for name, value in RUNNING.items() if not name.startswith("std")},
    "changed": True,
}
"""What a task with `poll: 0` registers."""


def ends_at_once(visit: Visit) -> bool:
    """Tell whether the `until` of a status task surely holds of a job that still runs."""
    task = visit.task
    if not task.until or task.register is None:
        return False
    if ends_at_once not in visit.noted:
        visit.noted[ends_at_once] = until_of(visit, RUNNING) is True
    return visit.noted[ends_at_once]


def until_of(visit: Visit, result: Value) -> bool | None:
    """Return what the `until` of a task says of a result, or None if only a run can tell."""
    task, fixed = visit.task, visit.names.is_fixed
    layers = ({task.register or "": result}, *visit.names.layers)
    names = Names(layers, lambda name: name == task.register or fixed(name))
    values = [known(condition, names) for condition in task.until]
    return None if UNKNOWN in values else all(values)


@dataclass(frozen=True, slots=True)
class Wait:
    """A status task that asks again and again: how often, and with which pauses."""

    visit: Visit
    retries: float
    delay_s: float

    @property
    def longest_s(self) -> float:
        """The seconds after which it gives up."""
        return self.retries * self.delay_s

    @property
    def sum(self) -> str:
        """How long that is, as it is worked out from what is written."""
        task = self.visit.task
        retries = f"{shown(self.retries)} retries{_of_default(task.retries)}"
        delay = f"{shown(self.delay_s)} s{_of_default(task.delay_s)}"
        checks = shown(self.retries + 1)
        return f"{retries} x {delay} = {shown(self.longest_s)} s ({checks} checks)"

    @property
    def span(self) -> Span:
        """Where its length is written: `retries`, else `delay`, else `until`."""
        keywords = ("retries", "delay", "until")
        found = (written(self.visit, keyword) for keyword in keywords)
        return next((span for span in found if span), self.visit.task.span)


def wait_of(visit: Visit) -> Wait | None:
    """Return the wait that a status task is, if all of it is known."""
    if not is_status(visit.task) or not visit.task.until:
        return None
    retries, delay_s = visit.retries, visit.delay_s
    if retries is None or delay_s is None or retries <= 0 or ends_at_once(visit):
        return None
    return Wait(visit, retries, delay_s)


def _of_default(value: object) -> str:
    return " (the default)" if value is None else ""


def as_long_as_its_job(wait: Wait, limit_s: float) -> Fix | None:
    """Return the fix that gives a wait as many retries as its job has time."""
    task = wait.visit.task
    if isinstance(task.retries, Template) or wait.delay_s <= 0:
        return None
    return fix_writing(task, "retries", str(enough_retries(limit_s, wait.delay_s)))


def enough_retries(limit_s: float, delay_s: float) -> int:
    """Return how many retries a wait needs to last as long as its job may run."""
    return ceil(limit_s / delay_s)


def free_name(wanted: str, taken: Collection[str]) -> str:
    """Return a name that is not taken: the one that is wanted, or that with a number."""
    names = (f"{wanted}_{number}" for number in count(2))
    return next(name for name in chain((wanted,), names) if name not in taken)


def text_of_wait(
    launch: Visit, name: str, limit_s: float, delay_s: float, taken: Collection[str]
) -> str:
    """Return a task, as it is written, that waits for all that a launch registers under a name.

    What it registers itself is called otherwise than all that is taken.
    """
    status = free_name(f"{name}_status", taken)
    item = "item" if launch.task.loop else name
    loop = [f'  loop: "{{{{ {name}.results }}}}"'] if launch.task.loop else []
    may_be_skipped = any(one is not True for one in launch.task.inherited.when)
    when = [f"  when: {item} is not skipped"] if may_be_skipped else []
    lines = (
        f"- name: Wait for {name}",
        "  async_status:",
        f'    jid: "{{{{ {item}.ansible_job_id }}}}"',
        *loop,
        *when,
        f"  register: {status}",
        f"  until: {status} is finished",
        f"  retries: {enough_retries(limit_s, delay_s)}",
        f"  delay: {shown(delay_s)}",
    )
    return "\n".join(lines)
