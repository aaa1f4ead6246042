"""A form of older releases that goes, or has no effect any more.

What: the variable `play_hosts`, braces around a condition, an empty `args` and the option
`convert_data` of the lookup `template`, which ansible-core 2.23 will not know; a bare name in
`with_items`, which no release takes for a variable any more; and, as information,
`ansible_ssh_host`, `ansible_ssh_port` and `ansible_ssh_user`, which lost their `ssh` in 2.0.

Why: a release to come refuses it or does something else, and says so only in a warning now.

Fix: safe or unsafe; it writes the new form. It is safe where that surely means the same.

Example:
    - debug:
        msg: "{{ play_hosts | length }} hosts"
      when: "{{ inventory_hostname == 'web1' }}"

Instead:

    - debug:
        msg: "{{ ansible_play_batch | length }} hosts"
      when: inventory_hostname == 'web1'
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from understudy.check.files import File, Kind
from understudy.check.flow.reads import facts_of
from understudy.check.flow.visits import Flow, Visit
from understudy.check.meaning.outcomes import conditions_of, expression_of, is_boolean, one_line
from understudy.check.meaning.places import name_span
from understudy.check.mending.fixes import fix_removing, fix_replacing
from understudy.check.rule import Rule
from understudy.text.diagnostic import Diagnostic, Edit, Fix, Severity
from understudy.text.nodes import Mapping, Node, Scalar, every_node
from understudy.text.offsets import part_of
from understudy.text.source import Span, span_at
from understudy.values.texts import Authored, Template, texts_in

RULE = Rule("deprecated-spelling", Severity.WARNING, proof=("old_spellings",))
_GOES = "it goes in ansible-core 2.23"
_BATCH = "ansible_play_batch"
_OPENING, _CLOSING = re.compile(r"\s*\{\{-?\s*"), re.compile(r"\s*-?\}\}\s*\Z")
_CONVERTS = re.compile(r"\bconvert_data\s*=")
_BARE_LOOPS = frozenset({"dict", "indexed_items", "items", "list", "random_choice"})
_SHORTER = {f"ansible_ssh_{what}": f"ansible_{what}" for what in ("host", "port", "user")}
_IN_INI = re.compile(rf"\b({'|'.join(_SHORTER)})\s*=")


def check_flow(flow: Flow) -> Iterator[Diagnostic]:
    """Yield a finding for each old form in a task."""
    for visit in flow.visits:
        yield from _old_names(visit)
        yield from _braces(visit)
        yield from _empty_args(visit)
        yield from _converted(visit)
        yield from _bare_items(visit, flow)


def check_file(file: File) -> Iterator[Diagnostic]:
    """Yield a finding for each variable of a connection by its old name."""
    if file.root is not None:
        yield from (_old_key(key) for key in _keys(file.root) if key.value in _SHORTER)
    elif file.kind is Kind.INVENTORY:
        for found in _IN_INI.finditer(file.source.text):
            if not _is_comment(file, found.start()):
                place = file.source.position(found.start())
                yield _shorter(span_at(file.source, place, len(found[1])), found[1])


def _old_names(visit: Visit) -> Iterator[Diagnostic]:
    for read in visit.reads:
        if read.chain.name != "play_hosts" or read.may_be or _is_own(visit, "play_hosts"):
            continue
        span = name_span(read)
        yield RULE.finding(
            span or read.span,
            f"`play_hosts` is the old name of `{_BATCH}`",
            notes=(_GOES,),
            help=f"write `{_BATCH}`",
            fix=fix_replacing(span, _BATCH, is_safe=True),
        )


def _is_own(visit: Visit, name: str) -> bool:
    return any(name in layer for layer in visit.names.layers)


def _braces(visit: Visit) -> Iterator[Diagnostic]:
    for keyword, text in conditions_of(visit.task):
        if isinstance(text, Template) and expression_of(text) is not None:
            is_text = isinstance(visit.known(text), str)
            bare = _CLOSING.sub("", _OPENING.sub("", text.text, count=1))
            yield RULE.finding(
                text.span,
                f"`{keyword}` is an expression already, without `{{{{ }}}}`",
                notes=("braces around it go in ansible-core 2.23",),
                help="write the condition itself, not its text in a variable"
                if is_text
                else f"write `{one_line(bare)}`",
                fix=None if is_text else _without_braces(visit, text),
            )


def _without_braces(visit: Visit, text: Template) -> Fix | None:
    """Return what takes the braces away.

    It is safe where a boolean is between them: a text of the author is an expression of its own
    there, and would be no boolean without them.
    """
    opening, closing = _OPENING.match(text.text), _CLOSING.search(text.text)
    if text.span is None or opening is None or closing is None:
        return None
    if text.span.start.line != text.span.end.line:
        return None
    spans = (
        part_of(text.text, text.span, opening.start(), opening.end()),
        part_of(text.text, text.span, closing.start(), closing.end()),
    )
    edits = tuple(Edit(span, "") for span in spans)
    return Fix(message="take the braces away", edits=edits, is_safe=is_boolean(visit, text))


def _empty_args(visit: Visit) -> Iterator[Diagnostic]:
    node = visit.task.node
    entry = node.entries.get("args") if node else None
    if node is None or entry is None or not isinstance(entry[1], Scalar):
        return
    if entry[1].value is not None:
        return
    yield RULE.finding(
        entry[0].span,
        "`args` is empty, and is ignored",
        notes=("ansible-core 2.23 will refuse it",),
        help="remove it, or indent the arguments below it",
        fix=fix_removing(visit.task, "args", is_safe=True),
    )


def _converted(visit: Visit) -> Iterator[Diagnostic]:
    for text in texts_in([dict(visit.task.action.args), visit.task.action.free_form]):
        found = _CONVERTS.search(text.text)
        if found and text.span and "template" in facts_of(text).lookups:
            yield RULE.finding(
                part_of(text.text, text.span, found.start(), found.end() - 1),
                "`convert_data` has no effect any more",
                notes=(_GOES,),
                help="remove it; pass the text through `from_yaml` if it is to be data",
            )


def _bare_items(visit: Visit, flow: Flow) -> Iterator[Diagnostic]:
    loop = visit.task.loop
    if loop is None or loop.lookup not in _BARE_LOOPS or not isinstance(loop.items, Authored):
        return
    name, span = str(loop.items), loop.items.span
    if name not in flow.given and not _is_own(visit, name):
        return
    written = f'"{{{{ {name} }}}}"'
    yield RULE.finding(
        span,
        f"`with_{loop.lookup}` takes `{name}` for a text, not for the variable",
        notes=("names without braces were variables here in early releases only",),
        help=f"write `{written}`",
        fix=fix_replacing(span, written),
    )


def _keys(root: Node) -> Iterator[Scalar]:
    for node in every_node(root):
        if isinstance(node, Mapping):
            yield from (key for key, _ in node.pairs())


def _old_key(key: Scalar) -> Diagnostic:
    return _shorter(key.span, str(key.value))


def _shorter(span: Span, name: str) -> Diagnostic:
    return RULE.finding(
        span,
        f"`{name}` is the old name of `{_SHORTER[name]}`",
        severity=Severity.INFO,
        notes=("its `ssh` went in Ansible 2.0, which reads both names",),
        help=f"write `{_SHORTER[name]}`, also where it is read",
    )


def _is_comment(file: File, offset: int) -> bool:
    before = file.source.line(file.source.position(offset).line).lstrip()
    return before.startswith(("#", ";"))
