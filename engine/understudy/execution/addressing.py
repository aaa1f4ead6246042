"""From variables and keywords to the way a host is reached, also for a delegated task."""

from __future__ import annotations

from dataclasses import dataclass

from understudy.connections.base import Unreachable
from understudy.execution.pool import Address
from understudy.execution.settings import Settings
from understudy.execution.world import RunWorld
from understudy.inventory.model import LOCALHOST
from understudy.playbook.model import Task
from understudy.values.missing import NOTHING
from understudy.values.scope import Plain, Scope
from understudy.values.template import render
from understudy.values.texts import Value

KNOWN_CONNECTIONS = frozenset({"local"})


@dataclass(frozen=True, slots=True)
class Addressed:
    """Where a task runs. `delegated_to` is None on its own host."""

    host: str
    address: Address
    scope: Scope
    delegated_to: str | None = None


def addressed(
    task: Task, host: str, scope: Scope, world: RunWorld, settings: Settings, *, io_allowed: bool
) -> Addressed:
    """Return where a task runs for a host; raise TemplateFailed."""
    raw = task.inherited.delegate_to
    if raw is None:
        return Addressed(host, address_of(host, scope, task, settings), scope)
    target = str(render(raw, scope, io_allowed=io_allowed))
    reach = _scope_of_delegate(target, host, world)
    return Addressed(host, address_of(target, reach, task, settings), reach, target)


def _scope_of_delegate(target: str, host: str, world: RunWorld) -> Scope:
    """Return the delegate's own variables, but `inventory_hostname` stays the task's host."""
    scope = world.delegate_scope(target)
    return scope.with_layer(Plain(inventory_hostname=host))


def address_of(name: str, scope: Scope, task: Task, settings: Settings) -> Address:
    """Return how a host is reached by its variables, or by the keyword and option `connection`."""
    kind = _variable(scope, "ansible_connection")
    if kind is None:
        default = "local" if name in LOCALHOST else "ssh"
        kind = task.inherited.connection or settings.connection or default
    python = _variable(scope, "ansible_python_interpreter")
    return Address(name, _short(str(kind)), None if python is None else str(python))


def _short(connection: str) -> str:
    return connection.removeprefix("ansible.builtin.").removeprefix("ansible.legacy.")


def _variable(scope: Scope, name: str) -> Value:
    if scope.raw(name) is NOTHING:
        return None
    return scope.get(name)


def check_known(address: Address) -> None:
    """Raise Unreachable for a connection that understudy does not have."""
    if address.connection not in KNOWN_CONNECTIONS:
        why = (
            f"the connection `{address.connection}` is not supported yet;"
            " set `ansible_connection: local` for a host on this machine"
        )
        raise Unreachable(address.host, why)
