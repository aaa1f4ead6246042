"""`hostvars` and `vars`: variables reached by name, each rendered in its own host's scope."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from understudy.values.missing import NOTHING, Missing
from understudy.values.scope import Rendering, Scope
from understudy.values.texts import Value
from understudy.values.world import World

_HIDDEN = frozenset({"hostvars", "vars"})


class VariablesView(Mapping[str, Value]):
    """The variables of one rendering by name: a host of `hostvars`, or `vars`."""

    ansible_type: ClassVar[str] = "HostVarsVars"

    def __init__(self, rendering: Rendering) -> None:
        self._rendering = rendering

    def __getitem__(self, name: str) -> Value:
        value = NOTHING if name in _HIDDEN else self._rendering.resolve(name)
        if value is NOTHING:
            raise KeyError(name)
        return value

    def __contains__(self, name: object) -> bool:
        return name not in _HIDDEN and name in self._rendering.scope

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._rendering.scope.names() if name not in _HIDDEN)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return repr(dict(self))


class HostsView(Mapping[str, Value]):
    """`hostvars` within one rendering: every host's variables, in that host's scope."""

    ansible_type: ClassVar[str] = "HostVars"

    def __init__(self, rendering: Rendering) -> None:
        self._rendering = rendering

    def __getitem__(self, host: str) -> Value:
        try:
            return VariablesView(self._rendering.in_scope_of(host))
        except KeyError:
            return Missing(f"hostvars[{host!r}]")

    def get(self, host: str, default: Value = None) -> Value:
        """Return a host's variables, or `default`."""
        found = self[host]
        return default if isinstance(found, Missing) else found

    def __contains__(self, host: object) -> bool:
        try:
            self._rendering.in_scope_of(str(host))
        except KeyError:
            return False
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(self._rendering.scope.world.hosts())

    def __len__(self) -> int:
        return len(self._rendering.scope.world.hosts())

    def __repr__(self) -> str:
        return repr(dict(self))


@dataclass(frozen=True, slots=True)
class HostVars:
    """The value of `hostvars` in a layer: a view of it is made for every rendering."""

    world: World

    def bind_to(self, rendering: Rendering) -> HostsView:
        """Return what a template sees for it."""
        return HostsView(rendering)


@dataclass(frozen=True, slots=True)
class AllVariables:
    """The value of `vars`: the variables of the reader."""

    def bind_to(self, rendering: Rendering) -> VariablesView:
        """Return what a template sees for it."""
        return VariablesView(rendering)


@dataclass(frozen=True, slots=True)
class DelegatedVars:
    """The value of `ansible_delegated_vars`: the variables of the host a task is delegated to."""

    host: str
    scope: Scope

    def bind_to(self, rendering: Rendering) -> dict[str, VariablesView]:
        """Return what a template sees for it."""
        there = Rendering(self.scope, io_allowed=rendering.io_allowed, active=rendering.active)
        return {self.host: VariablesView(there)}
