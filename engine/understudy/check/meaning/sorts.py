"""What sort of value an expression surely yields, told from its text and from where it stands."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TypeAlias

from jinja2 import nodes

from understudy.check.flow.known import UNKNOWN
from understudy.check.flow.reads import Chain, Path, chain_of
from understudy.check.flow.visits import Read, Registered, Visit
from understudy.values.texts import Value


class Sort(Enum):
    """What sort of value something is, in words, or UNKNOWN."""

    BOOLEAN = "a boolean"
    TEXT = "a text"
    NUMBER = "a number"
    LIST = "a list"
    MAPPING = "a mapping"
    NOTHING = "nothing"
    UNKNOWN = "unknown"


NO_BOOLEANS = frozenset(Sort) - {Sort.BOOLEAN, Sort.UNKNOWN}
SortOfChain: TypeAlias = Callable[[Chain], Sort]


def sort_of(value: Value) -> Sort:
    """Return what sort of value a value is."""
    for sort, types in _TYPES:
        if isinstance(value, types):
            return sort
    return Sort.NOTHING if value is None else Sort.UNKNOWN


_TYPES: tuple[tuple[Sort, tuple[type, ...]], ...] = (
    (Sort.BOOLEAN, (bool,)),
    (Sort.TEXT, (str,)),
    (Sort.NUMBER, (int, float)),
    (Sort.LIST, (list, tuple)),
    (Sort.MAPPING, (dict,)),
)


def sort_of_node(node: nodes.Node, sort_of_chain: SortOfChain) -> Sort:
    """Return the sort of a part that is no choice between others."""
    chain = chain_of(node)
    if chain is not None:
        return sort_of_chain(chain)
    if isinstance(node, nodes.Const):
        return sort_of(node.value)
    if isinstance(node, nodes.Filter):
        return _BY_FILTER.get(node.name.rpartition(".")[2], Sort.UNKNOWN)
    if isinstance(node, nodes.Call):
        return _of_call(node)
    return next((sort for kind, sort in _BY_NODE if isinstance(node, kind)), Sort.UNKNOWN)


_BY_NODE: tuple[tuple[type[nodes.Node], Sort], ...] = (
    (nodes.Compare, Sort.BOOLEAN),
    (nodes.Not, Sort.BOOLEAN),
    (nodes.Test, Sort.BOOLEAN),
    (nodes.Concat, Sort.TEXT),
    (nodes.List, Sort.LIST),
    (nodes.Tuple, Sort.LIST),
    (nodes.Dict, Sort.MAPPING),
    (nodes.Sub, Sort.NUMBER),
    (nodes.Div, Sort.NUMBER),
    (nodes.FloorDiv, Sort.NUMBER),
    (nodes.Pow, Sort.NUMBER),
)
_FILTERS = {
    Sort.BOOLEAN: "bool",
    Sort.NUMBER: "abs count float int length round wordcount",
    Sort.TEXT: (
        "b64decode b64encode basename capitalize checksum comment dirname expanduser hash"
        " human_readable indent join lower md5 path_join quote regex_escape regex_replace"
        " regex_search replace sha1 string title to_json to_nice_json to_nice_yaml to_yaml tojson"
        " trim upper urlencode"
    ),
    Sort.LIST: (
        "batch combinations dict2items dictsort difference flatten groupby intersect items list map"
        " permutations product regex_findall reject rejectattr select selectattr shuffle sort split"
        " splitext subelements symmetric_difference union unique zip zip_longest"
    ),
    Sort.MAPPING: "combine items2dict",
}
_BY_FILTER = {name: sort for sort, names in _FILTERS.items() for name in names.split()}
_METHODS = {
    "find": Sort.NUMBER,
    "join": Sort.TEXT,
    "keys": Sort.LIST,
    "lower": Sort.TEXT,
    "replace": Sort.TEXT,
    "split": Sort.LIST,
    "splitlines": Sort.LIST,
    "strip": Sort.TEXT,
    "upper": Sort.TEXT,
    "values": Sort.LIST,
}
_LOOKUPS = {"env": Sort.TEXT, "file": Sort.TEXT, "pipe": Sort.TEXT}


def _of_call(node: nodes.Call) -> Sort:
    """Return the sort of what a method of a text, or a lookup, yields."""
    if isinstance(node.node, nodes.Getattr):
        return _METHODS.get(node.node.attr, Sort.UNKNOWN)
    name = node.node.name if isinstance(node.node, nodes.Name) else ""
    if name in ("q", "query"):
        return Sort.LIST
    first = node.args[0] if node.args else None
    if name != "lookup" or node.kwargs or not isinstance(first, nodes.Const):
        return Sort.UNKNOWN
    return _LOOKUPS.get(str(first.value).rpartition(".")[2], Sort.UNKNOWN)


def sort_of_read(visit: Visit, read: Read) -> Sort:
    """Return the sort of what is read: a part of results, or a variable of the text."""
    origin, chain = visit.meaning(read)
    if origin.results:
        sorts = {_in_result(one, chain.path, of_item=one is visit.given) for one in origin.results}
        return sorts.pop() if len(sorts) == 1 else Sort.UNKNOWN
    value = visit.known(visit.names.get(chain.name)) if not origin.sources else UNKNOWN
    for key in chain.path:
        if not isinstance(value, dict) or key not in value:
            return Sort.UNKNOWN
        value = value[key]
    return sort_of(value)


def _in_result(result: Registered, path: Path, *, of_item: bool) -> Sort:
    """Return the sort of a part of a task's result; in its own `until` it is that of one item."""
    if result.task.loop is not None and not of_item:
        if path[:1] != ("results",):
            return Sort.UNKNOWN if path else Sort.MAPPING
        if len(path) == 1:
            return Sort.LIST
        path = path[2:]
    if not path:
        return Sort.MAPPING
    if len(path) > 1:
        return Sort.UNKNOWN
    of_module = _RESULTS.get(result.task.action.name, {})
    return of_module.get(str(path[0]), _COMMON.get(str(path[0]), Sort.UNKNOWN))


_OF_COMMAND = {
    "rc": Sort.NUMBER,
    "stdout": Sort.TEXT,
    "stderr": Sort.TEXT,
    "stdout_lines": Sort.LIST,
    "stderr_lines": Sort.LIST,
}
_COMMON = {
    "ansible_job_id": Sort.TEXT,
    "attempts": Sort.NUMBER,
    "changed": Sort.BOOLEAN,
    "failed": Sort.BOOLEAN,
}
_RESULTS = {
    "command": _OF_COMMAND,
    "shell": _OF_COMMAND,
    "raw": _OF_COMMAND,
    "script": _OF_COMMAND,
    "expect": _OF_COMMAND,
    "find": {"files": Sort.LIST, "matched": Sort.NUMBER},
    "slurp": {"content": Sort.TEXT},
    "stat": {"stat": Sort.MAPPING},
    "uri": {"status": Sort.NUMBER, "content": Sort.TEXT},
}
