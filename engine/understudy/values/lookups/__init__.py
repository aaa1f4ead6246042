"""Lookups: `lookup()`, `query()` and `with_<lookup>` find theirs here, by name."""

from __future__ import annotations

from jinja2 import pass_context
from jinja2.runtime import Context

from understudy.values.errors import NeedsThread, TemplateFailed
from understudy.values.lazy import all_there, finalise, reason
from understudy.values.lookups import data, files, passwords, settings
from understudy.values.lookups.base import Lookup, Request
from understudy.values.missing import Missing
from understudy.values.scope import Rendering, Scope
from understudy.values.texts import Value


def _url(request: Request) -> list[Value]:
    from understudy.values.lookups import url  # what speaks HTTP costs 10 ms

    return url.url(request)


LOOKUPS: dict[str, Lookup] = {
    **data.LOOKUPS,
    **files.LOOKUPS,
    **passwords.LOOKUPS,
    **settings.LOOKUPS,
    "url": Lookup(_url, does_io=True),
}


def find_lookup(name: str) -> Lookup | None:
    """Return a lookup by its short or its full name."""
    return LOOKUPS.get(name.removeprefix("ansible.builtin.").removeprefix("ansible.legacy."))


@pass_context
def lookup(
    context: Context,
    name: str,
    /,
    *terms: Value,
    wantlist: bool = False,
    errors: str = "strict",
    **options: Value,
) -> Value:
    """Return what a lookup finds: text joined by commas, one value itself, several as a list."""
    missing = next((term for term in (name, *terms) if isinstance(term, Missing)), None)
    if missing is not None:
        return missing
    rendering: Rendering = context.resolver  # type: ignore[attr-defined]
    try:
        found = _run(name, Request(list(terms), rendering, options))
    except TemplateFailed as failure:
        return _failed(failure, rendering, errors=errors, wantlist=wantlist)
    if wantlist:
        return found
    if found and all(isinstance(value, str) for value in found):
        return found[0] if len(found) == 1 else ",".join(found)
    return found[0] if len(found) == 1 else found


@pass_context
def query(context: Context, name: str, /, *terms: Value, **options: Value) -> Value:
    """Return what a lookup finds, always as a list."""
    return lookup(context, name, *terms, **{**options, "wantlist": True})


def _failed(failure: TemplateFailed, rendering: Rendering, *, errors: str, wantlist: bool) -> Value:
    if failure.code != "lookup-failed" or errors not in ("ignore", "warn"):
        if failure.code == "undefined-variable":
            return Missing(failure=failure)
        raise failure
    if errors == "warn":
        rendering.warn(failure.message)
    return [] if wantlist else None


def _run(name: str, request: Request) -> list[Value]:
    found = find_lookup(name)
    if found is None:
        raise TemplateFailed(
            f"The lookup plugin {name!r} was not found.",
            code="unknown-lookup",
            name=name,
            known=tuple(LOOKUPS),
        )
    if found.does_io and not request.rendering.io_allowed:
        raise NeedsThread
    try:
        return _all_there(found.run(request))
    except TemplateFailed:
        raise
    except Exception as error:
        raise TemplateFailed(
            f"The lookup plugin {name!r} failed: {reason(error)}", code="lookup-failed"
        ) from error


def _all_there(values: list[Value]) -> list[Value]:
    found = all_there(values)
    if isinstance(found, Missing):
        raise found.failure()
    return found


def with_lookup(name: str, items: Value, scope: Scope, *, io_allowed: bool = True) -> list[Value]:
    """Return the items of `with_<name>`; `items` is what stands there, with its templates."""
    from understudy.values.template import render

    terms = render(items, scope, io_allowed=io_allowed)
    listed = terms if isinstance(terms, list) else [terms]
    rendering = Rendering(scope, io_allowed=io_allowed)
    return [finalise(item) for item in _run(name, Request(listed, rendering))]
