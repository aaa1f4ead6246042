"""Where a role is used, as it is written: in `roles`, as a dependency, or by `import_role`."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as MappingLike
from dataclasses import dataclass, field

from understudy.playbook.faults import shown
from understudy.playbook.fields import Fields, Report, take_field
from understudy.playbook.keywords import Place, keywords_of
from understudy.playbook.model import Action
from understudy.text.diagnostic import Diagnostic
from understudy.text.nodes import Mapping, Node, Scalar
from understudy.text.source import Span
from understudy.values.argument_types import TRUE_WORDS
from understudy.values.load import load, load_text
from understudy.values.texts import Template, Text, Value

FOLDERS = ("tasks", "vars", "defaults", "handlers")
MAIN = "main"
FLAGS = frozenset({"allow_duplicates", "public", "rolespec_validate"})
"""The arguments of an import that say yes or no."""
_NAMES = ("role", "name")
_OF_GALAXY = frozenset({"scm", "src", "version"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleUse:
    """One use of a role."""

    name: Text
    span: Span
    fields: Fields = field(default_factory=dict)
    """Its keywords; those of an `import_role` are in the level around it already."""
    vars: MappingLike[str, Value] = field(default_factory=dict)
    params: MappingLike[str, Value] = field(default_factory=dict)
    entry_points: MappingLike[str, str | Template] = field(default_factory=dict)
    """Which file of `tasks`, `vars`, `defaults` and `handlers`; `main` if not said."""
    allow_duplicates: bool | None = None
    """None leaves it to the role's `meta/main.yml`."""
    public: bool = True
    validate: bool = True
    included: bool = False


def role_use(node: Node, report: Report) -> RoleUse | None:
    """Return an entry of `roles` or of a role's dependencies; report what it is if not that."""
    if isinstance(node, Scalar) and type(node.value) is str and node.value:
        return RoleUse(name=load_text(node), span=node.span)
    if isinstance(node, Mapping):
        return _mapping(node, report)
    report(_not_a_role(node))
    return None


def _mapping(node: Mapping, report: Report) -> RoleUse | None:
    name = next((node.get(key) for key in (*_NAMES, "src") if key in node.entries), None)
    if not isinstance(name, Scalar) or type(name.value) not in (str, int) or not name.written:
        report(_not_a_role(name or node))
        return None
    fields: Fields = {}
    params: dict[str, Value] = {}
    for key, value in node.pairs():
        if key.value in _NAMES or ("src" in node.entries and key.value in _OF_GALAXY):
            continue
        if str(key.value) in keywords_of(Place.ROLE):
            take_field(fields, key, value, Place.ROLE, report)
        else:
            params[str(key.value)] = load(value)
    own = fields.pop("vars").value if "vars" in fields else None
    return RoleUse(
        name=load_text(name), span=name.span, fields=fields, vars=own or {}, params=params
    )


def imported_role(action: Action, fields: Fields, report: Report) -> RoleUse | None:
    """Return what an `import_role` asks for; that it names no role is reported already."""
    args = action.args
    name = args.get("name", args.get("role"))
    wrong = list(wrong_entry_points(action, args))
    for found in wrong:
        report(found)
    if wrong or not isinstance(name, Text):
        return None
    own = fields["vars"].value if "vars" in fields else None
    return use_of_arguments(name, action, args, own or {})


def wrong_entry_points(action: Action, args: MappingLike[str, Value]) -> Iterator[Diagnostic]:
    """Yield a finding for each `tasks_from` and the like that names no file."""
    for folder in FOLDERS:
        key = f"{folder}_from"
        value = args.get(key)
        if value is not None and not isinstance(value, str | Template):
            yield Diagnostic(
                code="argument-value",
                message=f"`{key}` must be the name of a file",
                span=action.arg_spans.get(key, action.span),
                notes=(f"Ansible says: Expected a string for {key} but got {type(value)} instead",),
                help=f"write the name of one file of `{folder}/`",
            )


def use_of_arguments(
    name: Text, action: Action, args: MappingLike[str, Value], own: MappingLike[str, Value]
) -> RoleUse:
    """Return the use that the arguments of `import_role` or `include_role` describe.

    `own` are the variables that stand on the task itself.
    """
    files = {folder: args.get(f"{folder}_from") for folder in FOLDERS}
    return RoleUse(
        name=name,
        span=action.arg_spans.get("name", action.span),
        vars=own,
        entry_points={
            folder: text
            for folder, text in files.items()
            if isinstance(text, str | Template) and text != MAIN
        },
        allow_duplicates=_flag(args, "allow_duplicates", default=True),
        public=_flag(args, "public", default=action.name == "import_role"),
        validate=_flag(args, "rolespec_validate", default=True),
        included=True,
    )


def _flag(args: MappingLike[str, Value], name: str, *, default: bool) -> bool:
    value = args.get(name, default)
    return str(value).lower() in TRUE_WORDS if isinstance(value, str) else bool(value)


def _not_a_role(node: Node) -> Diagnostic:
    return Diagnostic(
        code="not-a-role",
        message=f"an entry of `roles` must name a role, not be {shown(node)}",
        span=node.span,
        help="write `- NAME`, or `- role: NAME` with its parameters beside it",
    )
