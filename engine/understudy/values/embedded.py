"""Templates inside the strings of an expression, which Ansible renders in two places.

These are the strings of a condition (`when: name == '{{ other }}'`) and the terms of a lookup. Such
a string is the author's text like all around it. Elsewhere it stays as it is, braces and all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from jinja2 import nodes
from jinja2.runtime import Context
from jinja2.visitor import NodeTransformer

from understudy.values.texts import Template, Value, is_template

if TYPE_CHECKING:
    from understudy.values.program import LazyContext

_LOOKUPS = ("lookup", "q", "query")
_LITERALS = (nodes.Const, nodes.List, nodes.Tuple, nodes.Dict, nodes.Pair)


def embedded(context: Context, text: str) -> Value:
    """Return what a string's template yields, with a warning.

    No template can name this: it is called with the author's own strings alone. As a filter it
    could be chosen by a host's data, through `map`, and be given more of them.
    """
    resolver = cast("LazyContext", context).resolver
    resolver.warn(
        f"a template inside a string of an expression is rendered: `{text}`; "
        "write the variable itself, without quotes and braces"
    )
    return resolver.adopt(Template(text))


def render_strings(template: nodes.Template) -> nodes.Template:
    """Have every string of a condition rendered that holds a template."""
    return cast("nodes.Template", _Strings().visit(template))


def render_terms(template: nodes.Template) -> nodes.Template:
    """Have the strings rendered that are a lookup's terms, or stand in a literal that is one."""
    return cast("nodes.Template", _Terms().visit(template))


class _Strings(NodeTransformer):
    def visit_Const(self, node: nodes.Const) -> nodes.Node:  # noqa: N802 (as Jinja calls it)
        if not isinstance(node.value, str) or not is_template(node.value):
            return node
        ours = nodes.EnvironmentAttribute(embedded.__name__)
        made = nodes.Call(ours, [nodes.ContextReference(), node], [], None, None)
        made.set_lineno(node.lineno)
        if node.environment is not None:
            made.set_environment(node.environment)
        return made


class _Literals(_Strings):
    """Goes into literals only: what is computed is no author's text any more."""

    def generic_visit(self, node: nodes.Node, *args: object, **kwargs: object) -> nodes.Node:
        return super().generic_visit(node, *args, **kwargs) if isinstance(node, _LITERALS) else node


class _Terms(NodeTransformer):
    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 (as Jinja calls it)
        self.generic_visit(node)
        if isinstance(node.node, nodes.Name) and node.node.name in _LOOKUPS:
            node.args = [*node.args[:1], *(_Literals().visit(one) for one in node.args[1:])]
        return node
