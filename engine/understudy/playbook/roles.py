"""A role and all that it brings to a place of a play: tasks, handlers, variables, dependencies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as MappingLike
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from understudy.playbook import file_findings as findings
from understudy.playbook.fields import Report
from understudy.playbook.inherit import texts
from understudy.playbook.model import Action, Block, Inherited, Role, RoleVars, Step, Task
from understudy.playbook.project import Project
from understudy.playbook.role_files import collection_around, find_role, tasks_file, vars_files
from understudy.playbook.role_uses import MAIN, RoleUse, role_use
from understudy.playbook.role_vars import (
    defaults_of,
    exports_of,
    params_of,
    vars_of,
)
from understudy.playbook.spec_shape import node_at, spec_faults, unknown_types
from understudy.playbook.tasks import Level
from understudy.text.diagnostic import Diagnostic, Severity
from understudy.text.nodes import Mapping, Node, Sequence
from understudy.text.source import Span
from understudy.values.argument_types import TRUE_WORDS
from understudy.values.load import load
from understudy.values.merging import layered
from understudy.values.texts import Authored, Template, Value

COMPLETE = "role_complete"
"""The free form of the `meta` task that stands at the end of a role."""


class Files(Protocol):
    """What reads files for a role."""

    roles_path: tuple[Path, ...]
    merges_hashes: bool
    project: Project

    def report(self, found: Diagnostic) -> None:
        """Take a finding."""

    def document(self, path: Path, named_at: Span | None) -> Node | None:
        """Return a file's tree; report why it cannot be read."""

    def variables(self, path: Path) -> MappingLike[str, Value]:
        """Return the variables of a file; report why it cannot be read."""

    def tasks(self, path: Path, named_at: Span, level: Level) -> tuple[Step, ...]:
        """Return the tasks of a file."""

    def name(self, text: str | Template, span: Span, level: Level) -> str | None:
        """Return a name that is needed at load, rendered; report why that failed."""

    def is_refused(self, path: Path, named_at: Span | None, depth: int) -> bool:
        """Tell whether one more import is too many; report that."""

    def is_loop(self, path: Path, span: Span, chain: tuple[Path, ...]) -> bool:
        """Tell whether a file imports itself; report the way it does."""


@dataclass(frozen=True, slots=True)
class _Meta:
    """What `meta/` of a role says."""

    dependencies: tuple[RoleUse, ...] = ()
    allow_duplicates: bool = False
    collections: tuple[Value, ...] = ()
    specs: MappingLike[str, Value] | None = None
    written_specs: Node | None = None


@dataclass(frozen=True, slots=True)
class ReadRole:
    """A role with its steps, which begin with those of its dependencies."""

    role: Role
    block: Block


def read_role(files: Files, use: RoleUse, level: Level) -> ReadRole | None:
    """Return a role that is used in a place; None if there is none, which is reported.

    Its handlers go to what the level gathers.
    """
    depth = len(level.role.parents) if level.role else 0
    if files.is_refused(level.folder, use.span, depth):
        return None
    name = files.name(use.name, use.span, level)
    if name is None:
        return None
    places = _places(files, level)
    path = find_role(name, places)
    if path is None:
        files.report(findings.no_role(name, use.span, places))
        return None
    points = {
        folder: files.name(text, use.span, level) for folder, text in use.entry_points.items()
    }
    if None in points.values():
        return None
    entry = {folder: str(point) for folder, point in points.items()}
    return _RoleReading(files, use, name, path, entry).read(level)


def _places(files: Files, level: Level) -> list[Path]:
    beside = [level.role.path.parent] if level.role else []
    return [level.folder / "roles", *files.roles_path, *beside, level.folder]


def _within(level: Level, role: Role, meta: _Meta) -> Level:
    """Return the level inside a role."""
    own = collection_around(role.path)
    collections = (*([own] if own else []), *meta.collections, *level.inherited.collections)
    return replace(level, role=role, inherited=replace(level.inherited, collections=collections))


