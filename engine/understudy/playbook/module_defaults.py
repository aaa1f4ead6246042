"""`module_defaults`: arguments by module; of a module the innermost ones count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as MappingLike

from understudy.playbook.fields import Fields, Report
from understudy.playbook.model import Inherited
from understudy.playbook.module_names import (
    find_module,
    is_full_name,
    is_known_elsewhere,
    may_be_elsewhere,
    short_name,
    unknown_module,
)
from understudy.playbook.project import Project
from understudy.text import nodes
from understudy.text.diagnostic import Diagnostic, did_you_mean
from understudy.text.nodes import Node, Scalar
from understudy.values.texts import Value

_GROUP, _BUILTIN = "group/", "ansible.builtin."
_EMPTY_HERE = frozenset("acme aws azure cpm docker gcp k8s os ovirt testlegacy vmware".split())
"""Groups of ansible.builtin whose modules all live in collections."""
_GROUPS: MappingLike[str, frozenset[str]] = {
    **dict.fromkeys(_EMPTY_HERE, frozenset()),
    "testgroup": frozenset({"ping"}),
}


def check_module_defaults(
    fields: Fields, project: Project, inherited: Inherited, report: Report
) -> None:
    """Report names that are those of no module and no group."""
    if "module_defaults" not in fields:
        return
    node = fields["module_defaults"].node
    for mapping in _mappings(node):
        for key, _ in mapping.pairs():
            found = _unknown(key, project)
            if found is not None:
                report(may_be_elsewhere(found, inherited.collections))


def _mappings(node: Node) -> Iterator[nodes.Mapping]:
    for one in node.items if isinstance(node, nodes.Sequence) else [node]:
        if isinstance(one, nodes.Mapping):
            yield one


def _unknown(key: Scalar, project: Project) -> Diagnostic | None:
    name = str(key.value)
    if name.startswith(_GROUP):
        return _unknown_group(key, name.removeprefix(_GROUP))
    if find_module(name) or is_known_elsewhere(name) or project.module(name, key.span):
        return None
    return unknown_module(name, key.span)


def _unknown_group(key: Scalar, name: str) -> Diagnostic | None:
    short = name.removeprefix(_BUILTIN)
    if short in _GROUPS:
        return None
    if is_full_name(short):
        collection = short.rpartition(".")[0]
        message = f"`{name}` is a group of `{collection}`, which is not supported yet"
        return Diagnostic(code="not-supported", message=message, span=key.span)
    near = did_you_mean(short, _GROUPS)
    return Diagnostic(
        code="unknown-group",
        message=f"there is no group of modules `{name}`",
        span=key.span,
        help=f"did you mean `group/{near}`?" if near else None,
    )


def defaults_of(module: str, levels: Sequence[Value]) -> tuple[Value, Value]:
    """Return the defaults of a module by its groups, and those by its name, which win over them.

    `levels` are the mappings, outermost first; the last one that has a name counts, whether with
    the name of the collection or without.
    """
    by_group: Value = {}
    by_name: Value = {}
    for level in levels:
        for key, args in (level or {}).items():
            if short_name(key) == module:
                by_name = args
            elif key.startswith(_GROUP) and module in _members(key):
                by_group = args
    return by_group or {}, by_name or {}


def _members(key: str) -> frozenset[str]:
    return _GROUPS.get(key.removeprefix(_GROUP).removeprefix(_BUILTIN), frozenset())
