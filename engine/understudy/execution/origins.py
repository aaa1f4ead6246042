"""Where variables come from: the layer that wins, and the place of the value in a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from understudy.events import VariableOrigin
from understudy.execution.host import HostState
from understudy.execution.prepare import schema_of
from understudy.execution.world import RunWorld
from understudy.playbook.model import Role, Task
from understudy.text.source import Span
from understudy.values.program import names_in
from understudy.values.scope import Scope
from understudy.values.texts import Authored, Expression, Template, Value, VaultText, texts_in

Layer = Mapping[str, Value]

WORDS: Mapping[str, str] = {
    "magic": "set by the run",
    "extra": "-e",
    "include_params": "vars of an include",
    "role_params": "parameters of a role",
    "set_facts": "set_fact or register",
    "include_vars": "include_vars",
    "task": "vars of the task or a block",
    "role": "vars of a role",
    "vars_files": "vars_files",
    "vars_prompt": "vars_prompt, its default",
    "play": "vars of the play",
    "facts": "facts",
    "playbook_host_vars": "host_vars beside the playbook",
    "inventory_host_vars": "host_vars beside the inventory",
    "inventory_host": "the host in the inventory",
    "playbook_group_vars": "group_vars beside the playbook",
    "inventory_group_vars": "group_vars beside the inventory",
    "playbook_group_all": "group_vars/all beside the playbook",
    "inventory_group_all": "group_vars/all beside the inventory",
    "inventory_group": "a group in the inventory",
    "inventory": "the inventory",
    "role_defaults": "defaults of a role",
}
"""The layers by their names in the precedence, as a user reads them."""
_WRITTEN = (Template, dict, list)
"""What may hold texts of an author; `hostvars` and the like hold the whole run."""
_OWN = (
    *("until", "retries", "delay_s", "async_s", "poll_s"),
    *("changed_when", "failed_when", "notify"),
)
"""What of a task is rendered, beside its action, its loop and what it inherits."""


def variables_of(
    task: Task, world: RunWorld, state: HostState, inserted: Iterable[Layer], scope: Scope
) -> Iterator[VariableOrigin]:
    """Yield where each variable that a task's texts name comes from, by name.

    What a variable is made of is told too. `inserted` are the variables of the includes around it.
    """
    levels = _levels(task, world, state, inserted, scope)
    of_loop = _loop_names(task)
    found: dict[str, VariableOrigin] = {}
    waiting = list(_texts(task))
    while waiting:
        for name in names_in(waiting.pop()) - found.keys() - {task.register}:
            layer = next((layer for layer in scope.layers if name in layer), None)
            if name in of_loop or layer is None:
                whence = "the loop" if name in of_loop else "not defined"
                found[name] = VariableOrigin(name=name, whence=whence)
            else:
                whence = WORDS[levels.get(id(layer), "vars_files")]
                place = place_of(layer[name]) or file_of(layer)
                found[name] = VariableOrigin(name=name, whence=whence, place=place)
                waiting += texts_in(layer[name]) if type(layer[name]) in _WRITTEN else ()
    yield from (found[name] for name in sorted(found))


def _levels(
    task: Task, world: RunWorld, state: HostState, inserted: Iterable[Layer], scope: Scope
) -> dict[int, str]:
    """Return the names of the layers that a task sees, by identity, but for `vars_files`."""
    named = [
        *(("magic", layer) for layer in scope.layers[:2]),
        *(("task", layer) for layer in task.inherited.vars),
        *(_of_role(task.role) if task.role else ()),
        *(("include_params", layer) for layer in inserted),
        *(("inventory", layer) for layer in state.inventory_layers),
    ]
    return {id(layer): level for level, layer in named} | world.levels(state)


def _of_role(role: Role) -> Iterator[tuple[str, Layer]]:
    yield "role_params", role.params
    yield "role", role.vars
    yield "role_defaults", role.defaults


def _loop_names(task: Task) -> frozenset[str]:
    """Return the variables that the task's loop gives."""
    loop = task.loop
    if loop is None:
        return frozenset()
    names = (loop.loop_var, loop.index_var, "ansible_loop", "ansible_loop_var")
    return frozenset(name for name in names if name is not None)


def _texts(task: Task) -> Iterator[Template | Expression]:
    action = task.action
    schema = None if action.resolve else schema_of(task)
    for name, value in action.args.items():
        argument = schema.arguments.get(name) if schema else None
        yield from _arguments(value) if argument and argument.expression else texts_in(value)
    free = (action.free_form, action.template, task.loop.items if task.loop else None)
    for value in (*free, *(getattr(task, name) for name in _OWN)):
        yield from texts_in(value)
    yield from texts_in(replace(task.inherited, vars=()))


def _arguments(value: Value) -> Iterator[Template | Expression]:
    """Yield the texts of an argument that is an expression, or a list of them."""
    for one in value if isinstance(value, list) else [value]:
        yield from [Expression(one)] if isinstance(one, str) else texts_in(one)


def place_of(value: Value) -> str | None:
    """Return where a value stands: of a list or mapping, its first text."""
    span = _span(value)
    return f"{_near(span)}:{span.start.line}:{span.start.column}" if span else None


def _span(value: Value) -> Span | None:
    if isinstance(value, Authored | Template | VaultText):
        return value.span
    if isinstance(value, Mapping | list):
        inner = value.values() if isinstance(value, Mapping) else value
        return next((span for one in inner if (span := _span(one)) is not None), None)
    return None


def file_of(layer: Layer) -> str | None:
    """Return the file of a value that knows no place, if all others of its layer are of one."""
    files = {_near(span) for value in layer.values() if (span := _span(value)) is not None}
    return files.pop() if len(files) == 1 else None


def _near(span: Span) -> str:
    """Return the name of a file, relative where it lies below the working directory."""
    path, here = Path(span.source.name), Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
