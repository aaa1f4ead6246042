"""The plugin `generator`: one host for every combination of the values of its layers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from understudy.inventory.model import GroupLoop
from understudy.inventory.plugins import PluginFile, failed, is_null, refuse
from understudy.text.nodes import Mapping, Node, Sequence
from understudy.text.source import Span
from understudy.values.errors import TemplateFailed
from understudy.values.load import load
from understudy.values.scope import Scope
from understudy.values.template import render
from understudy.values.texts import Template, Value

_OPTIONS = frozenset({"plugin", "hosts", "layers"})
_HOST = frozenset({"name", "parents"})
_PARENT = frozenset({"name", "parents", "vars"})
_MOST_HOSTS = 1_000_000


def read_generator(file: PluginFile) -> None:
    """Add the hosts and groups that a file of the plugin `generator` makes. Raise PlaybookInvalid.

    A name and the texts of a group's variables are rendered with the values of the layers; what
    lies deeper in a variable stays a template, for the run.
    """
    file.warn_of_unknown(file.root, _OPTIONS, "the plugin `generator`")
    hosts, layers = file.mapping("hosts"), file.mapping("layers")
    if hosts is None or layers is None:
        refuse(file.root.span, "the plugin `generator` needs `hosts` and `layers`")
    file.warn_of_unknown(hosts, _HOST, "`hosts`")
    _check_parents(hosts, file)
    maker = _Maker(file)
    for values in _combinations(layers):
        maker.add_host(hosts, Scope((values,)))


def _check_parents(element: Mapping, file: PluginFile) -> None:
    for parent in _parents(element):
        file.warn_of_unknown(parent, _PARENT, "a parent")
        _check_parents(parent, file)


def _parents(element: Mapping) -> Iterator[Mapping]:
    parents = element.get("parents")
    if parents is None or is_null(parents):
        return
    if not isinstance(parents, Sequence):
        refuse(parents.span, "`parents` must be a list", "write `- name: …` for each")
    for parent in parents.items:
        if not isinstance(parent, Mapping):
            refuse(parent.span, "a parent must be a mapping", "write `- name: …`")
        yield parent


def _combinations(layers: Mapping) -> Iterator[dict[str, Value]]:
    names = [key.written for key, _ in layers.pairs()]
    choices = [_choices(node) for _, node in layers.pairs()]
    total = 1
    for choice in choices:
        total *= len(choice)
    if total > _MOST_HOSTS:
        refuse(layers.span, f"these layers stand for more than {_MOST_HOSTS} hosts")
    return (dict(zip(names, chosen, strict=True)) for chosen in product(*choices))


def _choices(node: Node) -> list[Value]:
    if isinstance(node, Sequence):
        return [load(item) for item in node.items]
    return refuse(node.span, "a layer is a list of values", "write `name: [one, two]`")


@dataclass(frozen=True, slots=True)
class _Maker:
    file: PluginFile

    def add_host(self, element: Mapping, scope: Scope) -> None:
        name = self._name(element, scope)
        if not name:
            refuse(element.span, "a host has no name")
        self.file.inventory.host(name, self.file.source.name, element.span)
        for parent, group in self._named_parents(element, name, scope):
            self.file.join(name, group, parent.span)
            self._adorn(parent, group, scope)

    def _adorn(self, element: Mapping, name: str, scope: Scope) -> None:
        """Give a group its variables and its parents."""
        group = self.file.inventory.group(name)
        variables = element.get("vars")
        if isinstance(variables, Mapping):
            values = {key.written: self._value(item, scope) for key, item in variables.pairs()}
            self.file.inventory.give(group, values)
        for parent, above in self._named_parents(element, name, scope):
            try:
                self.file.inventory.add_child(above, name)
            except GroupLoop as error:
                refuse(parent.span, str(error))
            self._adorn(parent, above, scope)

    def _named_parents(
        self, element: Mapping, child: str, scope: Scope
    ) -> Iterator[tuple[Mapping, str]]:
        for parent in _parents(element):
            name = self._name(parent, scope)
            if not name:
                refuse(parent.span, f"Element {child} has a parent with no name.")
            yield parent, name

    def _name(self, element: Mapping, scope: Scope) -> str:
        node = element.get("name")
        if node is None:
            return ""
        name = self._value(node, scope)
        return name if isinstance(name, str) else _not_a_text(name, node.span)

    def _value(self, node: Node, scope: Scope) -> Value:
        """Return a value, rendered if it is itself a text."""
        value = load(node)
        if not isinstance(value, Template):
            return value
        try:
            return render(value, scope)
        except TemplateFailed as failure:
            raise failed(failure, node.span, "cannot generate hosts") from failure


def _not_a_text(value: Value, span: Span) -> str:
    return refuse(span, f"the name `{value}` is not a text")
