"""A condition that is surely no boolean.

What: `when`, `changed_when`, `failed_when`, `break_when` or `assert: that` whose value is a text, a
number, a list or a mapping; or is one where the part of it decides that is none.

Why: since ansible-core 2.19 such a condition fails the task. Before, the empty ones counted as
false, all others as true.

Fix: unsafe; where a length is asked for, it compares it with 0.

Example:
    - command: cat /etc/motd
      register: motd
    - debug:
        msg: there is a message
      when: motd.stdout

Instead:

    - command: cat /etc/motd
      register: motd
    - debug:
        msg: there is a message
      when: motd.stdout | length > 0
"""

from __future__ import annotations

from collections.abc import Iterator

from understudy.check.flow.visits import Visit
from understudy.check.meaning.outcomes import conditions_of, finding_of, no_boolean
from understudy.check.rule import Rule
from understudy.check.targets import SINCE_2_19
from understudy.text.diagnostic import Diagnostic, Severity

RULE = Rule(
    "non-boolean-conditional",
    Severity.ERROR,
    targets=SINCE_2_19,
    proof=("conditions_need_booleans", "conditions_by_parts", "conditions_as_templates"),
)


def check_task(visit: Visit) -> Iterator[Diagnostic]:
    """Yield a finding for each condition of a task that is no boolean."""
    for keyword, text in conditions_of(visit.task):
        found = no_boolean(visit, text) if keyword != "until" else None
        if found is not None:
            yield finding_of(RULE, keyword, text, found)
