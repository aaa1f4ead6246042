"""Fakes for the values room: authored values from plain data, a world of a few hosts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from understudy.text.source import Position, Source, Span
from understudy.values.hostvars import HostVars
from understudy.values.scope import Plain, Scope
from understudy.values.texts import Authored, Template, Value, is_template
from understudy.values.world import Addition


def place(line: int = 1, column: int = 1, name: str = "site.yml") -> Span:
    """Return a place in a file that holds nothing."""
    return Span(Source(name, ""), Position(line, column), Position(line, column + 1))


def authored(value: Any) -> Value:
    """Return plain data as the loader would give it: every text with braces is a Template."""
    if isinstance(value, str):
        return Template(value, place()) if is_template(value) else Authored(value, place())
    if isinstance(value, dict):
        return {key: authored(item) for key, item in value.items()}
    if isinstance(value, list):
        return [authored(item) for item in value]
    return value


class FakeWorld:
    """Hosts with variables of their own, all in one group; keeps the warnings."""

    merges_hashes = False

    def __init__(self, variables: Mapping[str, Mapping[str, Value]]) -> None:
        self.variables = {host: authored(dict(own)) for host, own in variables.items()}
        self.warnings: list[str] = []

    def hosts(self) -> Sequence[str]:
        return list(self.variables)

    def groups(self) -> Mapping[str, Sequence[str]]:
        return {"all": self.hosts(), "ungrouped": self.hosts()}

    def plan(self, _occasion: object, _addition: Addition) -> bool:
        return True

    def match(self, pattern: str) -> Sequence[str]:
        return [host for host in self.variables if pattern in ("all", host)]

    def scope_of(self, host: str) -> Scope:
        magic = Plain(
            inventory_hostname=host,
            hostvars=HostVars(self),
            groups={name: list(hosts) for name, hosts in self.groups().items()},
        )
        return Scope((magic, self.variables[host]), self)

    def warn(self, message: str, _span: Span | None = None) -> None:
        self.warnings.append(message)


def scope_with(**variables: Any) -> Scope:
    """Return the scope of one host that has these authored variables."""
    return FakeWorld({"localhost": variables}).scope_of("localhost")
