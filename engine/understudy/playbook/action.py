"""A task's call of a module with its arguments, from any of the forms they may be written in."""

from __future__ import annotations

from dataclasses import dataclass, field

from understudy.playbook.arguments import check_arguments, load_schema
from understudy.playbook.call import Call
from understudy.playbook.faults import shown
from understudy.playbook.fields import Field, Report
from understudy.playbook.model import Action
from understudy.playbook.module_schema import ModuleSchema
from understudy.playbook.split import Pair, Unbalanced, split_command, split_pairs
from understudy.text.diagnostic import Diagnostic, Severity
from understudy.text.nodes import Mapping, Node, Scalar
from understudy.text.offsets import part_of, place_of
from understudy.text.source import Span, span_at
from understudy.values.load import load, text
from understudy.values.texts import Template, Value

_COMMANDS = frozenset({"command", "raw", "script", "shell"})
"""Modules whose text is a command line with a few options, not a list of arguments."""
_RAW = "_raw_params"


@dataclass(slots=True)
class _Arguments:
    """The arguments found so far, with the place of each."""

    values: dict[str, Value] = field(default_factory=dict)
    spans: dict[str, Span] = field(default_factory=dict)
    free_form: Value = None
    whole: Template | None = None
    """One template that gives all arguments."""

    def add(self, name: str, value: Value, span: Span) -> None:
        if name == _RAW:
            self.free_form = value
        else:
            self.values[name] = value
        self.spans[name] = span


_INTERNAL = "_ansible_"


def build_action(
    call: Call, args: Field | None, report: Report, *, complete: bool = True
) -> Action:
    """Return the call with all its arguments; report what is wrong with them.

    With `complete` false more arguments may come from `module_defaults`.
    """
    schema = None if call.own else load_schema(call.name)
    found = _Arguments()
    if args is not None:
        _add_keyword(found, args, report)
    understood = _add_node(found, call, schema, report)
    action = Action(
        name=call.name,
        written=call.written,
        span=call.span,
        args=found.values,
        template=found.whole,
        free_form=found.free_form,
        arg_spans=found.spans,
        own=call.own,
    )
    for name in found.values:
        if str(name).startswith(_INTERNAL):
            report(_reserved(name, found.spans.get(name, call.span)))
    if schema is not None and understood:
        for diagnostic in check_arguments(action, schema, complete=complete):
            report(diagnostic)
    return action


def _reserved(name: str, span: Span) -> Diagnostic:
    return Diagnostic(
        code="reserved-name",
        message=f"`{name}` is a name for Ansible's own use",
        span=span,
        severity=Severity.WARNING,
        notes=(f"Ansible says: The prefix '{_INTERNAL}' is reserved for internal use only.",),
    )


def _add_keyword(found: _Arguments, args: Field, report: Report) -> None:
    """Add the keyword `args`, which anything written beside the module's name wins over."""
    if isinstance(args.node, Mapping):
        _add_mapping(found, args.node)
    elif isinstance(value := args.value, Template):
        found.whole = value
        report(_template_arguments(args.node.span))


def _add_node(found: _Arguments, call: Call, schema: ModuleSchema | None, report: Report) -> bool:
    """Add what is written beside the module's name; tell whether that could be understood."""
    node = call.node
    if isinstance(node, Mapping):
        understood = _add_action_mapping(found, call, node, schema, report)
    elif isinstance(node, Scalar) and node.value is None:
        return True
    elif isinstance(node, Scalar) and type(node.value) is str:
        understood = _add_text(found, node, call, schema, report)
    else:
        report(_not_arguments(call, node, schema))
        return False
    return understood


def _add_action_mapping(
    found: _Arguments, call: Call, node: Mapping, schema: ModuleSchema | None, report: Report
) -> bool:
    if not call.offset:
        _add_mapping(found, node)
        return True
    inner, module = node.get("args"), node.get("module")
    if isinstance(inner, Mapping):
        _add_mapping(found, inner)
    _add_mapping(found, node, without=("args", "module"))
    return not isinstance(module, Scalar) or _add_text(found, module, call, schema, report)


def _add_mapping(found: _Arguments, node: Mapping, without: tuple[str, ...] = ()) -> None:
    for key, value in node.pairs():
        if key.value not in without:
            found.add(str(key.value), load(value), key.span)


def _add_text(
    found: _Arguments, node: Scalar, call: Call, schema: ModuleSchema | None, report: Report
) -> bool:
    """Add the arguments of a text: a command line, or `k=v` and words."""
    whole = str(node.value)
    written = whole[call.offset :].lstrip() if call.offset else whole
    start = len(whole) - len(written)
    free = schema.free_form if schema else None
    if free is None and _is_one_template(written):
        found.whole = Template(written, node.span)
        report(_template_arguments(node.span))
        return True
    try:
        pairs, rest = _split(call.name, written)
    except Unbalanced as unbalanced:
        report(_unbalanced(unbalanced, whole, node, start))
        return False
    for pair in pairs:
        _add_pair(found, pair, whole, node, start)
    if rest.strip():
        span = node.span if not call.offset else part_of(whole, node.span, start, len(whole))
        found.add(_RAW, load(node) if rest == whole else text(rest, span), span)
    return True


def _split(name: str, written: str) -> tuple[list[Pair], str]:
    if name in _COMMANDS:
        return split_command(written)
    return split_pairs(written)


def _add_pair(found: _Arguments, pair: Pair, whole: str, node: Scalar, start: int) -> None:
    name_end = start + pair.start + len(pair.name)
    where = part_of(whole, node.span, start + pair.start, name_end)
    value_span = part_of(whole, node.span, start + pair.value_start, start + pair.end)
    found.add(pair.name, text(pair.value, value_span), where)


def _is_one_template(written: str) -> bool:
    bare = written.strip()
    return bare.startswith("{{") and bare.endswith("}}") and bare.count("{{") == 1


def _unbalanced(fault: Unbalanced, whole: str, node: Scalar, start: int) -> Diagnostic:
    place = place_of(whole, node.span, start + fault.offset)
    is_quote = len(fault.opened) == 1
    return Diagnostic(
        code="unbalanced-text",
        message=f"`{fault.opened}` is opened here and never closed",
        span=span_at(node.source, place, len(fault.opened)),
        notes=("arguments are split into words before anything is run",),
        help="close it, or write `cmd:` with the command as a value of its own"
        if is_quote
        else "close it",
    )


def _not_arguments(call: Call, node: Node, schema: ModuleSchema | None) -> Diagnostic:
    helps = "write its arguments as a mapping below it"
    if schema is not None and "argv" in schema.arguments and not isinstance(node, Scalar):
        helps = f"write `{call.written}:` with `argv:` and the list below it"
    elif isinstance(node, Scalar) and schema is not None and schema.free_form is not None:
        helps = f'put it in quotes: `{call.written}: "{node.written}"`'
    return Diagnostic(
        code="arguments-type",
        message=f"`{call.written}` takes arguments, not {shown(node)}",
        span=node.span,
        help=helps,
    )


def _template_arguments(span: Span) -> Diagnostic:
    return Diagnostic(
        code="template-arguments",
        message="one template gives all arguments of this task",
        span=span,
        severity=Severity.WARNING,
        notes=("whatever it yields is taken: also arguments that nobody expects",),
        help="write the arguments one by one",
    )
