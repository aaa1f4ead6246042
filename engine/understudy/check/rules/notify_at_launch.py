"""A handler, or a condition, that goes by the change of a launch.

What: a task with `poll: 0` and `notify` whose handler runs beside the job, or after it whatever the
job has changed; or `when: r is changed` of what such a task registers.

Why: a launch always reports a change, whatever its job will do. Its handler is notified at once and
runs at the next flush, often while the job is still running.

Fix: unsafe; it moves `notify` to the wait for the job, where there is just one.

Example:
    - hosts: all
      tasks:
        - command: /opt/render-configuration
          async: 600
          poll: 0
          register: rendering
          notify: restart
        - meta: flush_handlers
      handlers:
        - name: restart
          service: {name: web, state: restarted}

Instead:

    - hosts: all
      tasks:
        - command: /opt/render-configuration
          async: 600
          poll: 0
          register: rendering
        - async_status:
            jid: "{{ rendering.ansible_job_id }}"
          register: rendered
          until: rendered is finished
          retries: 60
          delay: 10
          notify: restart
        - meta: flush_handlers
      handlers:
        - name: restart
          service: {name: web, state: restarted}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from understudy.check.flow.visits import Flow, Read, Visit
from understudy.check.meaning.conditions import is_run
from understudy.check.meaning.jobs import is_async_status, launch_label
from understudy.check.meaning.places import text_at, written
from understudy.check.mending.fixes import fix_with
from understudy.check.mending.rewrite import remove_keyword, set_keyword
from understudy.check.rule import Rule
from understudy.playbook.model import Task
from understudy.text.diagnostic import Diagnostic, Fix, Label, Severity
from understudy.text.nodes import Scalar
from understudy.values.texts import Authored

RULE = Rule("notify-at-launch", Severity.WARNING, proof=("job_notify_at_launch", "jid_of_no_job"))
_ALWAYS_CHANGED = frozenset({"command", "shell"})


def check_flow(flow: Flow) -> Iterator[Diagnostic]:
    """Yield a finding for each launch whose change means something to others."""
    runs: dict[str, list[Visit]] = {}
    for visit in flow.visits:
        for name in _names_of(visit.task) if visit.task.is_handler else ():
            runs.setdefault(name, []).append(visit)
    for visit in flow.visits:
        if visit.is_launch and is_run(visit) and not visit.task.changed_when:
            yield from _notifying(visit, runs)
            yield from _of_conditions(visit)


def _names_of(handler: Task) -> set[str]:
    """Return the names without a template under which a handler can be notified."""
    return {str(one) for one in (handler.name, *handler.listen) if isinstance(one, Authored)}


def _notifying(launch: Visit, runs: Mapping[str, list[Visit]]) -> Iterator[Diagnostic]:
    handlers = list(_notified(launch, runs))
    beside = [handler for handler in handlers if launch.given in handler.jobs]
    is_more = launch.task.action.name not in _ALWAYS_CHANGED
    if beside or (handlers and is_more):
        yield _of_notify(launch, (beside or handlers)[0], is_beside=bool(beside))


def _notified(launch: Visit, runs: Mapping[str, list[Visit]]) -> Iterator[Visit]:
    """Yield the next run of each handler that a launch notifies by a name without a template."""
    names = {str(one) for one in launch.task.notify if isinstance(one, Authored)}
    called = {visit.number: visit for name in names for visit in runs.get(name, ())}
    seen: list[object] = []
    for number, visit in sorted(called.items()):
        if number > launch.number and visit.task not in seen:
            seen.append(visit.task)
            yield visit


def _of_notify(launch: Visit, handler: Visit, *, is_beside: bool) -> Diagnostic:
    name = f"`{handler.task.name or handler.task.listen[0]}`"
    what = "does not wait for the job" if is_beside else "runs whatever the job has changed"
    ran = "runs while the job may still run" if is_beside else "runs after every launch"
    return RULE.finding(
        written(launch, "notify") or launch.task.span,
        f"this launch notifies {name}, which {what}",
        label="a launch is always changed",
        others=(Label(handler.task.span, ran),),
        help="write `notify` at the `async_status` that waits for the job",
        fix=_moved(launch),
    )


def _moved(launch: Visit) -> Fix | None:
    """Return the fix that lets the wait for the job notify, if one task waits for it."""
    reads = [read for read in launch.given.reads if is_async_status(read.visit.task)]
    waits = {id(read.visit.task): read.visit.task for read in reads if read.visit.task.until}
    node, task = launch.task.node, next(iter(waits.values()), None)
    if len(waits) != 1 or task is None or task.node is None or node is None or task.notify:
        return None
    value = node.get("notify")
    if not isinstance(value, Scalar) or not text_at(value.span):
        return None
    added = set_keyword(task.node, "notify", text_at(value.span))
    return fix_with("move `notify` to the wait", remove_keyword(node, "notify"), added)


def _of_conditions(launch: Visit) -> Iterator[Diagnostic]:
    """Yield a finding for each condition that is always true."""
    if launch.task.loop or any(one is not True for one in launch.task.inherited.when):
        return
    reads = [read for read in launch.given.reads if _asks_for_change(read)]
    guards = {id(read.text) for read in reads if is_async_status(read.visit.task)}
    for read in reads:
        if id(read.text) not in guards and read.registered is launch.given:
            yield RULE.finding(
                read.span,
                f"`{read.chain.name}` is always changed: it is what the launch gave, not the job",
                others=(launch_label(launch),),
                help="ask for the change of the `async_status` that waits for the job",
            )


def _asks_for_change(read: Read) -> bool:
    is_change = read.chain.test in ("changed", "change") or read.chain.path == ("changed",)
    return is_change and read.keyword == "when"
