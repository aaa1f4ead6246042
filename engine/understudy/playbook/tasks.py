"""A list of tasks becomes steps: blocks keep their shape, their keywords go into each task."""

from __future__ import annotations

from collections.abc import Mapping as MappingLike
from collections.abc import Sequence as SequenceLike
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from understudy.playbook.action import build_action
from understudy.playbook.call import Call, Parts, called_by, sort_task
from understudy.playbook.faults import shown
from understudy.playbook.fields import (
    Field,
    Fields,
    KeywordSpans,
    Report,
    no_condition,
    read_fields,
    take_field,
    warn_ignored,
)
from understudy.playbook.inherit import conditions, inherit, inheritable, texts
from understudy.playbook.keywords import Place, is_keyword, keywords_of
from understudy.playbook.loops import no_loops, parse_loop
from understudy.playbook.model import Action, Block, Inherited, Role, Step, Task
from understudy.playbook.module_defaults import check_module_defaults
from understudy.playbook.module_names import may_be_elsewhere
from understudy.playbook.plugins import check_plugins
from understudy.playbook.project import Project
from understudy.playbook.role_uses import FLAGS, RoleUse, imported_role, wrong_entry_points
from understudy.text.diagnostic import Diagnostic, Label, PlaybookInvalid, Severity
from understudy.text.nodes import Mapping, Node, Scalar, Sequence
from understudy.text.source import Span
from understudy.values.errors import TemplateFailed
from understudy.values.load import load, load_text
from understudy.values.texts import Authored, Condition, Template, Text, Value

_PLACES = {
    "import_tasks": Place.IMPORT_TASKS,
    "include": Place.INCLUDE_TASKS,
    "include_tasks": Place.INCLUDE_TASKS,
    "import_role": Place.IMPORT_ROLE,
    "include_role": Place.INCLUDE_ROLE,
}
_SECTIONS = ("block", "rescue", "always")
_NO_EFFECT_ON_IMPORT = (
    "args async changed_when delay failed_when loop_control poll register retries until"
).split()
_INCLUDES = ("include_tasks", "include_role")
_NAME = "name"
LOST = "?"
"""The name of an action where no module that is known is called. It is never run."""
UNREAD = "??"
"""The same where a file of tasks cannot be read."""


class Importer(Protocol):
    """Reads what a task imports, in the place of the task."""

    project: Project

    def import_tasks(self, file: Text, span: Span, level: Level) -> tuple[Step, ...]:
        """Return the steps of a file."""

    def import_role(self, use: RoleUse, level: Level) -> tuple[Step, ...]:
        """Return the steps of a role."""

    def name(self, text: str | Template, span: Span, level: Level) -> str | None:
        """Return a text that is needed at load, rendered; report why that failed."""


@dataclass(slots=True)
class Gathered:
    """What the roles of a play add to it as a whole."""

    handlers: list[Task] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Level:
    """Where tasks stand: what they inherit, whether they are handlers, and where findings go."""

    inherited: Inherited
    report: Report
    importer: Importer
    path: Path
    """The file that they stand in."""
    folder: Path
    """The directory of the playbook."""
    importers: tuple[Path, ...] = ()
    """The files that import this one, the outermost first."""
    handlers: bool = False
    role: Role | None = None
    known: MappingLike[str, Value] = field(default_factory=dict)
    """Variables of the play, for names that are needed at load."""
    gathered: Gathered = field(default_factory=Gathered)

    @property
    def place(self) -> Place:
        """What a task is called here."""
        return Place.HANDLER if self.handlers else Place.TASK

    @property
    def variables(self) -> tuple[MappingLike[str, Value], ...]:
        """The variables that a name needed at load sees, highest precedence first."""
        role = self.role
        of_role = (role.params, role.vars) if role else ()
        own = {"playbook_dir": str(self.folder), **({"role_path": str(role.path)} if role else {})}
        defaults = (role.defaults,) if role else ()
        return (own, *self.inherited.vars, *of_role, self.known, *defaults)

    def within(self, fields: Fields) -> Level:
        """Return the level inside something with these keywords."""
        return replace(self, inherited=self.inherit(fields))

    def inherit(self, fields: Fields) -> Inherited:
        """Return what is inherited together with these keywords; report what is no condition."""
        own = {name: field.value for name, field in fields.items() if inheritable(name)}
        if "when" in own:
            own["when"] = list(self.conditions(fields, "when"))
        inherited = inherit(self.inherited, own)
        check_module_defaults(fields, self.importer.project, inherited, self.report)
        return inherited

    def conditions(self, fields: Fields, name: str) -> tuple[Condition, ...]:
        """Return a keyword's conditions; report an empty one."""
        if name not in fields:
            return ()
        try:
            return conditions(fields[name].value)
        except TemplateFailed as failure:
            self.report(no_condition(fields[name], failure))
            return ()


