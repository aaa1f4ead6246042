"""A `jid` that is no job id: a whole result, a list of results, or a name without braces.

What: an `async_status` whose `jid` is all that a launch gave, one item of a loop's results or all
of them, without `.ansible_job_id`; or the text `NAME.ansible_job_id` itself, without `{{ }}`.

Why: whatever stands there is taken for an id as a text. There is no job of that id: "could not find
job".

Fix: unsafe; it writes the id in the result's place, or the braces.

Example:
    - command: /opt/backup
      async: 3600
      poll: 0
      register: backup
    - async_status:
        jid: "{{ backup }}"

Instead:

    - command: /opt/backup
      async: 3600
      poll: 0
      register: backup
    - async_status:
        jid: "{{ backup.ansible_job_id }}"
"""

from __future__ import annotations

from collections.abc import Iterator

from understudy.check.flow.visits import Visit
from understudy.check.meaning.job_ids import JOB_ID, Asked, asked, id_without_braces
from understudy.check.meaning.places import result_place, text_at, whole_span
from understudy.check.mending.fixes import fix_replacing
from understudy.check.rule import Rule
from understudy.text.diagnostic import Diagnostic, Fix, Label, Severity
from understudy.text.source import Span
from understudy.values.texts import Authored

RULE = Rule("jid-not-an-id", Severity.ERROR, proof=("jid_not_an_id",))


def check_task(visit: Visit) -> Iterator[Diagnostic]:
    """Yield a finding for a `jid` that is surely something else than an id."""
    for one in asked(visit):
        launches = [task for task in one.tasks if (task.async_s or 0) > 0]
        is_bare = not (one.written.chain.filters or one.is_guarded or one.may_fail)
        if launches and launches == one.tasks and is_bare:
            yield from _of_result(one, launches[0])
    written = id_without_braces(visit)
    if written is not None:
        yield _of_text(visit, written)


def _of_result(one: Asked, launch: Visit) -> Iterator[Diagnostic]:
    path, is_loop = one.chain.path, launch.task.loop is not None
    if path == ():
        what = "the list of a loop's results" if is_loop else "the whole result of a launch"
    elif path == ("results", None):
        what = "the whole result of an item"
    elif path == ("results",):
        what = "the list of a loop's results"
    else:
        return
    shown = ".".join(str(part) for part in (one.written.chain.name, *one.written.chain.path))
    is_one = path == ("results", None) or (path == () and not is_loop)
    yield RULE.finding(
        one.written.span,
        f"`{shown}` is {what}, and no job id",
        label="could not find job",
        others=(Label(result_place(launch), "registered here"),),
        help=f"write `{shown}.{JOB_ID}`"
        if is_one
        else f'write `loop: "{{{{ {launch.given.name}.results }}}}"`'
        f' and `jid: "{{{{ item.{JOB_ID} }}}}"`',
        fix=fix_replacing(whole_span(one.written), f"{shown}.{JOB_ID}") if is_one else None,
    )


def _of_text(visit: Visit, written: str) -> Diagnostic:
    value = visit.task.action.args["jid"]
    span = (value.span if isinstance(value, Authored) else None) or visit.task.action.span
    return RULE.finding(
        span,
        f"this `jid` is the text `{written}`: the braces are missing",
        label="could not find job",
        help=f'write `jid: "{{{{ {written} }}}}"`',
        fix=_braces(span, written),
    )


def _braces(span: Span, written: str) -> Fix | None:
    is_plain = text_at(span).strip("'\"") == written and '"' not in written
    return fix_replacing(span, f'"{{{{ {written} }}}}"') if is_plain else None
