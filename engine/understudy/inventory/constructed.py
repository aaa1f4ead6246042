"""The plugin `constructed`: variables and groups made of the variables of hosts read before.

For each host: `compose` sets variables, all of them from what the host had before; then `groups`
are joined by condition and `keyed_groups` by value. What cannot be evaluated is passed over, or
with `strict` ends the reading of the source; what was made until then stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from understudy.inventory.keyed_groups import KeyedGroup, read_keyed_group
from understudy.inventory.model import GroupLoop, Host, Inventory
from understudy.inventory.plugins import PluginFile, failed, refuse
from understudy.inventory.safe_names import safe_name
from understudy.inventory.variables import HostVariables
from understudy.text.diagnostic import Diagnostic, Severity
from understudy.text.nodes import Mapping as MappingNode
from understudy.text.nodes import Scalar
from understudy.text.source import Span
from understudy.values.conditions import trusted_expression
from understudy.values.errors import TemplateFailed
from understudy.values.lazy import OMIT
from understudy.values.load import load
from understudy.values.scope import Scope
from understudy.values.template import condition, evaluate, render
from understudy.values.texts import Authored, Expression, Template, Value
from understudy.values.world import NoWorld

Layer: TypeAlias = Mapping[str, Value]
_OPTIONS = frozenset(
    "plugin strict compose groups keyed_groups use_extra_vars use_vars_plugins leading_separator"
    " cache cache_plugin cache_connection cache_prefix cache_timeout".split()
)


def read_constructed(file: PluginFile) -> None:
    """Add what a file of the plugin `constructed` makes. Raise PlaybookInvalid."""
    file.warn_of_unknown(file.root, _OPTIONS, "the plugin `constructed`")
    leading = file.flag("leading_separator", default=True)
    extra = file.flag("use_extra_vars", default=file.use_extra_vars)
    maker = _Maker(
        file,
        compose=file.mapping("compose"),
        groups=file.mapping("groups"),
        keyed=[
            read_keyed_group(item, file, leading=leading) for item in file.items("keyed_groups")
        ],
        strict=file.flag("strict", default=False),
        variables=HostVariables(file.inventory),
        files=file.flag("use_vars_plugins", default=False),
        above=(file.extra_vars,) if extra else (),
        world=_world(file.inventory),
    )
    for host in list(file.inventory.hosts.values()):
        maker.construct(host)
    for message in dict.fromkeys(maker.world.warnings):
        file.inventory.warnings.append(
            Diagnostic(code="template", message=message, severity=Severity.WARNING)
        )


@dataclass(frozen=True, slots=True)
class _Maker:
    file: PluginFile
    compose: MappingNode | None
    groups: MappingNode | None
    keyed: list[KeyedGroup]
    strict: bool
    variables: HostVariables
    files: bool
    """Whether files of variables beside the sources count."""
    above: tuple[Layer, ...]
    world: NoWorld

    @property
    def inventory(self) -> Inventory:
        return self.file.inventory

    def construct(self, host: Host) -> None:
        composed = dict(self._composed(host))
        if composed:
            self.inventory.give(host, composed)
        scope = self._scope(host)
        self._join_groups(host, scope)
        for keyed in self.keyed:
            self._join_keyed(host, keyed, scope)

    def _composed(self, host: Host) -> Iterator[tuple[str, Value]]:
        if self.compose is None:
            return
        scope = self._scope(host)
        for key, node in self.compose.pairs():
            try:
                yield key.written, _evaluated(load(node), scope)
            except TemplateFailed as failure:
                self._pass_over(failure, node.span, f"cannot set `{key.written}` of `{host.name}`")

    def _join_groups(self, host: Host, scope: Scope) -> None:
        if self.groups is None:
            return
        for key, node in self.groups.pairs():
            name = _group_name(key)
            try:
                wanted = condition(load(node), scope)
            except TemplateFailed as failure:
                self._pass_over(failure, node.span, f"cannot add `{host.name}` to group `{name}`")
                continue
            if wanted:
                self.file.join(host.name, name, key.span)

    def _join_keyed(self, host: Host, keyed: KeyedGroup, scope: Scope) -> None:
        try:
            value = _evaluated(keyed.key, scope)
        except TemplateFailed as failure:
            self._pass_over(failure, keyed.span, f"cannot make a keyed group of `{host.name}`")
            return
        for name in self._names(host, keyed, value):
            self._join(host, name, keyed, scope)

    def _names(self, host: Host, keyed: KeyedGroup, value: Value) -> list[str]:
        empty = not value and not isinstance(value, (list, dict))
        if not empty or (keyed.default is not None and value in ("", None)):
            return [safe_name(name) for name in keyed.names(value)]
        if self.strict:
            refuse(keyed.span, f"the key of a keyed group is empty for host `{host.name}`")
        return []

    def _join(self, host: Host, name: str, keyed: KeyedGroup, scope: Scope) -> None:
        if not name:
            refuse(keyed.span, f"a keyed group of host `{host.name}` has no name")
        try:
            parent = render(keyed.parent, scope)
        except TemplateFailed as failure:
            self._pass_over(failure, keyed.span, f"cannot name the parent of group `{name}`")
            return
        self.file.join(host.name, name, keyed.span)
        if parent:
            self._adopt(parent, name, keyed.span)

    def _adopt(self, parent: Value, name: str, span: Span) -> None:
        if not isinstance(parent, str):
            refuse(span, f"the parent of group `{name}` is not a text but `{parent}`")
        try:
            self.inventory.add_child(safe_name(parent), name)
        except GroupLoop as error:
            refuse(span, str(error))

    def _pass_over(self, failure: TemplateFailed, span: Span, what: str) -> None:
        """Do nothing, or raise PlaybookInvalid when the file is strict."""
        if self.strict:
            raise failed(failure, span, what) from failure

    def _scope(self, host: Host) -> Scope:
        """Return what the texts see: no other host, no run, only what inventories say."""
        layers = self.variables.of_inventory(host, files=self.files)
        known = (layer.values for layer in layers)
        return Scope((*self.above, self._identity(host), *known), self.world)

    def _identity(self, host: Host) -> dict[str, Value]:
        return {
            "inventory_hostname": host.name,
            "inventory_hostname_short": host.name.split(".", maxsplit=1)[0],
            "group_names": self.inventory.group_names(host),
            "inventory_file": host.inventory_file,
            "inventory_dir": host.inventory_dir,
            "omit": OMIT,
        }


def _world(inventory: Inventory) -> NoWorld:
    world = NoWorld()
    world.merges_hashes = inventory.merges_hashes
    return world


def _group_name(key: Scalar) -> str:
    """Return the name of a group that `groups` makes; raise PlaybookInvalid."""
    if not isinstance(key.value, str) or not key.value:
        refuse(key.span, f"the group name `{key.written}` is not a text", "write it in quotes")
    name = safe_name(key.value)
    if name == "all":
        refuse(key.span, "every host is in group `all` anyway")
    return name


def _evaluated(text: Value, scope: Scope) -> Value:
    """Return the value of an author's expression; raise TemplateFailed."""
    value = evaluate(_expression(text), scope)
    if value is OMIT:
        raise TemplateFailed("A template was resolved to an Omit scalar.", code="omitted")
    return value


def _expression(text: Value) -> Expression:
    if isinstance(text, Template):
        return Expression(text.text, text.span)
    if isinstance(text, Authored) or type(text) is str:
        return trusted_expression(text)
    message = f"an expression is a text, not `{text}`"
    raise TemplateFailed(message, code="expression-not-text")