def parse_tasks(node: Node, level: Level) -> tuple[Step, ...]:
    """Return the steps of a list of tasks; report everything that is wrong with them."""
    if _is_null(node):
        return ()
    if not isinstance(node, Sequence):
        level.report(_not_a_list(node))
        return ()
    return tuple(step for item in node.items for step in _parse_step(item, level))


def _parse_step(node: Node, level: Level) -> tuple[Step, ...]:
    if _is_null(node):
        return ()
    if not isinstance(node, Mapping):
        level.report(_not_a_task(node, level.place))
        return ()
    if any(section in node.entries for section in _SECTIONS):
        block = parse_block(node, level)
        return (block,) if block else ()
    return parse_task(node, level)


def parse_block(node: Mapping, level: Level) -> Block | None:
    """Return a block with its sections, its keywords inherited by their tasks."""
    if level.handlers:
        level.report(_block_as_handler(node))
        return None
    if "block" not in node.entries:
        level.report(_no_block(node))
        return None
    fields = read_fields(node, Place.BLOCK, level.report)
    check_plugins(fields, level.report)
    inner = level.within(fields)
    body, rescue, always = (_section(fields.get(name), inner) for name in _SECTIONS)
    return Block(
        span=node.span,
        body=body,
        rescue=rescue,
        always=always,
        name=_name(fields),
        inherited=inner.inherited,
        node=node,
    )


def _section(field: Field | None, level: Level) -> tuple[Step, ...]:
    if field is None:
        return ()
    if not field.given:
        message = f"`{field.key.written}` must be a list of tasks, not nothing"
        level.report(Diagnostic(code="keyword-type", message=message, span=field.key.span))
    return parse_tasks(field.node, level)


def parse_task(node: Mapping, level: Level) -> tuple[Step, ...]:
    """Return a task, or the steps of the file that it imports."""
    report = _within_collections(node, level)
    parts = sort_task(node, level.place, report, level.importer.project.module)
    call = parts.call
    place = _PLACES.get(call.name, level.place) if call else level.place
    if call is not None and place in (Place.IMPORT_TASKS, Place.IMPORT_ROLE):
        return _import(call, parts, place, level)
    fields = _fields(parts.keywords, place, level)
    check_plugins(fields, level.report)
    loop = parse_loop(fields, parts.loops, place, level.report)
    call = call or _lost(node)
    return (replace(_task(node, call, fields, level), loop=loop),)


def _within_collections(node: Mapping, level: Level) -> Report:
    """Return where findings of a task's module go: it may be one of the collections named here."""
    own = load(node.get("collections"))
    collections = (*texts(own), *level.inherited.collections)
    if not collections:
        return level.report
    return lambda found: level.report(may_be_elsewhere(found, collections))


def _lost(node: Mapping) -> Call:
    """Return the call of a module that is not known, for who goes on in spite of the finding."""
    key = next((key for key, _ in node.pairs() if not is_keyword(str(key.value))), None)
    nothing = Mapping(node.source, node.start, node.end, None, {})
    written = key.written if key else ""
    return Call(LOST, written, key.span if key else _first_key(node), nothing)


