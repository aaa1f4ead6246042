"""The result of a task without a loop, read as a list of results.

What: `.results` read from what a task without a loop registers, where that is sure to have no such
key: a launch with `poll: 0`, or `command` and `shell`. Or a `loop` over the whole of what a task
without a loop registers.

Why: only a loop registers a list of results. The task that reads one where there is none fails.

Fix: safe; it reads the one result in place of its `results`, where it is the loop over them or the
first of them.

Example:
    - command: /opt/backup
      async: 3600
      poll: 0
      register: backup
    - async_status:
        jid: "{{ item.ansible_job_id }}"
      loop: "{{ backup.results }}"

Instead:

    - command: /opt/backup
      async: 3600
      poll: 0
      register: backup
    - async_status:
        jid: "{{ backup.ansible_job_id }}"
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from understudy.check.flow.visits import Read, Visit
from understudy.check.meaning.conditions import is_guarded, is_run
from understudy.check.meaning.places import is_whole, name_span, result_place, text_at, whole_span
from understudy.check.mending.fixes import fix_replacing, fix_with
from understudy.check.mending.rewrite import remove_keyword
from understudy.check.rule import Rule
from understudy.playbook.tasks import LOST
from understudy.text.diagnostic import Diagnostic, Edit, Fix, Label, Severity

RULE = Rule("results-without-loop", Severity.ERROR, proof=("jid_of_no_job", "job_launch"))
_UNKNOWN = frozenset({"", LOST, "include_role", "include_tasks"})
_FIRST = re.compile(r"\.results\[0\]")


def check_task(visit: Visit) -> Iterator[Diagnostic]:
    """Yield a finding for each read of `results` where there are none."""
    if not is_run(visit):
        return
    for read in visit.reads:
        tasks = [one.visit for one in read.results]
        if not tasks or is_guarded(visit, read) or any(task.task.loop for task in tasks):
            continue
        if read.chain.path[:1] == ("results",) and all(map(_has_none, tasks)):
            yield _finding(read, tasks[0])
        elif _is_loop_over_it(read) and all(map(_is_known, tasks)):
            yield _of_loop(read, tasks[0])


def _is_known(visit: Visit) -> bool:
    return visit.task.action.name not in _UNKNOWN


def _is_loop_over_it(read: Read) -> bool:
    loop = read.visit.task.loop
    is_plain = not read.chain.path and not read.chain.filters
    return loop is not None and loop.lookup is None and is_plain and _is_looped_over(read)


def _of_loop(read: Read, task: Visit) -> Diagnostic:
    name = read.chain.name
    return RULE.finding(
        read.span,
        f"`{name}` is no list: its task has no loop",
        label="not a list",
        others=(Label(result_place(task), "registers one result"),),
        help=f"read `{name}` itself, without a loop",
        fix=_without_loop(read),
    )


def _has_none(visit: Visit) -> bool:
    return visit.is_launch or visit.task.action.name in ("command", "shell")


def _finding(read: Read, task: Visit) -> Diagnostic:
    name = read.chain.name
    return RULE.finding(
        read.span,
        f"`{name}` has no `results`: its task has no loop",
        label="undefined",
        others=(Label(result_place(task), "registers one result"),),
        help=f"read `{name}` itself",
        fix=_without_loop(read) if _is_looped_over(read) else _first(read),
    )


def _is_looped_over(read: Read) -> bool:
    loop = read.visit.task.loop
    return loop is not None and read.text is loop.items and is_whole(read)


def _without_loop(read: Read) -> Fix | None:
    """Return the fix that takes the loop away and reads the one result in the place of the item."""
    task = read.visit.task
    loop, node = task.loop, task.node
    if loop is None or node is None or read.via or "loop_control" in node.entries:
        return None
    items = [one for one in read.visit.reads if one.chain.name == loop.loop_var]
    spans = [name_span(one) for one in items]
    key = next((key for key in ("loop", "with_items", "with_list") if key in node.entries), "")
    edit = remove_keyword(node, key)
    if not all(spans) or any("item" in one.chain.path or one.via for one in items):
        return None
    name = read.chain.name
    named = tuple(Edit(span, name) for span in spans if span)
    return fix_with(f"read `{name}` without a loop", edit, *named, is_safe=True)


def _first(read: Read) -> Fix | None:
    """Return the fix that reads a result itself in the place of the first of its results."""
    span = whole_span(read)
    text = text_at(span) if span else ""
    whole = _FIRST.sub("", text, count=1)
    return fix_replacing(span, whole, is_safe=True) if whole != text else None
