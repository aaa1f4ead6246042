"""A password or a private key that everybody can read in the project.

What: a literal for an argument that modules keep out of their logs, or for a variable that Ansible
takes a password from, such as `ansible_become_password`; also by way of a variable that is written
in the project, and private keys wherever they stand. Defaults of roles are left out, since they are
there to be replaced; so are hashes of passwords.

Why: `no_log` hides a value in what a run prints, not in the project: who can read the repository,
its history or a backup of it has the password. Encrypted values are read as any other.

Example:
    - community.mysql.mysql_db:
        name: shop
        login_user: root
        login_password: 8tgdlp3

Instead:

    - community.mysql.mysql_db:
        name: shop
        login_user: root
        login_password: "{{ mysql_root_password }}"  # encrypted with `understudy vault`
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from understudy.check.files import File, Kind
from understudy.check.flow.known import UNKNOWN
from understudy.check.flow.reads import sole_chain
from understudy.check.flow.visits import Flow, Visit
from understudy.check.project.library import absolute, shown
from understudy.check.rule import Rule
from understudy.playbook.model import Task
from understudy.playbook.module_schema import load_schema
from understudy.text.diagnostic import Diagnostic, Label, Severity
from understudy.text.nodes import Mapping, Node, Scalar, every_node
from understudy.text.source import LINE_END, Position, Source, Span, span_at
from understudy.values.texts import Authored, Template, Value, is_template

RULE = Rule("secret-in-clear-text", Severity.WARNING, proof=("no_log_everywhere", "vaulted_values"))
_PASSWORD = re.compile(
    r"ansible_(?:(?:ssh|become|sudo|su|doas|runas|winrm|psrp|httpapi|netconf|paramiko)_)?"
    r"pass(?:word)?"
)
_OF_HOST = re.compile(
    rf"(?<![\w.])(?P<name>{_PASSWORD.pattern})=(?P<value>\"[^\"]+\"|'[^']+'|[^\s\"'#]\S*)"
)
_OF_GROUP = re.compile(rf"\s*(?P<name>{_PASSWORD.pattern})\s*=\s*(?P<value>\S.*?)\s*")
_PRIVATE_KEY = re.compile(r"\s*-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----")
_OF_A_KEY = "PRIVATE KEY-----"
_HASH = re.compile(r"\$\w+\$|[!*]")
"""How a password begins that is hashed, or that nobody can give."""
_PLACEHOLDER = re.compile(r"<.*>|\$\{?\w+\}?|%\w+%|@\w+@|__\w+__|[xX*.]+|!vault.*", re.DOTALL)
"""What another program, or a reader of an example, is to put a password in the place of."""
_DEPTH = 5
"""How many variables a password is followed through."""
_NOTE = "who can read the project, its history or a backup of it can read this"


def check_flow(flow: Flow) -> Iterator[Diagnostic]:
    """Yield a finding for each secret argument whose value is written in the project."""
    for visit in flow.visits:
        for name, value in _secrets_of(visit.task):
            action = visit.task.action
            what = f"`{name}` of `{action.written}`"
            key = action.arg_spans.get(name, action.span)
            if isinstance(value, Template):
                yield from _by_variable(flow, visit, value, what)
            elif _is_secret(value):
                place = value.span if isinstance(value, Authored) else _value_after(key)
                yield _finding(place or key, what, name)


def _secrets_of(task: Task) -> Iterator[tuple[str, Value]]:
    """Yield the arguments of a task that must not be in a log."""
    schema = None if task.action.own else load_schema(task.action.name)
    for name, value in task.action.args.items() if schema else ():
        argument = schema.arguments.get(schema.canonical.get(name, "")) if schema else None
        if argument is not None and argument.no_log:
            yield name, value


def _by_variable(flow: Flow, visit: Visit, value: Template, what: str) -> Iterator[Diagnostic]:
    for name, given in _written(flow, visit, value):
        if given.span is not None and _is_secret(given) and not _is_default(given.span):
            others = (Label(value.span, f"given to {what} here"),) if value.span else ()
            yield _finding(given.span, f"the variable `{name}`", name, others)


def _written(
    flow: Flow, visit: Visit, value: Template, depth: int = _DEPTH
) -> Iterator[tuple[str, Authored]]:
    """Yield each text that a template stands for, with the name of the variable that has it."""
    chain = sole_chain(value)
    loop = visit.task.loop
    if chain is None or not depth or (loop and chain.name in (loop.loop_var, loop.index_var)):
        return
    known = visit.names.get(chain.name)
    is_of_host = known is UNKNOWN and chain.name not in flow.given
    for whole in flow.surroundings.values.get(chain.name, ()) if is_of_host else (known,):
        given = whole
        for key in chain.path:
            given = given.get(key) if isinstance(given, dict) else None
        if isinstance(given, Authored):
            yield ".".join((chain.name, *map(str, chain.path))), given
        elif isinstance(given, Template):
            yield from _written(flow, visit, given, depth - 1)


def _is_secret(value: Value) -> bool:
    """Tell whether a value is a password as it stands."""
    if isinstance(value, Authored):
        return _is_password(value) and not _HASH.match(value)
    return isinstance(value, int) and not isinstance(value, bool)


def _is_password(text: str) -> bool:
    return text != "" and not _PLACEHOLDER.fullmatch(text)


def _is_default(place: Span) -> bool:
    return place.source.secret or "defaults" in Path(place.source.name).parts[-3:-1]


def check_file(file: File) -> Iterator[Diagnostic]:
    """Yield a finding for each password of a connection, and for each private key."""
    text = file.source.text
    if not _PASSWORD.search(text) and _OF_A_KEY not in text:
        return
    if file.root is not None:
        yield from _in_tree(file.root)
    elif file.kind is Kind.INVENTORY:
        yield from _in_ini(file.source)


def _in_tree(root: Node) -> Iterator[Diagnostic]:
    for node in every_node(root):
        if isinstance(node, Mapping):
            for key, value in node.pairs():
                yield from _of_entry(str(key.value), value)
        elif isinstance(node, Scalar) and _is_private_key(node):
            yield _finding(node.span, "a private key")


def _of_entry(name: str, value: Node) -> Iterator[Diagnostic]:
    is_literal = isinstance(value, Scalar) and value.tag is None and not is_template(value.written)
    if is_literal and _PASSWORD.fullmatch(name) and _is_given(value):
        yield _finding(value.span, f"the password `{name}`", name)


def _is_given(value: Node) -> bool:
    kinds = str, int, float
    return (
        isinstance(value, Scalar)
        and isinstance(value.value, kinds)
        and not isinstance(value.value, bool)
        and _is_password(value.written)
    )


def _is_private_key(node: Scalar) -> bool:
    return (
        isinstance(node.value, str)
        and node.tag is None
        and _PRIVATE_KEY.match(node.value) is not None
        and not is_template(node.value)
    )


def _in_ini(source: Source) -> Iterator[Diagnostic]:
    of_group = False
    for number, line in enumerate(LINE_END.split(source.text), start=1):
        text = line.strip()
        if text.startswith("["):
            of_group = ":vars]" in text
        elif text and text[0] not in "#;":
            whole = _OF_GROUP.fullmatch(line)
            found = [whole] if of_group and whole else () if of_group else _OF_HOST.finditer(line)
            yield from (_of_match(source, number, one) for one in found if _is_literal(one))


def _is_literal(found: re.Match[str]) -> bool:
    return _is_password(found["value"].strip("\"'")) and not is_template(found["value"])


def _of_match(source: Source, number: int, found: re.Match[str]) -> Diagnostic:
    place = span_at(source, Position(number, found.start("value") + 1), len(found["value"]))
    return _finding(place, f"the password `{found['name']}`", found["name"])


def _finding(
    place: Span, what: str, name: str | None = None, others: tuple[Label, ...] = ()
) -> Diagnostic:
    variable = f" --name {name}" if name and "." not in name else ""
    return RULE.finding(
        _named(place),
        f"{what} stands here in clear text",
        others=others,
        notes=(_NOTE,),
        help=f"encrypt it with `understudy vault encrypt_string{variable}`, and change it",
    )


def _value_after(key: Span) -> Span:
    """Return where a value that is no text stands on the line of its key."""
    line = key.source.line(key.end.line)
    start = len(line) - len(line[key.end.column - 1 :].lstrip(" :=\"'"))
    length = len(line[start:].split(" #")[0].rstrip())
    return span_at(key.source, Position(key.end.line, start + 1), max(1, length))


def _named(place: Span) -> Span:
    """Return a place in a file that is named as what the check itself has read."""
    name = shown(absolute(Path(place.source.name)))
    return place._replace(source=Source(name, place.source.text, place.source.secret))
