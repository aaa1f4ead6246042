"""A file whose mode is not what it seems, or that everybody may write into.

What: a mode that is a decimal number, such as 644 without quotes and without a leading zero; a mode
with which everybody on the host may write, but for directories with the sticky bit; and a task that
makes a file or a directory whose name says that it holds a secret, without a mode.

Why: 644 as a decimal number is the mode 1204, with which not even its owner can read the file. What
everybody may write into, anybody can have run or read by others. Without a mode the umask on the
host decides, and the usual one lets everybody read.

Fix: unsafe; it writes the number that was meant, in quotes.

Example:
    - copy:
        src: app.conf
        dest: /etc/app.conf
        mode: 644

Instead:

    - copy:
        src: app.conf
        dest: /etc/app.conf
        mode: "0644"
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from understudy.check.flow.visits import Visit
from understudy.check.mending.fixes import fix_replacing
from understudy.check.rule import Rule
from understudy.playbook.model import Task
from understudy.playbook.module_schema import load_schema
from understudy.text.diagnostic import Diagnostic, Severity
from understudy.text.nodes import Mapping, Scalar
from understudy.values.texts import Value

RULE = Rule("risky-file-mode", Severity.WARNING, proof=("mode_as_number", "mode_not_given"))
_NOT_OF_FILES = frozenset({"async_status", "find"})
"""Modules with a `mode` that is something else."""
_MAKE_FILES = frozenset({"assemble", "copy", "get_url", "template"})
_EDIT_FILES = frozenset({"blockinfile", "lineinfile"})
_CLASSES = frozenset({0, 1, 4, 5, 6, 7})
"""What one class of users is sensibly given: who may write may read."""
_OCTAL = re.compile(r"(?:0o?)?[0-7]{3,4}")
_SYMBOLIC = re.compile(r"(?P<who>[ugoa]*)(?P<what>(?:[-+=][rwxXstugo]*)+)")
_WRITE, _STICKY = 0o002, 0o1000
_SECRET = re.compile(
    r"(?i)(?:^|/)(?:id_(?:rsa|dsa|ecdsa|ed25519)|[^/]*\.(?:key|p12|pfx|jks|keytab)|[^/]*key\.pem"
    r"|\.?(?:htpasswd|pgpass|netrc|my\.cnf)|\.ssh|\.gnupg|[^/]*(?:passw|secret|credential)[^/]*)/?$"
)
"""Names of files and directories that are nobody else's business."""


def check_task(visit: Visit) -> Iterator[Diagnostic]:
    """Yield a finding if the mode that a task gives, or does not give, is risky."""
    action = visit.task.action
    schema = None if action.own else load_schema(action.name)
    if schema is None or "mode" not in schema.arguments or action.name in _NOT_OF_FILES:
        return
    if "mode" not in action.args:
        yield from _not_given(visit)
        return
    node = _mode_of(visit.task)
    mode = visit.known(action.args["mode"])
    if node is not None and type(mode) is int and _is_decimal(node):
        yield _decimal(node, mode)
    elif _everybody_writes(mode) and visit.known(action.args.get("state")) != "absent":
        yield _writable(visit, mode)


def _mode_of(task: Task) -> Scalar | None:
    """Return the mode as it stands in the text, if it is an argument of a mapping."""
    node = task.node
    for name in (task.action.written, "args") if node else ():
        arguments = node.get(name) if node else None
        mode = arguments.get("mode") if isinstance(arguments, Mapping) else None
        if isinstance(mode, Scalar):
            return mode
    return None


def _is_decimal(node: Scalar) -> bool:
    """Tell whether a number was surely meant as octal and is read as decimal."""
    written = node.written
    if not isinstance(node.value, int) or written[0] == "0" or not _OCTAL.fullmatch(written):
        return False
    return _is_sensible(int(written, 8)) and not _is_sensible(node.value)


def _is_sensible(mode: int) -> bool:
    """Tell whether the owner may read, and nobody may do more than those before."""
    user, group, other = mode >> 6 & 7, mode >> 3 & 7, mode & 7
    return (
        {user, group, other} <= _CLASSES
        and bool(user & 4)
        and not group & ~user
        and not other & ~group
    )


def _decimal(node: Scalar, mode: int) -> Diagnostic:
    meant = f'"{node.written:0>4}"'
    return RULE.finding(
        node.span,
        f"`{node.written}` is a decimal number here: as a mode it is {mode:04o}",
        label=f"octal {mode:04o}, not 0{node.written}",
        notes=("without quotes YAML takes a number for octal only if it begins with a zero",),
        help=f"write `mode: {meant}`",
        fix=fix_replacing(node.span, meant),
    )


def _everybody_writes(mode: Value) -> bool:
    if type(mode) is int:
        return bool(mode & _WRITE and not mode & _STICKY)
    if not isinstance(mode, str):
        return False
    if _OCTAL.fullmatch(mode):
        return _everybody_writes(int(mode, 8))
    parts = [_SYMBOLIC.fullmatch(part) for part in mode.split(",")]
    return all(parts) and any(map(_gives_write, parts)) and "t" not in mode


def _gives_write(part: re.Match[str] | None) -> bool:
    """Tell whether a part such as `o+w` lets everybody write; without `who` the umask counts."""
    if part is None or not {"o", "a"} & {*part["who"]}:
        return False
    return re.search(r"[+=][rxXst]*w", part["what"]) is not None


def _writable(visit: Visit, mode: Value) -> Diagnostic:
    shown = f"{mode:04o}" if isinstance(mode, int) else mode
    node = _mode_of(visit.task)
    place = visit.task.action.arg_spans.get("mode", visit.task.action.span)
    state = visit.known(visit.task.action.args.get("state"))
    is_directory = state == "directory"
    of_file = visit.task.action.name != "file" or state in ("file", "touch")
    what = "this directory" if is_directory else "this file" if of_file else "it"
    shared = ', or `mode: "1777"` if all are to share it' if is_directory else ""
    return RULE.finding(
        node.span if node else place,
        f"with the mode {shown} everybody on the host may write into {what}",
        help=f'take that right away, as in `mode: "{"0755" if is_directory else "0644"}"`{shared}',
    )


def _not_given(visit: Visit) -> Iterator[Diagnostic]:
    action = visit.task.action
    if action.template is not None or visit.task.inherited.module_defaults:
        return
    place = visit.known(action.args.get("dest", action.args.get("path")))
    made = _made_by(visit) if isinstance(place, str) and _SECRET.search(place) else None
    if made:
        yield RULE.finding(
            action.span,
            f"everybody on the host may read `{place}`: nothing says its mode",
            notes=(f"what the umask on the host leaves counts; a {made} there keeps its mode",),
            help=f'write `mode: "{"0700" if made == "directory" else "0600"}"`',
        )


def _made_by(visit: Visit) -> str | None:
    """Return what a task surely makes if it is not there; None: nothing, or that is not known."""
    action = visit.task.action
    if action.name == "file":
        state = visit.known(action.args.get("state"))
        if state == "directory":
            return None if "recurse" in action.args else "directory"
        return "file" if state == "touch" else None
    if action.name in _EDIT_FILES:
        creates = visit.known(action.args.get("create")) in (True, "yes", "true")
        return "file" if creates else None
    is_copy_there = visit.known(action.args.get("remote_src", False)) is not False
    return "file" if action.name in _MAKE_FILES and not is_copy_there else None
