"""A group whose name no template can write, or that is the name of a host as well.

What: letters in the name of a group that the name of a variable cannot have, such as `-` and `.`,
or a digit at its begin (information, since everything else works); and a group that is named as
a host of the same inventory.

Why: `groups.web-servers` is `groups.web` minus `servers` for a template, and Ansible warns of such
names. A pattern that could mean a group or a host means the host, but the group after `!` and `&`.

Example:
    # hosts.ini
    [db]
    db
    db2

Instead:

    # hosts.ini
    [databases]
    db
    db2
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from understudy.check.files import File, Kind
from understudy.check.rule import Rule
from understudy.inventory.ranges import split_port
from understudy.inventory.safe_names import is_safe, safe_name
from understudy.text.diagnostic import Diagnostic, Label, Severity
from understudy.text.nodes import Mapping, Node, Scalar
from understudy.text.source import LINE_END, Position, Source, Span, span_at

RULE = Rule(
    "inventory-group-name",
    Severity.WARNING,
    proof=("group_named_as_a_host", "group_names_never_replaced"),
)
_SECTION = re.compile(r"\[(?P<group>[^:\]\s]+)(?::(?P<kind>\w+))?\]")
_WORD = re.compile(r"[^\s#;]+")


@dataclass(slots=True)
class _Names:
    """The names in an inventory, with the place where each stands first."""

    groups: dict[str, Span] = field(default_factory=dict)
    hosts: dict[str, Span] = field(default_factory=dict)


def check_file(file: File) -> Iterator[Diagnostic]:
    """Yield a finding for each odd name of a group in an inventory."""
    if file.kind is not Kind.INVENTORY:
        return
    names = _names_in_ini(file.source) if file.root is None else _names_in_tree(file.root)
    for group, place in names.groups.items():
        if group in names.hosts:
            yield _clash(group, place, names.hosts[group])
        elif not is_safe(group):
            yield _odd(group, place)


def _names_in_ini(source: Source) -> _Names:
    names, kind = _Names(), "hosts"
    children: dict[str, Span] = {}
    for number, line in enumerate(LINE_END.split(source.text), start=1):
        text = line.lstrip()
        section = _SECTION.match(text)
        word = _WORD.match(text)
        column = len(line) - len(text) + 1
        if section:
            kind = section["kind"] or "hosts"
            place = span_at(source, Position(number, column + 1), len(section["group"]))
            names.groups.setdefault(section["group"], place)
        elif word and kind in ("hosts", "children"):
            place = span_at(source, Position(number, column), len(word[0]))
            if kind == "children":
                children.setdefault(word[0], place)
            else:
                names.hosts.setdefault(split_port(word[0])[0], place)
    names.groups = children | names.groups
    return names


def _names_in_tree(root: Node) -> _Names:
    names, seen = _Names(), set[int]()
    waiting: list[Node] = (
        [root] if isinstance(root, Mapping) and "plugin" not in root.entries else []
    )
    while waiting:
        groups = waiting.pop()
        if id(groups) in seen or not isinstance(groups, Mapping):
            continue
        seen.add(id(groups))
        for key, group in groups.pairs():
            _note(names.groups, key)
            hosts = group.get("hosts") if isinstance(group, Mapping) else None
            for host, _ in hosts.pairs() if isinstance(hosts, Mapping) else ():
                _note(names.hosts, host)
            children = group.get("children") if isinstance(group, Mapping) else None
            waiting += [children] if children is not None else []
    return names


def _note(found: dict[str, Span], key: Scalar) -> None:
    if isinstance(key.value, str):
        found.setdefault(key.value, key.span)


def _odd(group: str, place: Span) -> Diagnostic:
    better = safe_name(f"_{group}" if group[0].isdigit() else group)
    return RULE.finding(
        place,
        f"no variable could be named `{group}`, as this group is",
        notes=(f"a template must write `groups['{group}']`, and Ansible warns of the name",),
        help=f"write `{better}`, here and where the group is used",
        severity=Severity.INFO,
    )


def _clash(group: str, place: Span, host: Span) -> Diagnostic:
    return RULE.finding(
        place,
        f"`{group}` is the name of a group and of a host",
        label="the group",
        others=(Label(host, "the host"),),
        notes=(f"`hosts: {group}` means the host alone, but `!{group}` and `&{group}` the group",),
        help="give one of them another name",
    )
