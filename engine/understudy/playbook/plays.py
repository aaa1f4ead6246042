"""One play of a playbook: its keywords, and its sections of tasks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from understudy.playbook.fields import Fields, KeywordSpans, read_fields
from understudy.playbook.inherit import inherit, inheritable, texts
from understudy.playbook.keywords import Place
from understudy.playbook.model import Inherited, Play, Step, Task
from understudy.playbook.module_defaults import check_module_defaults
from understudy.playbook.module_names import find_module
from understudy.playbook.plugins import check_plugins
from understudy.playbook.prompts import parse_prompts
from understudy.playbook.roles import role_uses
from understudy.playbook.tasks import Level, parse_tasks
from understudy.text.diagnostic import Diagnostic, Label, Severity
from understudy.text.nodes import Mapping, Scalar, Sequence
from understudy.text.source import Span
from understudy.values.load import load_text
from understudy.values.texts import Text, Value

_SECTIONS = ("pre_tasks", "tasks", "post_tasks")


def parse_play(node: Mapping, level: Level) -> Play:
    """Return a play; `level` holds what an `import_playbook` around it adds."""
    report = level.report
    if _is_task(node):
        report(_no_hosts(node))
        node = replace(node, entries={})
    fields = read_fields(node, Place.PLAY, report)
    _check_hosts(node, fields, report)
    _check_user(fields, report)
    check_plugins(fields, report)
    own = {n: f.value for n, f in fields.items() if inheritable(n) and n != "vars"}
    inner = replace(level, inherited=inherit(replace(level.inherited, vars=()), own))
    check_module_defaults(fields, level.importer.project, inner.inherited, report)
    variables = _variables(fields, level.inherited)
    return _play(node, fields, replace(inner, known=variables), variables)


def _play(node: Mapping, fields: Fields, level: Level, variables: dict[str, Value]) -> Play:
    def given(name: str) -> Value:
        return fields[name].value if name in fields else None

    of_roles = _roles(fields, level)
    handlers = tuple(level.gathered.handlers)
    level.gathered.handlers.clear()
    sections = {name: _section(fields, name, level) for name in _SECTIONS}
    own_handlers = _handlers(fields, level)
    return Play(
        span=_first_key(node),
        name=_name(fields),
        hosts=given("hosts"),
        pre_tasks=sections["pre_tasks"],
        tasks=(*of_roles, *sections["tasks"]),
        post_tasks=sections["post_tasks"],
        handlers=(*handlers, *own_handlers, *level.gathered.handlers),
        roles=tuple(level.gathered.roles),
        vars=variables,
        vars_files=_items(given("vars_files")),
        prompts=parse_prompts(fields, level.report),
        inherited=level.inherited,
        gather_facts=given("gather_facts"),
        gather_subset=texts(given("gather_subset")),
        gather_timeout_s=given("gather_timeout"),
        fact_path=given("fact_path"),
        strategy=given("strategy"),
        serial=_items(given("serial")),
        max_fail_percentage=given("max_fail_percentage"),
        order=given("order"),
        force_handlers=given("force_handlers"),
        keyword_spans=KeywordSpans(fields),
        node=node,
    )


def _variables(fields: Fields, around: Inherited) -> dict[str, Value]:
    """Return the play's variables; those of an `import_playbook` around it win."""
    own = fields["vars"].value if "vars" in fields else None
    merged: dict[str, Value] = dict(own or {})
    for layer in around.vars:
        merged.update(layer)
    return merged


def _roles(fields: Fields, level: Level) -> tuple[Step, ...]:
    """Return the steps of the play's roles, which are gathered."""
    uses = role_uses(fields["roles"].node, level.report) if "roles" in fields else ()
    return tuple(step for use in uses for step in level.importer.import_role(use, level))


def _section(fields: Fields, name: str, level: Level) -> tuple[Step, ...]:
    return parse_tasks(fields[name].node, level) if name in fields else ()


def _handlers(fields: Fields, level: Level) -> tuple[Task, ...]:
    steps = _section(fields, "handlers", replace(level, handlers=True))
    return tuple(step for step in steps if isinstance(step, Task))


def _items(value: Value) -> tuple[Value, ...]:
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list) else (value,)


def _name(fields: Fields) -> Text | None:
    node = fields["name"].node if "name" in fields else None
    return load_text(node) if isinstance(node, Scalar) and node.value is not None else None


def _first_key(node: Mapping) -> Span:
    key = next((key for key, _ in node.pairs()), None)
    return key.span if key else node.span


def _check_hosts(node: Mapping, fields: Fields, report: Callable[[Diagnostic], None]) -> None:
    if "hosts" not in fields:
        if node.entries and "hosts" not in node.entries:
            report(_no_hosts(node))
        return
    hosts = fields["hosts"]
    items = hosts.node.items if isinstance(hosts.node, Sequence) else [hosts.node]
    wrong = next((i for i in items if isinstance(i, Scalar) and type(i.value) is not str), None)
    if not hosts.given or not items or getattr(hosts.node, "value", "x") == "":
        message, span = "`hosts` must name at least one host or group", hosts.key.span
        notes: tuple[str, ...] = (
            "Ansible says: Hosts list cannot be empty. Please check your playbook",
        )
    elif wrong is not None:
        message, span = f"`{wrong.written or 'null'}` is not the name of a host", wrong.span
        notes = ()
    else:
        return
    report(Diagnostic(code="keyword-type", message=message, span=span, notes=notes))


def _is_task(node: Mapping) -> bool:
    """Tell whether what stands in the place of a play looks like a task."""
    return "hosts" not in node.entries and any(
        key == "block" or find_module(str(key)) for key in node.entries
    )


def _no_hosts(node: Mapping) -> Diagnostic:
    is_task = _is_task(node)
    return Diagnostic(
        code="no-hosts",
        message="a play must say which `hosts` it is for",
        span=_first_key(node),
        notes=(
            "this looks like a task: a file of tasks is not a playbook",
            f"Ansible says: '{_first_word(node)}' is not a valid attribute for a Play",
        )
        if is_task
        else (),
        help="put it under `tasks:` of a play, or include the file with `include_tasks`"
        if is_task
        else "add `hosts: all`, or the names of hosts or groups",
    )


def _first_word(node: Mapping) -> str:
    return next((str(key.value) for key, _ in node.pairs()), "")


def _check_user(fields: Fields, report: Callable[[Diagnostic], None]) -> None:
    if "user" not in fields:
        return
    user, other = fields["user"], fields.get("remote_user")
    report(
        Diagnostic(
            code="two-users" if other else "deprecated-form",
            message="`user` and `remote_user` are the same keyword"
            if other
            else "`user` is the old name of `remote_user`",
            span=user.key.span,
            severity=Severity.ERROR if other else Severity.WARNING,
            notes=("Ansible says: both 'user' and 'remote_user' are set for this play.",)
            if other
            else (),
            others=(Label(other.key.span, "given here too"),) if other else (),
            help="keep `remote_user`",
        )
    )
