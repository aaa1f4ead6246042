"""The form that names an inventory plugin: `plugin: constructed` and its options, in YAML."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Never

from understudy.inventory.model import Inventory
from understudy.text import nodes
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid, Severity, did_you_mean
from understudy.text.source import Source, Span
from understudy.values.errors import TemplateFailed
from understudy.values.texts import Value

_TRUE = frozenset({"y", "yes", "on", "1", "true", "t"})


@dataclass(frozen=True, slots=True)
class PluginFile:
    """A file that names a plugin, and what the plugin works with."""

    source: Source
    root: nodes.Mapping
    inventory: Inventory
    extra_vars: Mapping[str, Value]
    use_extra_vars: bool = False
    """What the option `use_extra_vars` is when the file does not say."""

    def flag(self, name: str, *, default: bool) -> bool:
        """Return an option that is a boolean, written as Ansible takes one."""
        node = self.root.get(name)
        if not isinstance(node, nodes.Scalar) or node.value is None:
            return default
        return node.value is True or str(node.value).lower() in _TRUE

    def mapping(self, name: str) -> nodes.Mapping | None:
        """Return an option that is a mapping, None when it is absent; raise PlaybookInvalid."""
        node = self.root.get(name)
        if node is None or isinstance(node, nodes.Mapping) or is_null(node):
            return node if isinstance(node, nodes.Mapping) else None
        return refuse(node.span, f"`{name}` must be a mapping")

    def items(self, name: str) -> list[nodes.Node]:
        """Return the items of an option that is a list; raise PlaybookInvalid."""
        node = self.root.get(name)
        if node is None or isinstance(node, nodes.Sequence) or is_null(node):
            return node.items if isinstance(node, nodes.Sequence) else []
        return refuse(node.span, f"`{name}` must be a list")

    def join(self, host: str, group: str, span: Span) -> None:
        """Put a host into a group; raise PlaybookInvalid if one is named like the other."""
        if host == group:
            refuse(span, f"group `{group}` is named like the host that it would hold")
        self.inventory.enlist(host, group)

    def warn_of_unknown(self, node: nodes.Mapping, known: Collection[str], what: str) -> None:
        """Warn of every key that is none of `known`: it is ignored."""
        for key, _ in node.pairs():
            if key.written not in known:
                self.inventory.warnings.append(_ignored(key, known, what))


PluginReader = Callable[[PluginFile], None]


def is_null(node: nodes.Node) -> bool:
    """Tell whether a node is empty or `null`."""
    return isinstance(node, nodes.Scalar) and node.value is None


def refuse(span: Span | None, message: str, help_: str | None = None) -> Never:
    """Raise PlaybookInvalid with one finding."""
    said = Diagnostic(code="invalid-inventory", message=message, span=span, help=help_)
    raise PlaybookInvalid([said])


def failed(failure: TemplateFailed, span: Span, what: str) -> PlaybookInvalid:
    """Return the refusal of a text that could not be rendered."""
    message = f"{what}: {failure}"
    place = failure.span or span
    said = Diagnostic(code=failure.code, message=message, span=place, help=failure.help)
    return PlaybookInvalid([said])


def unknown_plugin(node: nodes.Node, source: Source, known: Collection[str]) -> PlaybookInvalid:
    """Return the refusal of a plugin that is not here, and what to do instead."""
    name = node.written if isinstance(node, nodes.Scalar) else "?"
    near = did_you_mean(name, known)
    said = Diagnostic(
        code="unsupported-inventory",
        message=f"the inventory plugin `{name}` is not supported",
        span=node.span,
        help=f"did you mean `{near}`?"
        if near and "." not in name
        else f"run `ansible-inventory -i {source.name} --list > hosts.json` where the plugin is "
        "installed, and use `-i hosts.json`",
    )
    return PlaybookInvalid([said])


def _ignored(key: nodes.Scalar, known: Collection[str], what: str) -> Diagnostic:
    near = did_you_mean(key.written, known)
    return Diagnostic(
        code="unknown-key",
        message=f"`{key.written}` of {what} is ignored",
        span=key.span,
        severity=Severity.WARNING,
        help=f"did you mean `{near}`?" if near else None,
    )
