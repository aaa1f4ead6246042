"""A variable with the name of one that Ansible gives itself, or of a keyword.

What: `vars`, `set_fact`, `register` or a loop's variable that is called like a magic variable
(`groups`, `playbook_dir`, `inventory_hostname`), like a function of templates (`lookup`, `now`) or
like a keyword (`environment`, `when`).

Why: it depends on the name what happens, and none of it is what one expects. A variable of the run
keeps its value, and what was set is never seen. One of the host is replaced, also for whatever
roles and templates read it. Of a keyword's name Ansible warns in every run.

Example:
    - command: getent group
      register: groups
    - debug:
        msg: "{{ groups.stdout_lines }}"

Instead:

    - command: getent group
      register: unix_groups
    - debug:
        msg: "{{ unix_groups.stdout_lines }}"
"""

from __future__ import annotations

from collections.abc import Iterator

from understudy.check.flow.given import MAGIC_OF_HOST, MAGIC_OF_RUN
from understudy.check.flow.visits import Flow, Visit
from understudy.check.rule import Rule
from understudy.check.targets import Target
from understudy.playbook.reserved import RESERVED
from understudy.text.diagnostic import Diagnostic, Severity
from understudy.text.nodes import Mapping as MappingNode
from understudy.text.source import Span
from understudy.values.environment import environment
from understudy.values.load import load

RULE = Rule(
    "shadowed-magic-variable",
    Severity.WARNING,
    proof=("names_of_magic_variables", "names_of_host_variables"),
)
_OPTIONS = frozenset({"cacheable"})
"""Arguments of `set_fact` that are no variables."""


def check_flow(flow: Flow) -> Iterator[Diagnostic]:
    """Yield a finding for each variable with a name that means something else."""
    for play in flow.playbook.plays:
        yield from _of_vars(play.node, flow)
    for block in flow.blocks:
        yield from _of_vars(block.node, flow)
    for visit in flow.visits:
        yield from _of_vars(visit.task.node, flow)
        for name, span, where in _given(visit):
            yield from _finding(name, span, where, flow)


def _of_vars(node: MappingNode | None, flow: Flow) -> Iterator[Diagnostic]:
    written = node.get("vars") if node else None
    if isinstance(written, MappingNode):
        for key, _ in written.pairs():
            yield from _finding(str(key.value), key.span, "vars", flow)


def _given(visit: Visit) -> Iterator[tuple[str, Span, str]]:
    """Yield the names that a task gives, each with its place."""
    task = visit.task
    if task.register:
        yield task.register, visit.span("register"), "register"
    control = task.node.get("loop_control") if task.node else None
    if isinstance(control, MappingNode):
        for keyword in ("loop_var", "index_var"):
            if (node := control.get(keyword)) is not None:
                yield str(load(node)), node.span, "loop"
    if task.action.name == "set_fact":
        for name in task.action.args.keys() - _OPTIONS:
            yield name, task.action.arg_spans.get(name, task.span), "set_fact"


def _finding(name: str, span: Span, where: str, flow: Flow) -> Iterator[Diagnostic]:
    about = _about(name, where, flow)
    if about is not None:
        message, notes = about
        yield RULE.finding(
            span,
            message,
            notes=notes,
            help=f"give it another name, such as `my_{name}`",
        )


def _about(name: str, where: str, flow: Flow) -> tuple[str, tuple[str, ...]] | None:
    if name in MAGIC_OF_RUN:
        if where == "loop":
            return f"`{name}` is a variable of the run, which this loop hides", ()
        return f"`{name}` is a variable of the run: what is set here is never seen", ()
    if name in MAGIC_OF_HOST:
        is_kept = flow.settings.target is Target.UNDERSTUDY and where != "loop"
        note = (
            "understudy keeps the host's own value, Ansible takes the new one"
            if is_kept
            else "roles and templates that read it get the new value"
        )
        return f"`{name}` is a variable of the host, and says which one it is", (note,)
    if name in RESERVED and where != "loop":
        note = f"Ansible says: Found variable using reserved name '{name}'."
        is_function = name in environment().globals
        what = "a function of templates" if is_function else "a keyword"
        return f"`{name}` is the name of {what}", (note,)
    return None
