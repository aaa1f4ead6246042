"""What an author's text reads: each variable with the way into it, `r.results[0].rc`.

A text is parsed once, whatever stands around it. What a text binds itself (`{% set %}`,
`{% for %}`) is no variable and is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from jinja2 import nodes

from understudy.text.offsets import part_of
from understudy.text.source import Span
from understudy.values.environment import environment
from understudy.values.errors import TemplateFailed
from understudy.values.program import parse_text, unknown_call
from understudy.values.texts import Expression, Template

Path: TypeAlias = tuple[str | int | None, ...]
"""Attributes and indexes, outermost first; None is what only a run can tell."""


@dataclass(frozen=True, slots=True)
class Chain:
    """One reading of a variable: of `r.results | length` the name `r`, the path (`results`,)."""

    name: str
    path: Path = ()
    filters: tuple[str, ...] = ()
    """What it is passed through at once, innermost first."""
    test: str | None = None
    """The test that it is put to at once: `finished` in `r is finished`."""
    guarded: bool = False
    """Whether the text also says what holds if it is not defined."""
    nth: int = 0
    """How many readings of the same name and path stand before it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a text: `failure` is why Jinja cannot read it."""

    chains: tuple[Chain, ...] = ()
    filters: frozenset[str] = frozenset()
    tests: frozenset[str] = frozenset()
    calls: frozenset[str] = frozenset()
    """Names of functions: `lookup`, `now`."""
    lookups: frozenset[str] = frozenset()
    """The lookups that are called; an empty name is one that only a run can tell."""
    sole: Chain | None = None
    """The one chain that the text is, with nothing around it but filters."""
    is_bounded: bool = False
    """Whether its value takes little time and memory, and is the same whenever it is asked for."""
    factors: frozenset[str] = frozenset()
    """The variables of which that is so only if they are numbers."""
    failure: TemplateFailed | None = None
    """Where only a filter or a test is not known, all the rest is."""


def facts_of(text: Template | Expression) -> Facts:
    """Return what is known of a text without rendering it."""
    return _facts(text.text, isinstance(text, Template))


@cache
def _facts(text: str, is_template: bool) -> Facts:  # noqa: FBT001 (a part of the key)
    try:
        tree = parse_text(text, is_template=is_template)
    except TemplateFailed as failure:
        return Facts(failure=failure)
    if _depth(tree) > _DEEPEST:
        message = "this is nested too deep to be read"
        return Facts(failure=TemplateFailed(message, code="template-syntax", text=text))
    every = list(tree.find_all(nodes.Node))
    calls = [node for node in every if isinstance(node, nodes.Call)]
    named = [call for call in calls if isinstance(call.node, nodes.Name)]
    chains = tuple(_numbered(_chains(tree, every)))
    factors = _factors(every)
    return Facts(
        chains,
        frozenset(node.name for node in every if isinstance(node, nodes.Filter)),
        frozenset(node.name for node in every if isinstance(node, nodes.Test)),
        frozenset(_called(node) for node in named),
        frozenset(_first_argument(node) for node in named if _called(node) in _LOOKUPS),
        sole=_sole(tree, chains),
        is_bounded=factors is not None and all(isinstance(node, _BOUNDED) for node in every),
        factors=factors or frozenset(),
        failure=unknown_call(text, tree, is_template=is_template),
    )


_BOUNDED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.CondExpr, nodes.Filter),
    *(nodes.Const, nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Slice, nodes.Test),
    *(nodes.List, nodes.Tuple, nodes.Dict, nodes.Pair, nodes.Keyword, nodes.Concat),
    *(nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Neg, nodes.Pos),
    *(nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod),
)
"""What makes nothing that is much longer than what it is made of, and calls nothing."""
_GROWING = frozenset(
    "batch center combinations format indent join map match permutations product regex"
    " regex_findall regex_replace regex_search reject rejectattr replace search select selectattr"
    " slice subelements urlize wordwrap zip zip_longest".split()
)
_NUMBERS = frozenset("abs count float int length round".split())
_DEEPEST = 150


def _depth(tree: nodes.Node) -> int:
    """Return how deep a tree is, without going deep oneself."""
    depth, level = 0, [tree]
    while level and depth <= _DEEPEST:
        level = [child for node in level for child in node.iter_child_nodes()]
        depth += 1
    return depth


def _factors(every: list[nodes.Node]) -> frozenset[str] | None:
    """Return the variables that are multiplied; None where it may be texts, or grow otherwise."""
    named = (node for node in every if isinstance(node, nodes.Filter | nodes.Test))
    if any(node.name in _GROWING for node in named):
        return None
    names: set[str] = set()
    waiting = [node for node in every if isinstance(node, nodes.Mul | nodes.Mod)]
    while waiting:
        node = waiting.pop()
        for side in node.iter_child_nodes():
            if isinstance(side, nodes.Name):
                names.add(side.name)
            elif isinstance(side, nodes.Add | nodes.Sub | nodes.Neg):
                waiting.append(side)  # type: ignore[arg-type]
            elif not _is_number(side):
                return None
    return frozenset(names)


def _is_number(node: nodes.Node) -> bool:
    if isinstance(node, nodes.Const):
        return isinstance(node.value, int | float)
    is_filtered = isinstance(node, nodes.Filter) and node.name in _NUMBERS
    return is_filtered or isinstance(node, nodes.Mul | nodes.Mod | nodes.Div | nodes.FloorDiv)


_LOOKUPS = frozenset({"lookup", "q", "query"})


def _called(node: nodes.Call) -> str:
    return node.node.name if isinstance(node.node, nodes.Name) else ""


def _first_argument(node: nodes.Call) -> str:
    first = node.args[0] if node.args else None
    if isinstance(first, nodes.Const) and isinstance(first.value, str):
        return first.value.rpartition(".")[2]
    return ""


def sole_chain(text: Template | Expression) -> Chain | None:
    """Return the one variable that a text is, with nothing around it but filters."""
    return facts_of(text).sole


def _sole(tree: nodes.Template, chains: tuple[Chain, ...]) -> Chain | None:
    """Return the chain that is the whole of a tree; `r.rc == 0` holds one, and is none."""
    output = tree.body[0] if len(tree.body) == 1 else None
    if len(chains) != 1 or not isinstance(output, nodes.Output) or len(output.nodes) != 1:
        return None
    node: nodes.Node | None = output.nodes[0]
    while isinstance(node, nodes.Filter):
        node = node.node
    return chains[0] if node is not None and chain_of(node) is not None else None


def _numbered(chains: Iterator[Chain]) -> Iterator[Chain]:
    seen: dict[tuple[str, Path], int] = {}
    for chain in chains:
        key = chain.name, chain.path
        seen[key] = nth = seen.get(key, -1) + 1
        yield chain if nth == 0 else _with_number(chain, nth)


def _with_number(chain: Chain, nth: int) -> Chain:
    return Chain(chain.name, chain.path, chain.filters, chain.test, chain.guarded, nth)


_GUARDS = frozenset({"defined", "undefined"})
_DEFAULTS = frozenset({"default", "d"})


def _chains(tree: nodes.Template, every: list[nodes.Node]) -> Iterator[Chain]:
    bound = {node.name for node in every if isinstance(node, nodes.Name) and node.ctx != "load"}
    bound |= {node.name for node in every if isinstance(node, nodes.Macro)}
    bound |= {name for node in every for name in _imported(node)}
    called = {id(node.node) for node in every if isinstance(node, nodes.Call)}
    guarded = _guarded(every)
    for chain, node in _read(tree, (), None):
        is_call = id(node) in called
        if chain.name in bound or (is_call and chain.name in environment().globals):
            continue
        is_guarded = (chain.name, chain.path) in guarded or bool(_DEFAULTS & {*chain.filters})
        yield Chain(chain.name, chain.path, chain.filters, chain.test, is_guarded)


def _imported(node: nodes.Node) -> Iterator[str]:
    """Yield the names that an import from another file gives."""
    if isinstance(node, nodes.Import):
        yield node.target
    elif isinstance(node, nodes.FromImport):
        for name in node.names:
            yield name if isinstance(name, str) else name[1]


def _guarded(every: list[nodes.Node]) -> set[tuple[str, Path]]:
    """Return what the text asks for being defined, and all that it is a part of or leads to."""
    tests = (node for node in every if isinstance(node, nodes.Test) and node.name in _GUARDS)
    found = (chain_of(node.node) for node in tests)
    return {(chain.name, chain.path) for chain in found if chain is not None}


def _read(
    node: nodes.Node, filters: tuple[str, ...], test: str | None
) -> Iterator[tuple[Chain, nodes.Node]]:
    """Yield every chain in a tree with the node of its name, in the order of the tree."""
    chain = chain_of(node)
    if chain is not None:
        yield Chain(chain.name, chain.path, filters, test), _root(node)
        yield from (found for key in _keys(node) for found in _read(key, (), None))
    elif isinstance(node, nodes.Filter) and node.node is not None:
        yield from _read(node.node, (node.name, *filters), None)
        yield from _arguments(node)
    elif isinstance(node, nodes.Test):
        yield from _read(node.node, (), node.name)
        yield from _arguments(node)
    else:
        for child in node.iter_child_nodes():
            yield from _read(child, (), None)


def _arguments(node: nodes.Filter | nodes.Test) -> Iterator[tuple[Chain, nodes.Node]]:
    for child in node.iter_child_nodes(exclude=("node",)):
        yield from _read(child, (), None)


def chain_of(node: nodes.Node) -> Chain | None:
    """Return the chain that a node of a tree is, without what is done with its value."""
    path: list[str | int | None] = []
    while isinstance(node, nodes.Getattr | nodes.Getitem):
        path.append(node.attr if isinstance(node, nodes.Getattr) else _key(node.arg))
        node = node.node
    if isinstance(node, nodes.Name) and node.ctx == "load":
        return Chain(node.name, tuple(reversed(path)))
    return None


def _root(node: nodes.Node) -> nodes.Node:
    while isinstance(node, nodes.Getattr | nodes.Getitem):
        node = node.node
    return node


def _keys(node: nodes.Node) -> Iterator[nodes.Node]:
    """Yield what stands in the brackets of a chain."""
    while isinstance(node, nodes.Getattr | nodes.Getitem):
        if isinstance(node, nodes.Getitem):
            yield node.arg
        node = node.node


def _key(node: nodes.Node) -> str | int | None:
    if isinstance(node, nodes.Const) and isinstance(node.value, str | int):
        return node.value
    return None


def place_of_chain(chain: Chain, text: Template | Expression) -> Span | None:
    """Return where a chain of a text stands in the file; the whole text if that is not clear."""
    if text.span is None:
        return None
    found = [(start, end) for start, end, *read in _written(text) if read[0] == chain.name]
    exact = [
        (start, end)
        for start, end, name, path in _written(text)
        if (name, path[: len(chain.path)]) == (chain.name, chain.path)
    ]
    places = exact or found
    if not places:
        return text.span
    start, end = places[min(chain.nth, len(places) - 1)]
    return part_of(text.text, text.span, start, end)


def _written(text: Template | Expression) -> Iterator[tuple[int, int, str, Path]]:
    """Yield begin, end, name and path of everything in a text that looks like a chain."""
    tokens = list(_tokens(text))
    place = 0
    while place < len(tokens):
        start, kind, word = tokens[place]
        if kind != "name" or (place and tokens[place - 1][2] in (".", "|")):
            place += 1
            continue
        path: list[str | int | None] = []
        end, place = start + len(word), place + 1
        while place + 1 < len(tokens):
            step = _step(tokens, place)
            if step is None:
                break
            key, place = step
            path.append(key)
            end = tokens[place - 1][0] + len(tokens[place - 1][2])
        yield start, end, word, tuple(path)


_Tokens: TypeAlias = list[tuple[int, str, str]]


def _step(tokens: _Tokens, place: int) -> tuple[str | int | None, int] | None:
    """Return one attribute or index that stands at a place, and what comes after it."""
    word, following = tokens[place][2], tokens[place + 1]
    if word == "." and following[1] in ("name", "integer"):
        return (int(following[2]) if following[1] == "integer" else following[2]), place + 2
    if word == "[" and place + 2 < len(tokens) and tokens[place + 2][2] == "]":
        if following[1] == "string":
            return following[2][1:-1], place + 3
        if following[1] == "integer":
            return int(following[2]), place + 3
        return None, place + 3
    return None


def _tokens(text: Template | Expression) -> Iterator[tuple[int, str, str]]:
    """Yield place, kind and text of each token but white space.

    Jinja drops white space beside `{%-`, so a token is looked for from where the last one ended.
    """
    state = None if isinstance(text, Template) else "variable"
    lexer = environment().lexer
    place = 0
    for _, kind, word in lexer.tokeniter(text.text, None, None, state):
        found = text.text.find(word, place)
        if found >= 0 and word.strip() and kind not in ("data", "whitespace"):
            yield found, kind, word
        place = found + len(word) if found >= 0 else place
