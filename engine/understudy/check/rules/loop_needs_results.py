"""The results of a loop, read as if they were one result.

What: a key that only one result has, such as `ansible_job_id`, `finished` or `rc`, read from what a
task with a loop registers; or a loop over the whole of that instead of over its `results`.

Why: a loop registers a list: each item's result is one of `results`. The whole has no
`ansible_job_id`, and the task that reads it fails. A loop over the whole fails, too: it is no list,
and `with_items` takes it for one item.

Fix: unsafe; it makes a loop over the results of a status task, or writes `.results` where a loop
goes over the whole.

Example:
    - command: /opt/backup {{ item }}
      loop: [users, orders]
      async: 3600
      poll: 0
      register: backups
    - async_status:
        jid: "{{ backups.ansible_job_id }}"

Instead:

    - command: /opt/backup {{ item }}
      loop: [users, orders]
      async: 3600
      poll: 0
      register: backups
    - async_status:
        jid: "{{ item.ansible_job_id }}"
      loop: "{{ backups.results }}"
"""

from __future__ import annotations

from collections.abc import Iterator

from understudy.check.flow.visits import Read, Registered, Visit
from understudy.check.meaning.conditions import is_guarded, is_run
from understudy.check.meaning.job_ids import JOB_ID
from understudy.check.meaning.jobs import is_async_status
from understudy.check.meaning.places import is_whole, name_span, result_place, whole_span
from understudy.check.mending.fixes import fix_replacing, fix_with
from understudy.check.mending.rewrite import set_keyword
from understudy.check.rule import Rule
from understudy.text.diagnostic import Diagnostic, Edit, Fix, Label, Severity

RULE = Rule("loop-needs-results", Severity.ERROR, proof=("jid_of_no_job", "loop_registered"))
_OF_ONE = frozenset(
    "ansible_job_id cmd delta end finished rc results_file start started stderr stderr_lines stdout"
    " stdout_lines".split()
)
"""Keys that a result has and a list of results has not."""
_OF_ALL = frozenset({"changed", "failed", "msg", "results", "skipped"})
_LISTS = (None, "items", "list")


def check_task(visit: Visit) -> Iterator[Diagnostic]:
    """Yield a finding for each read of a loop's results as one, and for a loop over the whole."""
    if not is_run(visit):
        return
    for read in visit.reads:
        loops = _loops(read)
        if not loops or is_guarded(visit, read):
            continue
        if read.chain.path[:1] and read.chain.path[0] in _OF_ONE:
            yield _of_key(read, loops[0])
        elif _is_looped_over(read):
            yield _of_loop(read, loops[0])


def _loops(read: Read) -> tuple[Registered, ...]:
    """Return the tasks whose results are read, if each surely has a loop and is over."""
    results = read.results
    are_over = all(one.task.loop and one.visit is not read.visit for one in results)
    return results if are_over else ()


def _is_looped_over(read: Read) -> bool:
    loop = read.visit.task.loop
    if loop is None or read.text is not loop.items or loop.lookup not in _LISTS:
        return False
    if read.chain.path or read.chain.filters or not is_whole(read):
        return False
    of_item = (one.chain.path[:1] for one in read.visit.reads if one.chain.name == loop.loop_var)
    return loop.lookup is None or not any(path and path[0] in _OF_ALL for path in of_item)


def _of_key(read: Read, loop: Registered) -> Diagnostic:
    name, key = read.chain.name, read.chain.path[0]
    fix = _as_loop(read)
    return RULE.finding(
        read.span,
        f"`{name}` is a list of results: it has no `{key}`, each of its `results` has",
        label="undefined",
        others=_others(loop),
        help=_help(read) if fix else f"read it from `{name}.results`",
        fix=fix,
    )


def _help(read: Read) -> str:
    return (
        f'write `jid: "{{{{ item.{JOB_ID} }}}}"` and `loop: "{{{{ {read.chain.name}.results }}}}"`'
    )


def _of_loop(read: Read, loop: Registered) -> Diagnostic:
    name = read.chain.name
    is_one_item = read.visit.task.loop is not None and read.visit.task.loop.lookup is not None
    return RULE.finding(
        read.span,
        f"`{name}` is no list: what its loop gave is in `{name}.results`",
        label="one item, the whole" if is_one_item else "not a list",
        others=_others(loop),
        help=f"write `{name}.results`",
        fix=fix_replacing(name_span(read), f"{name}.results"),
    )


def _others(loop: Registered) -> tuple[Label, ...]:
    items = loop.visit.task.loop
    return (Label(result_place(loop.visit), "registers one result for each item"),) if items else ()


def _as_loop(read: Read) -> Fix | None:
    """Return the fix of a status task without a loop that asks for the id of a whole loop."""
    task, span = read.visit.task, whole_span(read)
    is_status = is_async_status(task) and read.chain.path == (JOB_ID,)
    if not is_status or task.loop or read.via or task.node is None or span is None:
        return None
    loop = set_keyword(task.node, "loop", f'"{{{{ {read.chain.name}.results }}}}"')
    return fix_with("loop over `results`", Edit(span, f"item.{JOB_ID}"), loop)
