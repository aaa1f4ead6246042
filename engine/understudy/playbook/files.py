"""Playbooks and files of tasks: found, read and parsed, with everything they import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from understudy.playbook.documents import Documents
from understudy.playbook.fields import Report
from understudy.playbook.file_findings import in_order
from understudy.playbook.inherit import inherit
from understudy.playbook.model import Brought, Inherited, Play, Playbook, Step, Task
from understudy.playbook.project import Project
from understudy.playbook.reading import Reading, Render
from understudy.playbook.role_uses import RoleUse, use_of_arguments, wrong_entry_points
from understudy.playbook.tasks import Level
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid, Severity
from understudy.text.document import parse_document
from understudy.text.source import Position, Source, Span, span_at
from understudy.values.errors import TemplateFailed
from understudy.values.scope import Scope
from understudy.values.texts import Authored, Template, Value

FAIL_WHEN_RUN = frozenset(
    "argument-choice argument-conflict argument-type argument-value async-bad-value keyword-value"
    " missing-argument unexpected-text unknown-argument".split()
)
"""What Ansible finds only when a task runs, so that `when`, `ignore_errors` and `rescue` apply."""


def render_without_extra(text: str | Template, layers: Sequence[Mapping[str, Value]]) -> str:
    """Render a name that is needed at load, where there are no extra variables."""
    from understudy.values.template import render_text

    return str(text) if isinstance(text, str) else render_text(text, Scope(tuple(layers)))


def _ignore(_warning: Diagnostic) -> None:
    """Drop a warning."""


@dataclass(frozen=True, slots=True)
class Loader:
    """Reads playbooks. Warnings go to `warn`; errors are raised all at once."""

    render: Render = render_without_extra
    warn: Report = _ignore
    deferred: frozenset[str] = frozenset()
    """Codes of findings that are no errors here, since the task fails when it is run."""
    roles_path: tuple[Path, ...] = ()
    duplicate_keys: Severity | None = Severity.WARNING
    project: Project = field(default_factory=Project)
    merges_hashes: bool = False
    files: Documents = field(default_factory=Documents)

    def load_playbook(self, path: Path | str) -> Playbook:
        """Return a playbook with all it imports. Raises PlaybookInvalid with every finding."""
        reading = self._reading(Path(path).parent)
        plays = reading.playbook(Path(path), Inherited(), None, ())
        reading.finish()
        return Playbook(str(path), plays)

    def look(self, path: Path | str) -> tuple[Playbook, tuple[Diagnostic, ...]]:
        """Return what can be understood of a playbook, and every finding. It is not to be run."""
        reading = self._reading(Path(path).parent)
        plays = reading.playbook(Path(path), Inherited(), None, ())
        return Playbook(str(path), plays), tuple(reading.errors)

    def look_alone(
        self, path: Path, role: Path | None = None, *, handlers: bool = False
    ) -> tuple[Playbook, tuple[Diagnostic, ...]]:
        """Return a file of tasks in a play of its own, and every finding.

        With `role` it is seen as a part of this role; the role's directory stands for all of it.
        """
        folder = playbook_dir_of(role) if role else path.parent
        reading = self._reading(folder)
        place = span_at(Source(str(path), ""), Position(1, 1))
        level = reading.level(Inherited(), folder if role else path)
        if role is not None:
            steps = reading.import_role(_use_of_file(path, role, place, handlers=handlers), level)
        else:
            steps = reading.tasks(path, place, replace(level, handlers=handlers))
        own = [step for step in steps if isinstance(step, Task) and step.is_handler]
        play = Play(
            span=place,
            name=None,
            hosts=Authored("all"),
            tasks=tuple(step for step in steps if step not in own),
            handlers=(*level.gathered.handlers, *own),
            roles=tuple(level.gathered.roles),
        )
        return Playbook(str(folder / path.name), (play,)), tuple(in_order(reading.errors))

    def load_source(self, source: Source) -> Playbook:
        """Return a playbook that is no file. Its name tells where it would lie. Raises as above."""
        path = Path(source.name)
        reading = self._reading(path.parent)
        reading.documents[path] = parse_document(source, reading.report)
        plays = reading.playbook(path, Inherited(), None, ())
        reading.finish()
        return Playbook(source.name, plays)

    def load_tasks(
        self,
        path: Path,
        include: Task,
        apply: Mapping[str, Value],
        playbook_dir: Path | None = None,
    ) -> Brought:
        """Return what a file brings for an `include_tasks` and the values of its `apply`.

        The include's own `vars` are not in the steps: those lie above all, and the cursor brings
        them. Raises PlaybookInvalid with every finding.
        """
        return _valid(*self.look_at_tasks(path, include, apply, playbook_dir or path.parent))

    def look_at_tasks(
        self, path: Path, include: Task, apply: Mapping[str, Value], playbook_dir: Path
    ) -> tuple[Brought, tuple[Diagnostic, ...]]:
        """Return what can be understood of a file, as `load_tasks` does, and every finding."""
        reading = self._reading(playbook_dir)
        level = self._level_inside(reading, include, apply, path)
        steps = reading.tasks(path, include.action.span, level)
        return _brought(reading, level, steps)

    def load_role(
        self, include: Task, args: Mapping[str, Value], own: Mapping[str, Value], playbook_dir: Path
    ) -> Brought:
        """Return what a role brings for an `include_role` with these arguments, all rendered.

        `own` are the variables of the include itself. Raises PlaybookInvalid with every finding.
        """
        return _valid(*self.look_at_role(include, args, own, playbook_dir))

    def look_at_role(
        self, include: Task, args: Mapping[str, Value], own: Mapping[str, Value], playbook_dir: Path
    ) -> tuple[Brought, tuple[Diagnostic, ...]]:
        """Return what can be understood of a role, as `load_role` does, and every finding."""
        wrong = tuple(wrong_entry_points(include.action, args))
        if wrong:
            return Brought(()), wrong
        reading = self._reading(playbook_dir)
        level = self._level_inside(reading, include, args.get("apply") or {}, playbook_dir)
        name = Authored(str(args["name"]), include.action.arg_spans.get("name"))
        steps = reading.import_role(use_of_arguments(name, include.action, args, own), level)
        return _brought(reading, level, steps)

    def _level_inside(
        self, reading: Reading, include: Task, apply: Mapping[str, Value], path: Path
    ) -> Level:
        """Return the level of what an include brings; raise PlaybookInvalid."""
        try:
            inherited = inherit(include.enclosing or Inherited(), apply)
        except TemplateFailed as failure:
            message = f"`apply` of `{include.action.written}`: {failure.message}"
            wrong = Diagnostic(code="keyword-type", message=message, span=include.action.span)
            raise PlaybookInvalid([wrong]) from None
        level = reading.level(inherited, path)
        return replace(level, handlers=include.is_handler, role=include.role)

    def _reading(self, playbook_dir: Path) -> Reading:
        self.project.add(playbook_dir)
        return Reading(
            self.render,
            self.warn,
            playbook_dir,
            self.deferred,
            self.roles_path,
            self.duplicate_keys,
            self.project,
            self.merges_hashes,
            self.files,
        )


def playbook_dir_of(role: Path) -> Path:
    """Return the directory in which the playbooks lie that use a role."""
    role = role.absolute()
    return role.parent.parent if role.parent.name == "roles" else role.parent


def _use_of_file(path: Path, role: Path, place: Span, *, handlers: bool) -> RoleUse:
    """Return the use of a role that brings one of its files; of its directory what `main` is."""
    folder = "handlers" if handlers else "tasks"
    inside = path != role and path.is_relative_to(role / folder)
    points = {folder: str(path.relative_to(role / folder))} if inside else {}
    name = Authored(str(role.absolute()), place)
    return RoleUse(name=name, span=place, entry_points=points, included=True)


def _brought(
    reading: Reading, level: Level, steps: tuple[Step, ...]
) -> tuple[Brought, tuple[Diagnostic, ...]]:
    gathered = level.gathered
    public = tuple(role for role in gathered.roles if role.public)
    return Brought(steps, tuple(gathered.handlers), public), tuple(in_order(reading.errors))


def _valid(brought: Brought, errors: tuple[Diagnostic, ...]) -> Brought:
    if errors:
        raise PlaybookInvalid(errors)
    return brought
