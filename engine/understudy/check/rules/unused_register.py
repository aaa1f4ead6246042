"""A registered result that nothing reads.

What: a `register` of the playbook's own tasks whose name no condition, argument or variable reads.
Where something cannot be looked into that might read it, such as a template or an include whose
file is not known, nothing is said; nor of names that begin with `_`, nor of results in roles, which
other playbooks may read.

Why: it is no mistake, but who reads the task looks for what becomes of its result. Often a check
was meant and forgotten: the task's failure is taken care of, its outcome is not.

Fix: unsafe; it removes `register`.

Example:
    - command: /opt/app --check
      register: check_result
      changed_when: false
    - command: /opt/app --start

Instead:

    - command: /opt/app --check
      register: check_result
      changed_when: false
    - command: /opt/app --start
      when: check_result.stdout == 'ready'
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from understudy.check.flow.reads import facts_of
from understudy.check.flow.visits import Flow, Unclear, Visit
from understudy.check.meaning.near import misspelt
from understudy.check.mending.fixes import fix_removing
from understudy.check.rule import Rule
from understudy.text.diagnostic import Diagnostic, Severity
from understudy.text.source import Span
from understudy.values.texts import texts_in

RULE = Rule("unused-register", Severity.INFO)
_QUOTED = re.compile(r"""(?<=["'])\w+(?=["'])""")
"""Names that lookups and keys of `hostvars` may have."""


def check_flow(flow: Flow) -> Iterator[Diagnostic]:
    """Yield a finding for each result that surely nothing reads."""
    if flow.is_part or any(part.is_open for part in flow.parts):
        return
    unread: dict[Span, list[Visit]] = {}
    for visit in flow.visits:
        if visit.given.name and visit.task.role is None:
            unread.setdefault(visit.task.span, []).append(visit)
    candidates = [visits[0] for visits in unread.values() if all(map(_is_unread, visits))]
    names = {str(visit.given.name) for visit in candidates}
    named = _named(flow, names) if candidates else set()
    for visit in candidates:
        if visit.given.name not in named:
            yield _finding(visit)


def _is_unread(visit: Visit) -> bool:
    """Tell whether nothing reads a result, and whether no other rule looks after it."""
    given = visit.given
    if given.reads or given.may_be_read or str(given.name).startswith("_"):
        return False
    return visit.is_synchronous and visit.unreachable is None and not visit.task.until


def _named(flow: Flow, names: set[str]) -> set[str]:
    """Return those of some names that are read anywhere, misspelt, or stand in any other text."""
    reads = [read for visit in flow.visits for read in visit.reads]
    found = {read.chain.name for read in reads}
    undefined = {read.chain.name for read in reads if Unclear.NOWHERE in read.sources}
    found |= {near for name in undefined - names if (near := misspelt(name, names))}
    layers = chain(flow.surroundings.values.values(), (part.play.vars for part in flow.parts))
    texts = {one for layer in layers for one in texts_in(layer)}
    found |= {chain.name for text in texts for chain in facts_of(text).chains}
    texts |= {read.text for read in reads}
    return found | {word for text in texts for word in _QUOTED.findall(text.text)}


def _finding(visit: Visit) -> Diagnostic:
    task, name = visit.task, visit.given.name
    return RULE.finding(
        visit.span("register"),
        f"nothing reads `{name}`",
        help="read it, or remove `register`",
        fix=fix_removing(task, "register"),
    )
