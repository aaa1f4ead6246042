"""`loop`, `with_<lookup>` and `loop_control` of a task become one Loop."""

from __future__ import annotations

from collections.abc import Sequence

from understudy.playbook.faults import shown
from understudy.playbook.fields import Field, Fields, Report, no_condition, read_fields
from understudy.playbook.inherit import conditions
from understudy.playbook.keywords import LOOP_PLACES, LOOP_PREFIX, Place
from understudy.playbook.model import Loop
from understudy.text.diagnostic import Diagnostic, Label, did_you_mean
from understudy.text.nodes import Mapping
from understudy.values.elsewhere import collection_of_plugin
from understudy.values.errors import TemplateFailed
from understudy.values.texts import Value

_USUAL = frozenset({"dict", "items", "list"})


def parse_loop(
    fields: Fields, lookups: Sequence[Field], place: Place, report: Report
) -> Loop | None:
    """Return a task's loop, or None when it has none; `lookups` are its keys `with_…`."""
    control = _control(fields.get("loop_control"), report)
    given = [*lookups]
    if "loop" in fields and fields["loop"].given:
        given.insert(0, fields["loop"])
    if not given:
        return None
    if len(given) > 1:
        report(_two_loops(given[0], given[1]))
        return None
    loop = given[0]
    if not _may_loop(loop, place, report):
        return None
    name = loop.key.written.removeprefix(LOOP_PREFIX) if lookups else None
    return Loop(items=loop.value, span=loop.node.span, lookup=name, **_settings(control, report))


def _may_loop(loop: Field, place: Place, report: Report) -> bool:
    name = loop.key.written
    if not name.startswith(LOOP_PREFIX):
        return True
    if place not in LOOP_PLACES:
        report(no_loops(loop, place))
    elif not _may_be_lookup(name.removeprefix(LOOP_PREFIX), loop, report):
        return False
    elif not loop.given:
        message = f"`{name}` must have a value, not nothing"
        report(Diagnostic(code="keyword-type", message=message, span=loop.key.span))
    else:
        return True
    return False


def no_loops(loop: Field, place: Place) -> Diagnostic:
    """Return the finding for a loop on what is read before any loop can run."""
    include = place.words.replace("import", "include")
    return Diagnostic(
        code="import-in-loop",
        message=f"{place.words} cannot loop: it is read before anything is run",
        span=loop.key.span,
        help=f"use {include}",
    )


def _may_be_lookup(name: str, loop: Field, report: Report) -> bool:
    """Tell whether there is a lookup, and report one that is not here; it may be a collection's."""
    if _is_lookup(name):
        return True
    collection = collection_of_plugin("lookup", name)
    report(_of_collection(loop, collection) if collection else _unknown_lookup(loop))
    return collection is not None


def _of_collection(loop: Field, collection: str) -> Diagnostic:
    return Diagnostic(
        code="not-supported",
        message=f"`{loop.key.written}` needs a lookup of `{collection}`, not supported yet",
        span=loop.key.span,
        help="use `loop:` with a list",
    )


def _is_lookup(name: str) -> bool:
    if name in _USUAL:
        return True
    from understudy.values.lookups import find_lookup

    return find_lookup(name) is not None


def _unknown_lookup(loop: Field) -> Diagnostic:
    from understudy.values.lookups import LOOKUPS

    near = did_you_mean(loop.key.written, [LOOP_PREFIX + name for name in LOOKUPS])
    return Diagnostic(
        code="unknown-lookup",
        message=f"`{loop.key.written}` needs a lookup that does not exist or is not supported yet",
        span=loop.key.span,
        help=f"did you mean `{near}`?" if near else "use `loop:` with a list",
    )


def _two_loops(first: Field, second: Field) -> Diagnostic:
    return Diagnostic(
        code="two-loops",
        message=f"a task has one loop, not `{first.key.written}` and `{second.key.written}`",
        span=second.key.span,
        others=(Label(first.key.span, "the first one"),),
        help="remove one of them",
    )


def _control(field: Field | None, report: Report) -> Fields:
    if field is None:
        return {}
    if isinstance(field.node, Mapping):
        return read_fields(field.node, Place.LOOP_CONTROL, report)
    message = f"`loop_control` must be a mapping, not {shown(field.node)}"
    report(Diagnostic(code="keyword-type", message=message, span=field.key.span))
    return {}


def _settings(control: Fields, report: Report) -> dict[str, Value]:
    names = {"pause": "pause_s"}
    settings = {names.get(name, name): f.value for name, f in control.items() if f.given}
    for name in ("loop_var", "index_var"):
        if name in settings:
            settings[name] = str(settings[name])
    if "break_when" in settings:
        try:
            settings["break_when"] = conditions(settings["break_when"])
        except TemplateFailed as failure:
            del settings["break_when"]
            report(no_condition(control["break_when"], failure))
    return settings
