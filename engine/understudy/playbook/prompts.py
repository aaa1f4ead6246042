"""`vars_prompt` of a play: the variables that a run asks its user for."""

from __future__ import annotations

from collections.abc import Iterator

from understudy.playbook.fields import Field, Fields, Report
from understudy.playbook.model import Prompt
from understudy.text.diagnostic import Diagnostic, did_you_mean
from understudy.text.nodes import Mapping, Node, Scalar, Sequence
from understudy.values.filters.passwords import scheme_of
from understudy.values.load import load
from understudy.values.texts import Template, Value

KEYS = "name prompt default private confirm encrypt salt salt_size unsafe".split()
_IN_ANSIBLE = "Ansible says: Invalid vars_prompt data structure"


def parse_prompts(fields: Fields, report: Report) -> tuple[Prompt, ...]:
    """Return what a play asks for; report everything that is wrong with it."""
    if "vars_prompt" not in fields:
        return ()
    return tuple(_prompt(node, report) for node in _mappings(fields["vars_prompt"]))


def _mappings(field: Field) -> Iterator[Mapping]:
    nodes: list[Node] = [field.node]
    if isinstance(field.node, Sequence):
        nodes = list(field.node.items)
    yield from (node for node in nodes if isinstance(node, Mapping))


def _prompt(node: Mapping, report: Report) -> Prompt:
    given = {name: load(node.entries[name][1]) for name in KEYS if name in node.entries}
    for key, _ in node.pairs():
        if key.value not in KEYS:
            report(_unknown(key))
    if given.get("name") is None:
        report(_nameless(node))
    wrong = _not_hashable(node, given.get("encrypt"))
    if wrong is not None:
        report(wrong)
    given["name"] = str(given.get("name"))
    return Prompt(span=node.span, **given)


def _not_hashable(node: Mapping, scheme: Value) -> Diagnostic | None:
    if scheme is None or isinstance(scheme, Template) or scheme_of(str(scheme)):
        return None
    value: Node = node.entries["encrypt"][1]
    message = f"there is no way to hash named `{scheme}`"
    help_ = "there is `bcrypt`, `md5_crypt`, `sha256_crypt`, `sha512_crypt`"
    return Diagnostic(code="not-supported", message=message, span=value.span, help=help_)


def _unknown(key: Scalar) -> Diagnostic:
    near = did_you_mean(str(key.value), KEYS)
    return Diagnostic(
        code="unknown-keyword",
        message=f"`{key.written}` is not a keyword of `vars_prompt`",
        span=key.span,
        notes=(f"{_IN_ANSIBLE}, found unsupported key '{key.written}'",),
        help=f"did you mean `{near}`?" if near else None,
    )


def _nameless(node: Mapping) -> Diagnostic:
    return Diagnostic(
        code="keyword-type",
        message="`vars_prompt` must say the `name` of the variable it asks for",
        span=next((key.span for key, _ in node.pairs()), node.span),
        notes=(f"{_IN_ANSIBLE}, missing 'name' key",),
    )
