"""The YAML form of an inventory: groups with `hosts`, `vars` and `children`, nested at will."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from understudy.inventory.model import GroupLoop, Inventory
from understudy.inventory.ranges import BadRange, expand
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid, Severity, did_you_mean
from understudy.text.nodes import Mapping, Node, Scalar
from understudy.text.source import Source, Span
from understudy.values.load import load
from understudy.values.texts import Value

_KEYS = ("children", "hosts", "vars")
_FIRST_LINE = re.compile(r"---|[{]|[^\s=\[]+:(\s|$)|plugin:")


def looks_like_yaml(text: str) -> bool:
    """Tell whether a text without a telling file name begins as YAML, not as INI."""
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith(("#", ";")):
            return _FIRST_LINE.match(line) is not None
    return False


def read_groups(root: Node | None, source: Source, inventory: Inventory) -> None:
    """Add the groups of a tree, whatever form it was written in.

    Raise PlaybookInvalid with every finding; what comes after the first is not added.
    """
    reader = _Reader(source, inventory)
    if root is not None:
        reader.read_root(root)
    if reader.findings:
        raise PlaybookInvalid(reader.findings)


@dataclass(slots=True)
class _Reader:
    source: Source
    inventory: Inventory
    findings: list[Diagnostic] = field(default_factory=list)

    def read_root(self, root: Node) -> None:
        if not isinstance(root, Mapping):
            self._report(root.span, "a YAML inventory is a mapping of groups, for example `all:`")
        else:
            for key, group in root.pairs():
                self._group(key, group)

    def _group(self, key: Scalar, group: Node, parent: str | None = None) -> None:
        name = key.value
        if parent is None and not isinstance(group, Mapping) and not _is_null(group):
            self._skip(key, group)
            return
        if name == "":
            self._report(key.span, "a group has no name")
            return
        if not isinstance(name, str):
            help_ = f'write `"{key.written}"`'
            self._report(key.span, f"the group name `{key.written}` is not a text", help_)
            return
        self.inventory.group(name)
        if parent is not None:
            self._adopt(parent, name, key.span)
        if isinstance(group, Mapping):
            for part, value in group.pairs():
                self._part(name, part, value)
        elif not _is_null(group):
            self._report(group.span, f"group `{name}` must be a mapping with {_listed(_KEYS)}")

    def _part(self, group: str, key: Scalar, value: Node) -> None:
        if key.value not in _KEYS:
            self._warn_of_key(group, key)
        elif key.value == "vars":
            found = self._variables(value, f"`{group}`")
            self.inventory.give(self.inventory.group(group), found)
        elif key.value == "hosts":
            for host, variables in self._pairs(value, "hosts"):
                self._hosts(group, host, variables)
        else:
            for child, content in self._pairs(value, "children"):
                self._group(child, content, group)

    def _pairs(self, value: Node, what: str) -> Iterator[tuple[Scalar, Node]]:
        """Yield names and contents of `hosts` or `children`; a lone name is one without content."""
        if isinstance(value, Mapping):
            yield from value.pairs()
        elif isinstance(value, Scalar) and isinstance(value.value, str):
            yield value, Scalar(value.source, value.end, value.end, None, None, "")
        elif not _is_null(value):
            help_ = f"write `name:` for each, without a dash, under `{what}:`"
            self._report(value.span, f"`{what}` must be a mapping", help_)

    def _hosts(self, group: str, key: Scalar, variables: Node) -> None:
        if key.value == "":
            self._report(key.span, "a host has no name")
            return
        if not isinstance(key.value, str):
            help_ = f'write `"{key.written}"`'
            message = f"Host pattern {key.written} must be a string; YAML takes it for a number"
            self._report(key.span, message, help_)
            return
        try:
            names, port = expand(key.value)
        except BadRange as error:
            self._report(key.span, str(error), code="invalid-host")
            return
        values: dict[str, Value] = {} if port is None else {"ansible_port": port}
        values.update(self._variables(variables, f"host `{key.written}`"))
        span = key.span
        for name in self.inventory.wanted(names):
            host = self.inventory.enlist(name, group, self.source.name, span)
            self.inventory.give(host, values)

    def _variables(self, node: Node, of_what: str) -> dict[str, Value]:
        if isinstance(node, Mapping):
            return {key.written: load(value) for key, value in node.pairs()}
        if not _is_null(node):
            self._report(node.span, f"the variables of {of_what} must be a mapping")
        return {}

    def _adopt(self, parent: str, name: str, span: Span) -> None:
        try:
            self.inventory.add_child(parent, name)
        except GroupLoop as error:
            self._report(span, str(error), code="group-loop")

    def _skip(self, key: Scalar, group: Node) -> None:
        said = Diagnostic(
            code="invalid-inventory",
            message=f"`{key.written}` is passed over: a group is a mapping with {_listed(_KEYS)}",
            span=group.span,
            severity=Severity.WARNING,
        )
        self.inventory.warnings.append(said)

    def _warn_of_key(self, group: str, key: Scalar) -> None:
        near = did_you_mean(key.written, _KEYS)
        said = Diagnostic(
            code="unknown-key",
            message=f"`{key.written}` of group `{group}` is ignored: not one of {_listed(_KEYS)}",
            span=key.span,
            severity=Severity.WARNING,
            help=f"did you mean `{near}`?" if near else "hosts stand under `hosts:`",
        )
        self.inventory.warnings.append(said)

    def _report(
        self, span: Span, message: str, help_: str | None = None, code: str = "invalid-inventory"
    ) -> None:
        self.findings.append(Diagnostic(code=code, message=message, span=span, help=help_))
        self.inventory = self.inventory.scratch()


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"`{word}`" for word in words)
