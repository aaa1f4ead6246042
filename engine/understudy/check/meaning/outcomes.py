"""What a condition can yield, as far as its text tells.

Of `a and b` each side can become the value: `a` where it counts as false, else `b`. So a condition
has several outcomes, and each is of a sort that is known or not. Since ansible-core 2.19 a
condition must yield a boolean.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from jinja2 import nodes

from understudy.check.flow.known import UNKNOWN
from understudy.check.flow.reads import Chain, chain_of
from understudy.check.flow.visits import Visit
from understudy.check.meaning.sorts import (
    NO_BOOLEANS,
    Sort,
    SortOfChain,
    sort_of,
    sort_of_node,
    sort_of_read,
)
from understudy.check.rule import Rule
from understudy.playbook.model import Task
from understudy.text.diagnostic import Diagnostic, Edit, Fix, Severity
from understudy.text.offsets import part_of
from understudy.text.source import Span
from understudy.values.conditions import as_condition
from understudy.values.errors import TemplateFailed
from understudy.values.program import parse_text
from understudy.values.texts import Expression, Template, Value

Condition: TypeAlias = Template | Expression


@dataclass(frozen=True, slots=True)
class Outcome:
    """One part of a condition whose value can become that of the whole."""

    node: nodes.Node
    sort: Sort


@dataclass(frozen=True, slots=True)
class NoBoolean:
    """Why a condition is no boolean: always, or only sometimes."""

    written: str
    """The part that is none."""
    span: Span | None
    sort: Sort
    always: bool
    is_default: bool = False
    """Whether it stands for what is not defined: `x | default('')`."""
    is_literal: bool = False
    is_result: bool = False
    """Whether it is the whole result of a task."""


def conditions_of(task: Task) -> Iterator[tuple[str, Condition]]:
    """Yield every text of a task that is a condition, with its keyword."""
    loop = task.loop
    of_keyword = {
        "when": task.inherited.when,
        "until": task.until,
        "changed_when": task.changed_when,
        "failed_when": task.failed_when,
        "break_when": loop.break_when if loop else (),
        "that": _asserted(task),
    }
    for keyword, texts in of_keyword.items():
        for text in texts:
            if isinstance(text, Template | Expression):
                yield keyword, text


def _asserted(task: Task) -> Iterator[Value]:
    """Yield what `assert` looks at; a template in place of its list may be one."""
    written = task.action.args.get("that") if task.action.name == "assert" else None
    if isinstance(written, Template):
        return
    for one in written if isinstance(written, list) else [written]:
        try:
            yield as_condition(one)
        except TemplateFailed:
            continue


def is_boolean(visit: Visit, text: Condition) -> bool:
    """Tell whether a condition surely is a boolean, or an error."""
    root = expression_of(text)
    found = outcomes(root, _sorts_in(visit, text)) if root is not None else ()
    return root is not None and all(one.sort is Sort.BOOLEAN for one in found)


def no_boolean(visit: Visit, text: Condition) -> NoBoolean | None:
    """Return how a condition of a task surely is no boolean, always or in some case."""
    root = expression_of(text)
    if root is None:
        return None
    value = visit.known(text)
    if value is UNKNOWN:
        found = list(outcomes(root, _sorts_in(visit, text)))
    else:
        found = [Outcome(root, sort_of(value))]
    allowed = {Sort.TEXT, Sort.NOTHING} if isinstance(text, Template) else set()
    wrong = [one for one in found if one.sort in NO_BOOLEANS - allowed]
    if not wrong:
        return None
    always = len(wrong) == len(found)
    node = root if always else wrong[-1].node
    chain = chain_of(node)
    return NoBoolean(
        written_of(node) or _bare(text, node),
        text.span if always else _place(visit, text, node),
        wrong[-1].sort,
        always=always,
        is_default=not always and any(argument is node for argument in _defaults(root)),
        is_literal=next(node.find_all(nodes.Name), None) is None and chain is None,
        is_result=chain is not None and not chain.path,
    )


def _bare(text: Condition, node: nodes.Node) -> str:
    """Return an expression without braces around it, ready to be put through a filter."""
    written = one_line(text.text)
    written = written.strip("{}").strip() if isinstance(text, Template) else written
    is_one = isinstance(node, nodes.Filter | nodes.Call | nodes.List | nodes.Dict)
    return written if is_one else f"({written})"


def one_line(text: str) -> str:
    """Return a text without the line ends and indents that it is written with."""
    return " ".join(text.split())


def expression_of(text: Condition) -> nodes.Expr | None:
    """Return the one expression that a text is, or None."""
    return _expression(text.text, isinstance(text, Template))


@cache
def _expression(text: str, is_template: bool) -> nodes.Expr | None:  # noqa: FBT001 (of the key)
    try:
        tree = parse_text(text, is_template=is_template)
    except TemplateFailed:
        return None
    output = tree.body[0] if len(tree.body) == 1 else None
    if isinstance(output, nodes.Output) and len(output.nodes) == 1:
        found = output.nodes[0]
        return found if not isinstance(found, nodes.TemplateData) else None
    return None


def outcomes(node: nodes.Node, sort_of_chain: SortOfChain) -> Iterator[Outcome]:
    """Yield every part of an expression whose value can become the whole's."""
    if isinstance(node, nodes.And | nodes.Or):
        for one in outcomes(node.left, sort_of_chain):
            yield from _of_left(one, is_and=isinstance(node, nodes.And))
        yield from outcomes(node.right, sort_of_chain)
    elif isinstance(node, nodes.CondExpr):
        yield from outcomes(node.expr1, sort_of_chain)
        if node.expr2 is not None:
            yield from outcomes(node.expr2, sort_of_chain)
    elif isinstance(node, nodes.Filter) and node.name in _DEFAULTS and node.node is not None:
        yield from outcomes(node.node, sort_of_chain)
        for argument in node.args[:1]:
            yield from outcomes(argument, sort_of_chain)
    else:
        yield Outcome(node, sort_of_node(node, sort_of_chain))


