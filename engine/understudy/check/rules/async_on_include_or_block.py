"""`async`, `poll`, `until`, `retries` or `delay` on something that is no task.

What: one of these keywords on a play, a block, an include, an import, or a role. A play, a block
and an include refuse it. An import takes it and does nothing with it, which is a warning, as is a
role: there it is a variable.

Why: only a task can be a job or be tried again, and nothing hands these keywords down. The tasks
run one by one in the foreground, or the playbook does not run at all.

Example:
    - include_tasks: backup.yml
      async: 3600
      poll: 0

Instead:

    - include_tasks: backup.yml
"""

from __future__ import annotations

from collections.abc import Iterator

from understudy.check.flow.visits import Flow
from understudy.check.rule import Rule
from understudy.playbook.model import Play
from understudy.text.diagnostic import Diagnostic, Severity
from understudy.text.nodes import Mapping, Scalar, Sequence

RULE = Rule(
    "async-on-include-or-block",
    Severity.ERROR,
    proof=(
        "keyword_place_block",
        "keyword_place_import",
        "keyword_place_include",
        "keyword_place_play",
        "keyword_place_role",
    ),
)
_OF_JOBS = frozenset("async delay poll retries until".split())


def check_flow(flow: Flow) -> Iterator[Diagnostic]:
    """Yield a finding for each keyword of jobs that is a variable of a role, and is never read."""
    keys = [key for play in flow.playbook.plays for key in _beside_roles(play)]
    if keys:
        read = {one.chain.name for visit in flow.visits for one in visit.reads}
        yield from (_finding(key) for key in keys if key.value not in read)


def _beside_roles(play: Play) -> Iterator[Scalar]:
    roles = play.node.get("roles") if play.node else None
    for entry in roles.items if isinstance(roles, Sequence) else ():
        if isinstance(entry, Mapping):
            yield from (key for key, _ in entry.pairs() if key.value in _OF_JOBS)


def _finding(key: Scalar) -> Diagnostic:
    is_of_jobs = key.value in ("async", "poll")
    return RULE.finding(
        key.span,
        f"`{key.written}` is not a keyword of a role",
        label="a variable of the role, and nothing more",
        notes=("the tasks of the role run in the foreground, one by one",)
        if is_of_jobs
        else ("no task of the role is tried again for it",),
        help="write it on the tasks of the role",
        severity=Severity.WARNING,
    )
