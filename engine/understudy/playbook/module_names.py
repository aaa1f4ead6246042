"""From a module's name as written to one that we have; else where it would come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from understudy.playbook.collection_names import FAMILIES, OF_COLLECTIONS
from understudy.playbook.module_schema import known_modules
from understudy.text.diagnostic import Diagnostic, did_you_mean
from understudy.text.source import Span

BUILTIN_PREFIXES = ("ansible.builtin.", "ansible.legacy.")
STATEMENTS = frozenset({"import_role", "import_tasks", "include", "include_role", "include_tasks"})
"""Names of actions that the parser itself deals with."""

FROM_COLLECTIONS: Mapping[str, str] = {
    "mysql_db": "community.mysql",
    "mysql_query": "community.mysql",
}
"""Modules that we have and that are not of ansible.builtin, with their collections."""


def short_name(written: str) -> str:
    """Return a module's name without its collection, if it is the built-in one or we have it."""
    for prefix in BUILTIN_PREFIXES:
        if written.startswith(prefix):
            return written.removeprefix(prefix)
    collection, _, name = written.rpartition(".")
    return name if collection and FROM_COLLECTIONS.get(name) == collection else written


def find_module(written: str) -> str | None:
    """Return the short name of a module that we have or that the parser knows, or None."""
    name = short_name(written)
    return name if name in known_modules() or name in STATEMENTS else None


def is_full_name(written: str) -> bool:
    """Tell whether a name has the form `namespace.collection.module`."""
    parts = written.split(".")
    return len(parts) > 2 and all(part.isidentifier() for part in parts)  # noqa: PLR2004


def collection_of(written: str) -> str | None:
    """Return the collection that a module belongs to, or None when it is not known."""
    name = short_name(written)
    if name in FROM_COLLECTIONS:
        return FROM_COLLECTIONS[name]
    if find_module(written) is not None:
        return BUILTIN_PREFIXES[0].removesuffix(".")
    return _collection(written)


def is_known_elsewhere(written: str) -> bool:
    """Tell whether a name is surely one of a module, though not of one that we have."""
    return _collection(written) is not None


def unknown_module(written: str, span: Span) -> Diagnostic:
    """Return the finding for a module that we do not have, with the collection it comes from."""
    name = short_name(written)
    collection = collection_of(written)
    if collection is not None:
        return Diagnostic(
            code="unsupported-module",
            message=f"`{written}` is a module of `{collection}`, which is not supported yet",
            span=span,
        )
    near = did_you_mean(name, known_modules())
    return Diagnostic(
        code="unknown-module",
        message=f"there is no module `{written}`",
        span=span,
        help=f"did you mean `{near}`?" if near else None,
    )


def may_be_elsewhere(found: Diagnostic, collections: Iterable[object]) -> Diagnostic:
    """Return the finding for a module that is not known where modules of `collections` may be."""
    others = [str(one) for one in collections if f"{one}." not in BUILTIN_PREFIXES]
    if found.code != "unknown-module" or not others:
        return found
    named = " or ".join(f"`{one}`" for one in dict.fromkeys(others))
    message = f"{found.message} here: it may be one of {named}, which is not supported yet"
    return replace(found, code="unsupported-module", message=message)


def _collection(written: str) -> str | None:
    if is_full_name(written) and not written.startswith(BUILTIN_PREFIXES):
        return ".".join(written.split(".")[:2])
    if written in OF_COLLECTIONS:
        return OF_COLLECTIONS[written]
    return next((OF_COLLECTIONS[one] for one in FAMILIES if written.startswith(one)), None)
