"""What a playbook is after parsing: frozen plays, blocks and tasks, every one with its place.

Keywords that are inherited (play → block → task) are already flattened into each task by the
parser, so that execution never walks up a tree. A field that may hold a template has type `Value`:
a literal of the keyword's type, a `Template`, or a container that holds templates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from understudy.playbook.user_modules import UserModule
from understudy.text import nodes
from understudy.text.source import Span
from understudy.values.texts import Condition, Template, Text, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What a task calls: the short name (`command`), the name as written, and its arguments.

    `template` yields further arguments (`args: "{{ dict }}"`); those of `args` win over them.
    `free_form` is the text after `command`, `shell`, `raw`, `meta`, `include_tasks` and the like.
    """

    name: str
    written: str
    span: Span
    args: Mapping[str, Value] = field(default_factory=dict)
    template: Template | None = None
    free_form: Value = None
    arg_spans: Mapping[str, Span] = field(default_factory=dict)
    own: UserModule | None = None
    """The program, if it is a module of the project's own."""
    resolve: Callable[[str], Action] | None = None
    """Of an action whose name is a template: gives what is called by the name it yields.

    Raises PlaybookInvalid. `written` is the template, and there are no arguments before.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """`loop:` or `with_<lookup>:`. `lookup` is None for `loop`, else the lookup's name."""

    items: Value
    span: Span
    lookup: str | None = None
    loop_var: str = "item"
    index_var: str | None = None
    label: Value = None
    pause_s: Value = 0
    extended: Value = False
    extended_allitems: Value = True
    break_when: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Become:
    """How to become another user, as far as the text says: `None` is not said."""

    become: Value = None
    user: Value = None
    method: Value = None
    flags: Value = None
    exe: Value = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inherited:
    """Keywords that a task takes from its blocks and its play, after its own."""

    vars: tuple[Mapping[str, Value], ...] = ()
    """Innermost first: the task's own, then its blocks'. The play's own vars are not in here."""
    when: tuple[Condition, ...] = ()
    """Outermost first, all must hold."""
    tags: tuple[Value, ...] = ()
    environment: tuple[Value, ...] = ()
    """Outermost first; later ones win."""
    become: Become = Become()
    ignore_errors: Value = None
    ignore_unreachable: Value = None
    any_errors_fatal: Value = None
    check_mode: Value = None
    diff: Value = None
    no_log: Value = None
    run_once: Value = None
    connection: Value = None
    port: Value = None
    remote_user: Value = None
    timeout_s: Value = None
    throttle: Value = None
    delegate_to: Value = None
    delegate_facts: Value = None
    debugger: Value = None
    module_defaults: tuple[Value, ...] = ()
    """Outermost first; later ones win."""
    notify: tuple[Value, ...] = ()
    """A task's own, else its nearest block's."""
    collections: tuple[Value, ...] = ()
    """Where names of modules without a dot may lead to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleVars:
    """The variables that one use of a role brings, each mapping as it was written."""

    defaults: Mapping[str, Value] = field(default_factory=dict)
    files: Mapping[str, Value] = field(default_factory=dict)
    """Of `vars/`."""
    entry: Mapping[str, Value] = field(default_factory=dict)
    """The keyword `vars` where the role is used."""
    params: Mapping[str, Value] = field(default_factory=dict)
    """What stands beside `role:` and is no keyword."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Role:
    """One use of a role, with what its tasks see of it."""

    name: str
    path: Path
    identity: tuple[str, ...]
    """Uses with the same one are one role, which runs once for a host."""
    own: RoleVars
    parents: tuple[Role, ...] = ()
    """The roles that led here, the outermost first."""
    dependencies: tuple[Role, ...] = ()
    """Those of its `meta/main.yml` and, before each, its own dependencies."""
    allow_duplicates: bool = False
    public: bool = True
    """Whether the whole play sees its variables."""
    included: bool = False
    """Whether `include_role` or `import_role` brought it."""
    defaults: Mapping[str, Value] = field(default_factory=dict)
    """What its tasks see as defaults: those of its dependencies and parents below its own."""
    vars: Mapping[str, Value] = field(default_factory=dict)
    """The same of variables of `vars/` and where it is used."""
    exports: Mapping[str, Value] = field(default_factory=dict)
    """What the play sees of them if it is public."""
    params: Mapping[str, Value] = field(default_factory=dict)
    """Its parameters above those of its parents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One task, or one handler (`listen` is then its further names)."""

    span: Span
    name: Text | None
    action: Action
    inherited: Inherited
    loop: Loop | None = None
    register: str | None = None
    until: tuple[Condition, ...] = ()
    retries: Value = None
    delay_s: Value = None
    async_s: Value = None
    poll_s: Value = None
    changed_when: tuple[Condition, ...] = ()
    failed_when: tuple[Condition, ...] = ()
    notify: tuple[Value, ...] = ()
    listen: tuple[Value, ...] = ()
    is_handler: bool = False
    implicit: bool = False
    """Made by understudy (fact gathering, flush), not written by the author."""
    keyword_spans: Mapping[str, Span] = field(default_factory=dict)
    node: nodes.Mapping | None = field(default=None, repr=False, compare=False)
    """What it was read from."""
    enclosing: Inherited | None = None
    """For `include_tasks` and `include_role`: what the tasks in it inherit, without its own
    keywords."""
    role: Role | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Tasks with what to do when one fails (`rescue`) and in any case (`always`)."""

    span: Span | None
    body: tuple[Step, ...]
    rescue: tuple[Step, ...] = ()
    always: tuple[Step, ...] = ()
    name: Text | None = None
    inherited: Inherited = Inherited()
    node: nodes.Mapping | None = field(default=None, repr=False, compare=False)
    """What it was read from; None: a role's."""


Step: TypeAlias = Task | Block


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One question of `vars_prompt`; what is None is not said."""

    span: Span
    name: str
    prompt: Value = None
    default: Value = None
    private: Value = None
    confirm: Value = None
    encrypt: Value = None
    salt: Value = None
    salt_size: Value = None
    unsafe: Value = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """One play. `sections` are run in order, each followed by the notified handlers."""

    span: Span
    name: Text | None
    hosts: Value
    pre_tasks: tuple[Step, ...] = ()
    tasks: tuple[Step, ...] = ()
    post_tasks: tuple[Step, ...] = ()
    handlers: tuple[Task, ...] = ()
    roles: tuple[Role, ...] = ()
    """Those of the keyword `roles`, whose steps are the first of `tasks`, and the imported ones."""
    vars: Mapping[str, Value] = field(default_factory=dict)
    vars_files: tuple[Value, ...] = ()
    prompts: tuple[Prompt, ...] = ()
    """`vars_prompt`."""
    inherited: Inherited = Inherited()
    gather_facts: Value = None
    gather_subset: tuple[Value, ...] = ()
    gather_timeout_s: Value = None
    fact_path: Value = None
    strategy: Value = None
    serial: tuple[Value, ...] = ()
    max_fail_percentage: Value = None
    order: Value = None
    force_handlers: Value = None
    keyword_spans: Mapping[str, Span] = field(default_factory=dict)
    node: nodes.Mapping | None = field(default=None, repr=False, compare=False)
    """What it was read from."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What a dynamic include brings: steps, and handlers and public roles for the whole play."""

    steps: tuple[Step, ...]
    handlers: tuple[Task, ...] = ()
    roles: tuple[Role, ...] = ()


@dataclass(frozen=True, slots=True)
class Playbook:
    """A playbook's file and its plays; `import_playbook` is already replaced by what it imports."""

    path: str
    plays: tuple[Play, ...]