@dataclass(frozen=True, slots=True)
class _RoleReading:
    """One role being read: `entry` says which file of each folder counts, if not `main`."""

    files: Files
    use: RoleUse
    name: str
    path: Path
    entry: MappingLike[str, str]

    def read(self, level: Level) -> ReadRole | None:
        """Return the role with its steps."""
        self.files.project.add(self.path)
        meta = self._meta()
        bare = self._role(level, meta)
        if self._leads_back(bare):
            return None
        inner = _within(level.within(self.use.fields), bare, meta)
        read = [read_role(self.files, one, inner) for one in meta.dependencies]
        dependencies = [one for one in read if one is not None]
        role = _with_dependencies(
            bare, [one.role for one in dependencies], deep=self.files.merges_hashes
        )
        inner = replace(inner, role=role)
        handlers = self._tasks("handlers", replace(inner, handlers=True))
        level.gathered.handlers += [step for step in handlers if isinstance(step, Task)]
        steps: list[Step] = [one.block for one in dependencies]
        steps += self._check_of_arguments(meta, role, inner.inherited)
        steps += [*self._tasks("tasks", inner), _complete(role, self.use.span)]
        return ReadRole(role, Block(span=None, body=tuple(steps), inherited=inner.inherited))

    def _role(self, level: Level, meta: _Meta) -> Role:
        use = self.use
        own = RoleVars(
            defaults=self._variables("defaults"),
            files=self._variables("vars"),
            entry=use.vars,
            params=use.params,
        )
        allowed = use.allow_duplicates
        keywords = {name: field.value for name, field in use.fields.items()}
        told = (self.name, str(self.path), keywords, use.vars, use.params, self.entry, use.included)
        return Role(
            name=self.path.name if self.name.startswith(("/", "~")) else self.name,
            path=self.path,
            identity=tuple(map(repr, told)),
            own=own,
            parents=(*level.role.parents, level.role) if level.role else (),
            allow_duplicates=meta.allow_duplicates if allowed is None else allowed,
            public=use.public,
            included=use.included,
        )

    def _leads_back(self, role: Role) -> bool:
        """Report a role that depends on itself."""
        paths = [parent.path for parent in role.parents]
        if self.use.included or self.path not in paths:
            return False
        ring = [*paths[paths.index(self.path) :], self.path]
        self.files.report(findings.import_loop(self.use.span, ring))
        return True

    def _variables(self, folder: str) -> MappingLike[str, Value]:
        point = self.entry.get(folder)
        paths = vars_files(self.path, folder, point or MAIN)
        if not paths and point:
            self.files.report(findings.no_role_file(self.path / folder / point, self.use.span))
        return layered(map(self.files.variables, paths), deep=self.files.merges_hashes)

    def _tasks(self, folder: str, level: Level) -> tuple[Step, ...]:
        point = self.entry.get(folder)
        path = tasks_file(self.path, folder, point or MAIN)
        if path is None:
            if point:
                self.files.report(findings.no_role_file(self.path / folder / point, self.use.span))
            return ()
        importers = (*level.importers, level.path)
        if folder == "tasks" and self.files.is_loop(path, self.use.span, importers):
            return ()
        inner = replace(level, path=path, importers=importers)
        return self.files.tasks(path, self.use.span, inner)

    def _meta(self) -> _Meta:
        path = tasks_file(self.path, "meta", MAIN)
        root = self.files.document(path, self.use.span) if path else None
        written = self._specs(root)
        specs = load(written)
        specs = specs if isinstance(specs, MappingLike) else None
        if not isinstance(root, Mapping):
            return _Meta(specs=specs, written_specs=written)
        allowed = load(root.get("allow_duplicates"))
        return _Meta(
            dependencies=tuple(role_uses(root.get("dependencies"), self.files.report)),
            allow_duplicates=str(allowed).lower() in TRUE_WORDS,
            collections=texts(load(root.get("collections"))),
            specs=specs,
            written_specs=written,
        )

    def _specs(self, meta: Node | None) -> Node | None:
        """Return the argument specs by entry point, of their own file or of `meta/main.yml`."""
        path = tasks_file(self.path, "meta", "argument_specs")
        root = self.files.document(path, self.use.span) if path else meta
        return root.get("argument_specs") if isinstance(root, Mapping) else None

    def _report_on_spec(self, options: Value, point: str, written: Node) -> None:
        """Report what is wrong with a spec; a type that there is not hurts only who needs it."""
        way = (point, "options")
        for severity, faults in (
            (Severity.ERROR, spec_faults(options, way)),
            (Severity.WARNING, unknown_types(options, way)),
        ):
            for fault in faults:
                place = node_at(written, fault.way).span
                self.files.report(findings.wrong_spec(fault, place, severity))

    def _check_of_arguments(self, meta: _Meta, role: Role, inherited: Inherited) -> list[Task]:
        """Return the task that validates what the role is given, if its specs say what it takes."""
        point = self.entry.get("tasks", MAIN).removesuffix(".yml").removesuffix(".yaml")
        spec = (meta.specs or {}).get(point)
        if not self.use.validate or not isinstance(spec, MappingLike):
            return []
        options = spec.get("options") or {}
        if meta.written_specs is not None:
            self._report_on_spec(options, point, meta.written_specs)
        about = spec.get("short_description")
        name = f"Validating arguments against arg spec '{point}'"
        context: MappingLike[str, Value] = {
            "type": "role",
            "name": role.name,
            "argument_spec_name": point,
            "path": str(role.path),
        }
        args: dict[str, Value] = {
            "argument_spec": options,
            "provided_arguments": role.params,
            "validate_args_context": context,
        }
        action = "validate_argument_spec"
        return [
            Task(
                span=self.use.span,
                name=Authored(f"{name} - {about}" if about else name),
                action=Action(
                    name=action,
                    written=f"ansible.builtin.{action}",
                    span=self.use.span,
                    args=args,
                ),
                inherited=replace(inherited, tags=(*inherited.tags, Authored("always"))),
                role=role,
            )
        ]


def _with_dependencies(role: Role, direct: Iterable[Role], *, deep: bool) -> Role:
    below = tuple(each for one in direct for each in (*one.dependencies, one))
    return replace(
        role,
        dependencies=below,
        defaults=defaults_of(role.own, role.parents, below, deep=deep),
        vars=vars_of(role.own, role.parents, below, deep=deep),
        exports=exports_of(role.own, below, deep=deep),
        params=params_of(role.own, role.parents, deep=deep),
    )


def _complete(role: Role, span: Span) -> Task:
    return Task(
        span=span,
        name=None,
        action=Action(name="meta", written="meta", span=span, free_form=COMPLETE),
        inherited=Inherited(),
        implicit=True,
        role=role,
    )


def role_uses(node: Node | None, report: Report) -> Iterator[RoleUse]:
    """Yield the entries of `roles`, or of a role's dependencies; report what is none."""
    if node is None or load(node) is None:
        return
    if not isinstance(node, Sequence):
        report(findings.not_roles(node))
        return
    for item in node.items:
        use = role_use(item, report)
        if use is not None:
            yield use
