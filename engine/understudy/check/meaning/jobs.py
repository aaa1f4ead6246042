"""Jobs as rules see them: which tasks can be one, and which task looks after which."""

from __future__ import annotations

import re

from understudy.check.flow.reads import Chain
from understudy.check.flow.visits import Read, Registered, Visit
from understudy.check.meaning.places import written
from understudy.check.targets import Target
from understudy.playbook.model import Task
from understudy.playbook.module_schema import load_schema
from understudy.text.diagnostic import Label

WITH_A_FIRST_HALF = frozenset({"assemble", "copy", "script", "template", "unarchive"})
"""Actions that Ansible refuses as jobs, and that here run on the host as one after a first half on
the controller."""
_NO_CALLS = frozenset({"meta", "include_tasks", "include_role", "import_tasks", "import_role"})
"""What has no result of its own that could be a job's."""
_REBOOT = re.compile(r"\b(reboot|shutdown|poweroff|halt|kexec|(tel)?init [06])\b")


def refuses_async(task: Task, target: Target) -> bool:
    """Tell whether a task surely fails because its action can be no job."""
    own, name = task.action.own, task.action.name
    if own is not None:
        return own.is_action and target is Target.UNDERSTUDY
    schema = load_schema(name)
    if schema is None or name in _NO_CALLS:
        return False
    is_half = target is not Target.UNDERSTUDY and name in WITH_A_FIRST_HALF
    return is_half or not schema.supports.detached


def refusal(task: Task) -> str:
    """Return what Ansible says of a task whose action can be no job."""
    return f"Ansible says: This action ({task.action.name}) does not support async."


def is_async_status(task: Task) -> bool:
    """Tell whether a task looks after a job: asks how it stands, or cleans it up."""
    return task.action.name == "async_status"


def never_starts(task: Task, target: Target) -> bool:
    """Tell whether a task with `async` launches nothing, since it is refused before."""
    return task.action.name in _NO_CALLS or refuses_async(task, target)


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


def limit_label(launch: Visit) -> Label:
    """Return the place that says how long a job may run."""
    text = "the job may run until here, then it is killed"
    return Label(written(launch, "async") or launch.task.span, text)


def launch_label(launch: Visit, text: str = "does not wait for the job") -> Label:
    """Return the place that says that a task only launches its job."""
    return Label(written(launch, "poll") or launch.task.span, text)


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
