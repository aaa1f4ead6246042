"""Which module a task calls: the one key that is not a keyword, or what `action` names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

from understudy.playbook.fields import (
    Field,
    Report,
    not_a_name,
    unknown_keyword,
)
from understudy.playbook.keywords import LOOP_PREFIX, REMOVED, Place, is_keyword, keywords_of
from understudy.playbook.module_names import (
    find_module,
    is_full_name,
    is_known_elsewhere,
    short_name,
    unknown_module,
)
from understudy.playbook.module_schema import known_modules, load_schema
from understudy.playbook.split import Unbalanced, Word, split_words
from understudy.playbook.user_modules import UserModule
from understudy.text.diagnostic import Diagnostic, Label, Severity, did_you_mean
from understudy.text.nodes import Mapping, Node, Scalar
from understudy.text.offsets import part_of
from understudy.text.source import Span
from understudy.values.texts import is_template

Own: TypeAlias = UserModule | Diagnostic
FindOwn: TypeAlias = Callable[[str, Span], Own | None]
"""Gives the program that a name means, if it is one of the project's own; or why it cannot run."""

_NOT_BY_TEMPLATE = frozenset(
    "import_playbook import_role import_tasks include_role include_tasks meta".split()
)
_ACTIONS = ("action", "local_action")


class Call(NamedTuple):
    """The call of a module: its short name, its arguments as written, and where.

    Arguments as text are the text of `node` from `offset` on. A mapping under `action` holds the
    module's name as `module`, which may be followed by such a text too.
    """

    name: str
    written: str
    span: Span
    node: Node
    offset: int = 0
    local: bool = False
    own: UserModule | None = None
    """The program of a module of the project's own."""
    misplaced: bool = False
    """Whether arguments seem to stand beside the module, not below it."""


class Parts(NamedTuple):
    """A task's mapping, sorted."""

    call: Call | None
    keywords: Sequence[Field]
    loops: Sequence[Field]


def sort_task(mapping: Mapping, place: Place, report: Report, own: FindOwn) -> Parts:
    """Tell a task's keywords, loops and module apart; report what is none of them."""
    keywords: list[Field] = []
    loops: list[Field] = []
    others: list[Field] = []
    actions: list[Field] = []
    for key, node in mapping.pairs():
        name = key.value
        if type(name) is not str:
            report(not_a_name(key))
        elif name in _ACTIONS:
            actions.append(Field(key, node))
        elif is_keyword(name) and not _is_module_here(name, place):
            keywords.append(Field(key, node))
        elif name.startswith(LOOP_PREFIX):
            loops.append(Field(key, node))
        else:
            others.append(Field(key, node))
    for field in () if actions else others:
        mine = own(str(field.key.value), field.key.span)
        if mine is not None:
            rest = [other for other in others if other is not field]
            return Parts(_own_call(field, rest, mine, place, report), keywords, loops)
    return Parts(_find_call(mapping, others, actions, place, report, own), keywords, loops)


def _own_call(
    field: Field, rest: list[Field], module: Own, place: Place, report: Report
) -> Call | None:
    """Return the call of a module of the project's own."""
    for other in rest:
        _report_extra(other, field, place, report)
    if isinstance(module, Diagnostic):
        report(module)
        return None
    written = str(field.key.value)
    return Call(short_name(written), written, field.key.span, field.node, own=module)


def _is_module_here(name: str, place: Place) -> bool:
    """Tell whether a keyword of plays is the name of a module in a task, as `gather_facts` is."""
    if name in keywords_of(place):
        return False
    return find_module(name) is not None or is_known_elsewhere(name)


def _find_call(
    mapping: Mapping,
    others: list[Field],
    actions: list[Field],
    place: Place,
    report: Report,
    own: FindOwn,
) -> Call | None:
    modules = [f for f in others if find_module(str(f.key.value))]
    rest = [f for f in others if f not in modules]
    if not modules and not actions:
        _report_no_module(mapping, rest, place, report)
        return None
    called = [*actions, *modules]
    misplaced = [_report_extra(field, called[0], place, report) for field in rest]
    if len(called) > 1:
        report(_two_modules(called[0], called[1]))
        return None
    if actions:
        return _by_action(actions[0], report, own)
    written = str(modules[0].key.value)
    name = find_module(written) or written
    return Call(name, written, modules[0].key.span, modules[0].node, misplaced=any(misplaced))


def _two_modules(first: Field, second: Field) -> Diagnostic:
    one, other = first.key.written, second.key.written
    return Diagnostic(
        code="two-modules",
        message=f"a task calls one module, but this one calls `{one}` and `{other}`",
        span=second.key.span,
        others=(Label(first.key.span, "first called here"),),
        help="write two tasks, each beginning with `- `",
    )


def _report_no_module(mapping: Mapping, rest: list[Field], place: Place, report: Report) -> None:
    keywords = [field for field in rest if _is_keyword_typo(field, place)]
    for field in keywords:
        report(unknown_keyword(field.key, place))
    unknown = [field for field in rest if field not in keywords]
    for field in unknown:
        report(unknown_module(str(field.key.value), field.key.span))
    if not unknown:
        report(
            Diagnostic(
                code="no-module",
                message=f"{place.words} must call a module, and this one has only keywords",
                span=next((key.span for key, _ in mapping.pairs()), mapping.span),
                help=_play_in_a_task(mapping) or "add one, for example `debug:` or `command:`",
            )
        )


