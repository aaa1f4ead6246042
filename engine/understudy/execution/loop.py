"""The items of a loop, the variables each one brings, and the result of them all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from understudy.playbook.model import Loop
from understudy.values.errors import TemplateFailed
from understudy.values.lookups import with_lookup
from understudy.values.missing import type_name
from understudy.values.scope import Plain, Scope
from understudy.values.template import render
from understudy.values.texts import Value


def items_of(loop: Loop, scope: Scope, *, io_allowed: bool) -> list[Value]:
    """Return the items of `loop` or `with_<lookup>`; raise TemplateFailed."""
    if loop.lookup is None:
        items = render(loop.items, scope, io_allowed=io_allowed)
        if not isinstance(items, list):
            raise _not_a_list(loop, items)
        return items
    return with_lookup(loop.lookup, loop.items, scope, io_allowed=io_allowed)


def _not_a_list(loop: Loop, items: Value) -> TemplateFailed:
    return LoopInvalid(
        f"The `loop` value must resolve to a 'list', not {type_name(items)!r}.",
        code="loop-not-a-list",
        span=getattr(loop.items, "span", None) or loop.span,
        help="provide a list of items, or a template that gives a list",
    )


class LoopInvalid(TemplateFailed):
    """The value of `loop` is not a list."""


def item_vars(loop: Loop, items: Sequence[Value], index: int) -> Plain:
    """Return the variables of item number `index` (from 0)."""
    item = items[index]
    found: dict[str, Any] = {loop.loop_var: item, "ansible_loop_var": loop.loop_var}
    if loop.index_var:
        found[loop.index_var] = index
        found["ansible_index_var"] = loop.index_var
    if loop.extended:
        found["ansible_loop"] = _extended(loop, items, index)
    return Plain(found)


def _extended(loop: Loop, items: Sequence[Value], index: int) -> dict[str, Any]:
    length = len(items)
    more: dict[str, Any] = {
        "index": index + 1,
        "index0": index,
        "first": index == 0,
        "last": index + 1 == length,
        "length": length,
        "revindex": length - index,
        "revindex0": length - index - 1,
    }
    if loop.extended_allitems:
        more["allitems"] = list(items)
    if index > 0:
        more["previtem"] = items[index - 1]
    if index + 1 < length:
        more["nextitem"] = items[index + 1]
    return more


_OF_ALL = ("warnings", "deprecations")


def aggregate(results: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the result of a task from those of its items; their warnings become its own."""
    if not results:
        return {
            "changed": False,
            "skipped": True,
            "skipped_reason": "No items in the list",
            "results": [],
        }
    total: dict[str, Any] = {
        "results": [{k: v for k, v in r.items() if k not in _OF_ALL} for r in results],
        "changed": any(r.get("changed") for r in results),
        "skipped": all(r.get("skipped") for r in results),
        "msg": "All items completed",
    }
    if any(r.get("failed") for r in results):
        total |= {"failed": True, "msg": "One or more items failed"}
    elif total["skipped"]:
        total["msg"] = "All items skipped"
    for key in _OF_ALL:
        told = [text for r in results for text in r.get(key) or ()]
        if told:
            total[key] = told
    return total
