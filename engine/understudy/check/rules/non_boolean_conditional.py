"""A condition that is surely no boolean.

What: `when`, `changed_when`, `failed_when`, `break_when` or `assert: that` whose value is a text, a
number, a list or a mapping; or is one where the part of it decides that is none.

Why: since ansible-core 2.19 such a condition fails the task. Before, the empty ones counted as
false, all others as true.

Fix: unsafe where a length is asked for, which is compared with 0.

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

from understudy.check.flow import Visit
from understudy.check.outcomes import Condition, no_boolean, told
from understudy.check.rule import Rule
from understudy.check.targets import SINCE_2_19
from understudy.playbook.model import Task
from understudy.text.diagnostic import Diagnostic, Severity
from understudy.values.conditions import as_condition
from understudy.values.errors import TemplateFailed
from understudy.values.texts import Expression, Template, Value

RULE = Rule(
    "non-boolean-conditional",
    Severity.ERROR,
    targets=SINCE_2_19,
    proof=("conditions_need_booleans", "conditions_shapes", "conditions_as_templates"),
)


def check_task(visit: Visit) -> Iterator[Diagnostic]:
    """Yield a finding for each condition of a task that is no boolean."""
    for keyword, text in _conditions(visit.task):
        found = no_boolean(visit, text)
        if found is not None:
            yield told(RULE, keyword, text, found)


def _conditions(task: Task) -> Iterator[tuple[str, Condition]]:
    """Yield the conditions of a task but `until`, whose rule is another."""
    loop = task.loop
    of_keyword = {
        "when": task.inherited.when,
        "changed_when": task.changed_when,
        "failed_when": task.failed_when,
        "break_when": loop.break_when if loop else (),
        "that": _asserted(task),
    }
    for keyword, texts in of_keyword.items():
        for text in texts:
            if isinstance(text, Template | Expression):
                yield keyword, text


def _asserted(task: Task) -> Iterator[Value]:
    """Yield what `assert` looks at; a template in place of its list may be one."""
    written = task.action.args.get("that") if task.action.name == "assert" else None
    if isinstance(written, Template):
        return
    for one in written if isinstance(written, list) else [written]:
        try:
            yield as_condition(one)
        except TemplateFailed:
            continue
