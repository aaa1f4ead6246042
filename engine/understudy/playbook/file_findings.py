"""What can be wrong with a file as a whole, or with an import of it: the findings."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from understudy.playbook.module_names import is_full_name
from understudy.playbook.spec_shape import SpecFault
from understudy.text import nodes
from understudy.text.diagnostic import Diagnostic, Label, Severity
from understudy.text.nodes import Node, Scalar, Sequence
from understudy.text.source import Position, Source, Span, span_at
from understudy.values.errors import NOT_RUN, TemplateFailed


def holds_plays(root: Sequence) -> bool:
    """Tell whether a list has a play among its elements."""
    return any(isinstance(i, nodes.Mapping) and "hosts" in i.entries for i in root.items)


def not_tasks(root: Node, path: Path) -> Diagnostic:
    """Return the finding for a file of tasks that is no list."""
    return Diagnostic(
        code="not-a-list",
        message=f"`{path}` must hold a list of tasks",
        span=root.span,
        help="begin each task with `- `",
    )


def plays_not_tasks(root: Sequence, named_at: Span) -> Diagnostic:
    """Return the finding for plays where tasks are expected; `named_at` is the import."""
    play = next(i for i in root.items if isinstance(i, nodes.Mapping) and "hosts" in i.entries)
    return Diagnostic(
        code="play-as-tasks",
        message="this file holds plays, where tasks are expected",
        span=play.span,
        others=(Label(named_at, "taken for a file of tasks here"),),
        help="import it with `import_playbook` beside the plays, or keep only the tasks",
    )


def not_a_playbook(root: Node | None, path: Path, named_at: Span | None) -> Diagnostic:
    """Return the finding for a playbook without a list of plays."""
    empty = root is None or isinstance(root, Sequence)
    return Diagnostic(
        code="empty-playbook" if empty else "not-a-list",
        message=f"`{path}` holds no play" if empty else "a playbook must be a list of plays",
        span=root.span if root is not None else named_at or _start_of(path),
        notes=(f"Ansible says: A playbook must contain at least one play: {path}",)
        if empty
        else (),
        help="begin it with `- hosts: all`" if empty else "begin each play with `- `",
    )


def _start_of(path: Path) -> Span:
    return span_at(Source(str(path), ""), Position(1, 1))


def in_order(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return findings file by file, in the order of the text."""
    findings = list(findings)
    files = list(dict.fromkeys(found.span.source.name for found in findings if found.span))

    def place(found: Diagnostic) -> tuple[int, Position]:
        if found.span is None:
            return -1, Position(0, 0)
        return files.index(found.span.source.name), found.span.start

    return sorted(findings, key=place)


def not_a_play(item: Node) -> Diagnostic:
    """Return the finding for an element of a playbook that is no mapping."""
    return Diagnostic(
        code="not-a-play",
        message="a play must be a mapping with `hosts` and `tasks`",
        span=item.span,
        help="begin it with `- hosts: all`",
    )


def no_file(key: Scalar) -> Diagnostic:
    """Return the finding for an import that names no file."""
    return Diagnostic(
        code="keyword-type",
        message=f"`{key.written}` must name a file",
        span=key.span,
        help=f"write `{key.written}: other.yml`",
    )


def name_not_rendered(span: Span, failure: TemplateFailed) -> Diagnostic:
    """Return the finding for an import whose file name cannot be rendered."""
    if failure.code == NOT_RUN:
        return Diagnostic(
            code="import-name",
            message=f"what is imported here is not checked: {failure.message}",
            span=span,
            severity=Severity.INFO,
        )
    return Diagnostic(
        code="import-name",
        message=f"the name of an imported file cannot be rendered: {failure.message}",
        span=span,
        notes=("it is read before anything is run: only extra variables are known",),
        help="use `include_tasks`, or give the variable with `-e`",
    )


def import_loop(span: Span, files: Iterable[Path]) -> Diagnostic:
    """Return the finding for files that import each other; the first is also the last."""
    return Diagnostic(
        code="import-loop",
        message="this import leads back to the file it stands in",
        span=span,
        notes=(" imports ".join(f"`{one}`" for one in files),),
        help="remove the import, or use `include_tasks` with a condition",
    )


def wrong_spec(fault: SpecFault, span: Span, severity: Severity) -> Diagnostic:
    """Return the finding for a part of a role's argument spec."""
    return Diagnostic(
        code="argument-spec",
        message=f"`{fault.way[-1]}` {fault.message}",
        span=span,
        severity=severity,
    )


def no_role(name: str, span: Span, places: Iterable[Path]) -> Diagnostic:
    """Return the finding for a role that is in none of the places looked in."""
    in_collection = f"`{name}` is a role of `{name.rpartition('.')[0]}`, not supported yet"
    return Diagnostic(
        code="unsupported-role" if is_full_name(name) else "unknown-role",
        message=in_collection if is_full_name(name) else f"there is no role `{name}`",
        span=span,
        notes=(
            f"Ansible says: Invalid old style role requirement: {name}"
            if "," in name
            else f"Ansible says: the role '{name}' was not found in {':'.join(map(str, places))}",
        ),
        help=f"put it into `roles/{name}/` beside the playbook, or set `roles_path`",
    )


def no_role_file(path: Path, span: Span) -> Diagnostic:
    """Return the finding for a file of a role that is asked for by name and not there."""
    return Diagnostic(
        code="missing-file",
        message=f"the role has no file `{path.parent.name}/{path.name}`",
        span=span,
        notes=(f"looked for `{path}`, also with `.yml`, `.yaml` and `.json`",),
    )


def not_roles(node: Node) -> Diagnostic:
    """Return the finding for roles that are no list."""
    return Diagnostic(
        code="not-a-list",
        message="roles must be a list",
        span=node.span,
        help="begin each with `- `",
    )
