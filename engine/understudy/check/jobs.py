"""Jobs as rules see them: which tasks can be one, which task waits for which, and for how long."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import ceil

from understudy.check.fixes import fix_writing
from understudy.check.flow import Read, Registered, Visit
from understudy.check.known import UNKNOWN, Names, known
from understudy.check.places import written
from understudy.check.reads import Chain
from understudy.check.targets import Target
from understudy.playbook.model import Task
from understudy.playbook.module_schema import load_schema
from understudy.text.diagnostic import Fix, Label
from understudy.text.source import Span
from understudy.values.texts import Template, Value

WITH_A_FIRST_HALF = frozenset({"assemble", "copy", "script", "template", "unarchive"})
"""Actions that Ansible refuses as jobs, and that here run on the host as one after a first half on
the controller."""
NO_CALLS = frozenset({"meta", "include_tasks", "include_role", "import_tasks", "import_role"})
"""What has no result of its own that could be a job's."""
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
_REBOOT = re.compile(r"\b(reboot|shutdown|poweroff|halt|kexec|(tel)?init [06])\b")


def refuses_async(task: Task, target: Target) -> bool:
    """Tell whether a task surely fails because its action can be no job."""
    own, name = task.action.own, task.action.name
    if own is not None:
        return own.is_action and target is Target.UNDERSTUDY
    schema = load_schema(name)
    if schema is None or name in NO_CALLS:
        return False
    is_half = target is not Target.UNDERSTUDY and name in WITH_A_FIRST_HALF
    return is_half or not schema.supports.detached


def is_async_status(task: Task) -> bool:
    """Tell whether a task looks after a job: asks how it stands, or cleans it up."""
    return task.action.name == "async_status"


def is_status(task: Task) -> bool:
    """Tell whether a task surely asks how a job stands."""
    action = task.action
    is_asking = action.args.get("mode", "status") == "status"
    return is_async_status(task) and is_asking and action.template is None


def jid_of(visit: Visit) -> tuple[Read, Chain] | None:
    """Return what the `jid` of a status task is: where it is read, and the way from there."""
    reads = [read for read in visit.reads_in("args.jid") if not read.via]
    return visit.meaning(reads[0]) if len(reads) == 1 else None


def launch_of(visit: Visit) -> Registered | None:
    """Return the launch whose job a status task surely asks for."""
    meant = jid_of(visit)
    if meant is None or meant[1].path[-1:] != ("ansible_job_id",):
        return None
    launch = meant[0].registered
    return launch if launch is not None and launch.visit.is_launch else None


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


def limit_label(launch: Visit) -> Label:
    """Return the place that says how long a job may run."""
    text = "the job may run until here, then it is killed"
    return Label(written(launch, "async") or launch.task.span, text)


def launch_label(launch: Visit, text: str = "does not wait for the job") -> Label:
    """Return the place that says that a task only launches its job."""
    return Label(written(launch, "poll") or launch.task.span, text)


def as_long_as_its_job(wait: Wait, limit_s: float) -> Fix | None:
    """Return the fix that gives a wait as many retries as its job has time."""
    task = wait.visit.task
    if isinstance(task.retries, Template) or wait.delay_s <= 0:
        return None
    return fix_writing(task, "retries", str(ceil(limit_s / wait.delay_s)))


def shown(number: float) -> str:
    """Return a number as one would write it: no fraction where there is none."""
    return str(int(number)) if number == int(number) else f"{number:g}"


def reboots(task: Task) -> bool:
    """Tell whether a task calls a program that ends all others on the host."""
    action = task.action
    if action.name not in ("command", "shell", "raw"):
        return False
    parts = (action.free_form, *action.args.values())
    return any(_REBOOT.search(getattr(part, "text", str(part))) for part in parts)