def _play_in_a_task(mapping: Mapping) -> str | None:
    if "hosts" in mapping.entries or "tasks" in mapping.entries:
        return "this looks like a play: it belongs to the outermost list of the file"
    return None


def _is_keyword_typo(field: Field, place: Place) -> bool:
    name = str(field.key.value)
    if is_known_elsewhere(name):
        return False
    if name in REMOVED:
        return True
    near_keyword = unknown_keyword(field.key, place).help is not None
    return near_keyword and did_you_mean(name, known_modules()) is None


def _report_extra(field: Field, first: Field, place: Place, report: Report) -> bool:
    """Report a key that is neither keyword nor module; tell whether it seems to be an argument."""
    name = str(field.key.value)
    if is_full_name(name):
        report(_two_modules(first, field))
        return False
    found = unknown_keyword(field.key, place)
    if first.given or not (found.help is None or _is_argument(name, first)):
        report(found)
        return False
    report(_beside_its_module(name, found, first))
    return True


def _is_argument(name: str, module: Field) -> bool:
    schema = load_schema(find_module(str(module.key.value)) or "")
    return schema is not None and (schema.any_name or name in schema.canonical)


def _beside_its_module(name: str, found: Diagnostic, module: Field) -> Diagnostic:
    return Diagnostic(
        code=found.code,
        message=found.message,
        span=found.span,
        others=(Label(module.key.span, "this module has no arguments"),),
        help=f"indent `{name}` below `{module.key.written}:` to make it an argument",
    )


def _by_action(field: Field, report: Report, own: FindOwn) -> Call | None:
    local = field.key.value == "local_action"
    node = field.node
    if isinstance(node, Mapping):
        return _by_mapping(field, node, local, report, own)
    if not isinstance(node, Scalar) or type(node.value) is not str or not node.value.strip():
        report(_not_an_action(field))
        return None
    return _by_text(node, local, report, own)


def _by_text(node: Scalar, local: bool, report: Report, own: FindOwn) -> Call | None:  # noqa: FBT001
    text = str(node.value)
    word = _first_word(text)
    span = part_of(text, node.span, word.start, word.end)
    found = _named(word.text, span, report, own)
    return (
        None if found is None else Call(found[0], word.text, span, node, word.end, local, found[1])
    )


def _first_word(text: str) -> Word:
    try:
        return next(split_words(text))
    except Unbalanced:
        word = text.split(maxsplit=1)[0]
        start = text.index(word)
        return Word(word, start, start + len(word))


def _by_mapping(
    field: Field,
    node: Mapping,
    local: bool,  # noqa: FBT001
    report: Report,
    own: FindOwn,
) -> Call | None:
    module = node.get("module")
    if not isinstance(module, Scalar) or type(module.value) is not str or not module.value.strip():
        report(_not_an_action(field))
        return None
    report(_deprecated_mapping(field))
    word = _first_word(module.value)
    found = _named(word.text, module.span, report, own)
    if found is None:
        return None
    return Call(found[0], word.text, module.span, node, word.end, local, found[1])


def _named(
    written: str, span: Span, report: Report, own: FindOwn
) -> tuple[str, UserModule | None] | None:
    """Return the short name of the module that is meant, and its program if it is one's own.

    A template has no name yet.
    """
    if is_template(written):
        return "", None
    mine = own(written, span)
    if isinstance(mine, Diagnostic):
        report(mine)
        return None
    if mine is not None:
        return short_name(written), mine
    name = find_module(written)
    if name is None:
        report(unknown_module(written, span))
        return None
    return name, None


def called_by(call: Call, name: str, report: Report, own: FindOwn) -> Call | None:
    """Return a call whose name was a template, now that it is `name`."""
    found = _named(name, call.span, report, own)
    if found is None:
        return None
    if found[0] in _NOT_BY_TEMPLATE:
        report(_cannot_be_templated(name, call.span))
        return None
    return call._replace(name=found[0], written=name, own=found[1])


def _cannot_be_templated(name: str, span: Span) -> Diagnostic:
    return Diagnostic(
        code="templated-module",
        message=f"`{name}` cannot be called by a template",
        span=span,
        help="write one task for each, with `when`",
    )


def _not_an_action(field: Field) -> Diagnostic:
    name = field.key.written
    return Diagnostic(
        code="keyword-type",
        message=f"`{name}` must name a module",
        span=field.key.span,
        help=f"write `{name}: MODULE NAME=VALUE`",
    )


def _deprecated_mapping(field: Field) -> Diagnostic:
    return Diagnostic(
        code="deprecated-form",
        message=f"a mapping for `{field.key.written}` is deprecated",
        span=field.key.span,
        severity=Severity.WARNING,
        notes=("it goes in ansible-core 2.23",),
        help="use the module's name as the key of the task",
    )