def _of_left(one: Outcome, *, is_and: bool) -> Iterator[Outcome]:
    """Yield the left side of `and` or `or`, unless it always or never decides."""
    if isinstance(one.node, nodes.Const) and bool(one.node.value) is is_and:
        return
    if one.sort is Sort.MAPPING and is_and:  # A result is never empty.
        return
    yield one


_DEFAULTS = frozenset({"default", "d"})


def _sorts_in(visit: Visit, text: Condition) -> SortOfChain:
    """Return what tells the sort of each chain in a text of a task."""
    reads = {(one.chain.name, one.chain.path): one for one in visit.reads if one.text == text}

    def sort_of_chain(chain: Chain) -> Sort:
        read = reads.get((chain.name, chain.path))
        return sort_of_read(visit, read) if read else Sort.UNKNOWN

    return sort_of_chain


def _place(visit: Visit, text: Condition, node: nodes.Node) -> Span | None:
    """Return where a part of a condition stands: its first variable, or the whole condition."""
    inner = node
    while isinstance(inner, nodes.Filter) and inner.node is not None:
        inner = inner.node
    chain = chain_of(inner)
    if chain is None:
        return text.span
    for read in visit.reads:
        if read.text == text and (read.chain.name, read.chain.path) == (chain.name, chain.path):
            return read.span
    return text.span


def written_of(node: nodes.Node) -> str | None:
    """Return the text of a variable, a literal, or one of them with simple filters; or None."""
    chain = chain_of(node)
    if chain is not None:
        return chain.name + "".join(
            f".{key}" if isinstance(key, str) else f"[{'…' if key is None else key}]"
            for key in chain.path
        )
    if isinstance(node, nodes.Const):
        return repr(node.value) if node.value is not None else "none"
    if isinstance(node, nodes.Filter) and node.node is not None and not node.args:
        inner = written_of(node.node)
        return inner and f"{inner} | {node.name}"
    return None


def _defaults(root: nodes.Node) -> Iterator[nodes.Node]:
    """Yield what stands for undefined values: the arguments of `default`."""
    within = nodes.Output([root]) if isinstance(root, nodes.Expr) else root
    for one in within.find_all(nodes.Filter):
        if one.name in _DEFAULTS:
            yield from one.args[:1]


_SEARCH = " | regex_search("
_LENGTHS = ("| length", "| count")
_TRUE_BEFORE = "since ansible-core 2.19 the task fails then; before, "
_BEFORE = {
    Sort.TEXT: "a text counted as true unless it was empty",
    Sort.NUMBER: "a number counted as true unless it was 0",
    Sort.LIST: "a list counted as true unless it was empty",
    Sort.MAPPING: "a mapping counted as true unless it was empty",
    Sort.NOTHING: "nothing counted as false",
}


def finding_of(rule: Rule, keyword: str, text: Condition, found: NoBoolean) -> Diagnostic:
    """Return the finding of a rule about a condition that is no boolean."""
    sort = found.sort.value
    if found.always:
        message = f"`{one_line(text.text)}` is {sort}, not a boolean"
    elif found.is_default:
        message = f"this `{keyword}` is {sort} where the default `{found.written}` stands in"
    else:
        message = f"this `{keyword}` is {sort} where `{found.written}` decides"
    return rule.finding(
        found.span,
        message,
        severity=rule.severity if found.always else Severity.WARNING,
        notes=(_TRUE_BEFORE + _BEFORE[found.sort],),
        help=_help(found),
        fix=_counted(text) if found.always else None,
    )


def _help(found: NoBoolean) -> str:
    """Return what to write in place of a part that is no boolean."""
    part = found.written
    if found.is_default:
        return "write `default(false)`"
    if found.is_literal or found.sort is Sort.NOTHING:
        return "write what is to hold: a comparison or a test"
    if found.sort is Sort.NUMBER:
        return f"write {_compared(part)}"
    if found.sort is Sort.MAPPING:
        return f"write `{part} is success`" if found.is_result else f"name a key of `{part}`"
    if _SEARCH in part:
        return f"write `{part.replace(_SEARCH, ' is search(')}`"
    equal = f", or compare it: `{part} == 'yes'`" if found.sort is Sort.TEXT else ""
    return f"write `{part} | length > 0`{equal}"


def _compared(number: str) -> str:
    if number.endswith(_LENGTHS):
        return f"`{number} > 0`"
    if ".find(" in number:
        return f"`{number} >= 0`"
    return f"`{number} != 0`, or compare it with another number"


def _counted(text: Condition) -> Fix | None:
    """Return what compares a length with 0."""
    written = text.text.rstrip()
    if isinstance(text, Template) or text.span is None or not written.endswith(_LENGTHS):
        return None
    end = part_of(text.text, text.span, len(written) - 1, len(written)).end
    edit = Edit(Span(text.span.source, end, end), " > 0")
    return Fix(message=f"write `{written} > 0`", edits=(edit,))