def unread(named_at: Span, level: Level) -> Task:
    """Return what stands for the tasks of a file that cannot be read. It is never run."""
    action = Action(name=UNREAD, written="", span=named_at)
    return Task(
        span=named_at,
        name=None,
        action=action,
        inherited=level.inherited,
        is_handler=level.handlers,
        role=level.role,
    )


def _fields(keywords: SequenceLike[Field], place: Place, level: Level) -> Fields:
    fields: Fields = {}
    for one in keywords:
        is_handler = level.handlers and one.key.value in keywords_of(Place.HANDLER)
        own = Place.HANDLER if is_handler and one.key.value == "listen" else place
        take_field(fields, one.key, one.node, own, level.report)
    return fields


def _task(node: Mapping, call: Call, fields: Fields, level: Level) -> Task:
    inherited = level.inherit(fields)
    within = replace(level, report=_in_its_task(node, level.report))
    action = _action(call, fields, inherited, within if call.name in _INCLUDES else level)
    if _is_end_role(action) and (level.role is None or level.handlers):
        level.report(_no_role_to_end(call.node, in_handler=level.handlers))
    if call.local:
        inherited = replace(inherited, delegate_to=Authored("localhost", call.span))
    return Task(
        span=_first_key(node),
        name=_name(fields),
        action=action,
        inherited=inherited,
        register=_given(fields, "register"),
        until=level.conditions(fields, "until"),
        retries=_given(fields, "retries"),
        delay_s=_given(fields, "delay"),
        async_s=_given(fields, "async"),
        poll_s=_given(fields, "poll"),
        changed_when=level.conditions(fields, "changed_when"),
        failed_when=level.conditions(fields, "failed_when"),
        notify=inherited.notify,
        listen=texts(_given(fields, "listen")),
        is_handler=level.handlers,
        keyword_spans=KeywordSpans(fields),
        node=node,
        enclosing=level.inherited if action.name in _INCLUDES else None,
        role=level.role,
    )


def _action(call: Call, fields: Fields, inherited: Inherited, level: Level) -> Action:
    if call.name == "include":
        level.report(_old_include(call))
        call = call._replace(name="include_tasks")
    if not call.name:
        resolve = partial(_resolved, call, fields, inherited, level)
        return Action(name="", written=call.written, span=call.span, resolve=resolve)
    if call.name == LOST:
        return Action(name=LOST, written=call.written, span=call.span)
    complete = not inherited.module_defaults and not call.misplaced
    report = _at_load(level.report) if call.name in _INCLUDES else level.report
    action = build_action(call, fields.get("args"), report, complete=complete)
    apply = call.node.get("apply") if isinstance(call.node, Mapping) else None
    if call.name in _INCLUDES and isinstance(apply, Mapping):
        read_fields(apply, Place.BLOCK, level.report)
    if call.name == "include_role":
        for found in wrong_entry_points(action, action.args):
            _at_load(level.report)(found)
    return action


def _resolved(call: Call, fields: Fields, inherited: Inherited, level: Level, name: str) -> Action:
    """Return the action of a call whose module's name has been rendered; raise PlaybookInvalid."""
    wrong: list[Diagnostic] = []
    within = replace(level, report=wrong.append)
    called = called_by(call, name, wrong.append, level.importer.project.module)
    action = _action(called, fields, inherited, within) if called else None
    errors = [found for found in wrong if found.severity is Severity.ERROR]
    if errors or action is None:
        raise PlaybookInvalid(errors)
    return action


def _import(call: Call, parts: Parts, place: Place, level: Level) -> tuple[Step, ...]:
    loops = [field for field in parts.keywords if field.key.value == "loop"]
    for loop in (*loops, *parts.loops):
        level.report(no_loops(loop, place))
    keywords = [field for field in parts.keywords if field not in loops]
    fields = _fields(keywords, place, level)
    check_plugins(fields, level.report)
    warn_ignored(fields, _NO_EFFECT_ON_IMPORT, place, level.report)
    action = build_action(call, None, _at_load(level.report))
    inner = level.within(fields)
    if place is Place.IMPORT_ROLE:
        use = imported_role(_with_flags(action, level), fields, level.report)
        return level.importer.import_role(use, inner) if use else ()
    file = _file_of(action)
    return () if file is None else level.importer.import_tasks(file, call.node.span, inner)


def _first_line(node: Mapping) -> Span:
    """Return the place of a task: of its first key."""
    return next((key.span for key, _ in node.pairs()), node.span)


def _in_its_task(node: Mapping, report: Report) -> Report:
    """Return what reports that an include names no file: at the task, where Ansible does, too."""

    def told(found: Diagnostic) -> None:
        if found.code == "import-missing-argument" and found.span is not None:
            whole = Label(found.span, "called here")
            found = replace(found, span=_first_line(node), others=(whole, *found.others))
        report(found)

    return told


def _with_flags(action: Action, level: Level) -> Action:
    """Return an import of a role whose templated flags have been rendered."""
    flags = {
        name: level.importer.name(value, action.arg_spans.get(name, action.span), level)
        for name, value in action.args.items()
        if name in FLAGS and isinstance(value, Template)
    }
    return replace(action, args={**action.args, **flags}) if flags else action


def _at_load(report: Report) -> Report:
    """Return what reports findings of an import: none of them can wait for the run."""
    return lambda found: report(replace(found, code=f"import-{found.code}"))


def _file_of(action: Action) -> Text | None:
    file = action.free_form if action.free_form is not None else action.args.get("file")
    return file if isinstance(file, Text) else None


def _is_end_role(action: Action) -> bool:
    return action.name == "meta" and action.free_form == "end_role"


def _given(fields: Fields, name: str) -> Value:
    field = fields.get(name)
    return field.value if field else None


def _name(fields: Fields) -> Text | None:
    node = fields[_NAME].node if _NAME in fields else None
    return load_text(node) if isinstance(node, Scalar) and node.value is not None else None


def _first_key(node: Mapping) -> Span:
    key = next((key for key, _ in node.pairs()), None)
    return key.span if key else node.span


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None


def _not_a_list(node: Node) -> Diagnostic:
    return Diagnostic(
        code="not-a-list",
        message=f"tasks must be a list, not {shown(node)}",
        span=node.span,
        help="begin each task with `- `",
    )


def _not_a_task(node: Node, place: Place) -> Diagnostic:
    word = node.written if isinstance(node, Scalar) else ""
    return Diagnostic(
        code="not-a-task",
        message=f"{place.words} must be a mapping, not {shown(node)}",
        span=node.span,
        help=f"write `{word}:` with a colon" if word.isidentifier() else None,
    )


def _block_as_handler(node: Mapping) -> Diagnostic:
    return Diagnostic(
        code="block-as-handler",
        message="a block cannot be a handler",
        span=_first_key(node),
        help="use `include_tasks`, or several handlers with the same `listen`",
    )


def _no_block(node: Mapping) -> Diagnostic:
    key = next(key for key, _ in node.pairs() if key.value in _SECTIONS)
    return Diagnostic(
        code="no-block",
        message=f"`{key.written}` needs a `block` beside it",
        span=key.span,
        help="put the tasks that may fail under `block:`",
    )


def _no_role_to_end(node: Node, *, in_handler: bool) -> Diagnostic:
    return Diagnostic(
        code="no-role-to-end",
        message=f"`end_role` {'in a handler' if in_handler else 'outside of a role'} ends nothing",
        span=node.span,
        help="write `end_host` or `end_play` to leave the play",
    )


def _old_include(call: Call) -> Diagnostic:
    return Diagnostic(
        code="deprecated-form",
        message="`include` is gone from Ansible; it is taken for `include_tasks`",
        span=call.span,
        severity=Severity.WARNING,
        help="write `include_tasks`, or `import_tasks` to read the file at load",
    )
