"""Reads files of plays and tasks with everything they import, and collects what is found."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as MappingLike
from collections.abc import Sequence as SequenceLike
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from understudy.playbook import file_findings as findings
from understudy.playbook.documents import Documents
from understudy.playbook.fields import Field, Fields, Report, read_fields, warn_ignored
from understudy.playbook.keywords import Place, keywords_of
from understudy.playbook.model import Inherited, Play, Step
from understudy.playbook.module_names import BUILTIN_PREFIXES
from understudy.playbook.plays import parse_play
from understudy.playbook.project import Project
from understudy.playbook.role_files import tasks_path
from understudy.playbook.role_uses import RoleUse
from understudy.playbook.roles import read_role
from understudy.playbook.tasks import Gathered, Level, parse_tasks, unread
from understudy.text import nodes
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid, Severity
from understudy.text.nodes import Node, Scalar, Sequence
from understudy.text.source import Span
from understudy.values.errors import TemplateFailed
from understudy.values.load import load_text
from understudy.values.texts import Template, Text, Value

Render: TypeAlias = Callable[[str | Template, SequenceLike[MappingLike[str, Value]]], str]
"""Renders a name that is needed at load. It sees extra variables above the layers given, which
stand highest first; raises TemplateFailed."""

_IMPORT = "import_playbook"
_PASSED_BY_IMPORT = frozenset({"name", "tags", "vars", "when"})


@dataclass(slots=True)
class Reading:
    """One reading of a playbook or of a file of tasks: what was found so far."""

    render: Render
    warn: Report
    playbook_dir: Path
    deferred: frozenset[str] = frozenset()
    roles_path: tuple[Path, ...] = ()
    """Where roles are looked for, after `roles/` beside the playbook."""
    duplicate_keys: Severity | None = Severity.WARNING
    """What a key is that stands twice in a mapping; None is nothing."""
    project: Project = field(default_factory=Project)
    merges_hashes: bool = False
    """`hash_behaviour = merge`: mappings of variables are merged key by key."""
    files: Documents = field(default_factory=Documents)
    errors: dict[Diagnostic, None] = field(default_factory=dict)
    """Each finding once, in the order in which they were met."""
    documents: dict[Path, Node | None] = field(default_factory=dict)
    unreadable: set[Path] = field(default_factory=set)
    warned: set[Diagnostic] = field(default_factory=set)

    def report(self, found: Diagnostic) -> None:
        """Take a finding: an error is kept, each warning is handed on once."""
        if found.code == "duplicate-key":
            if self.duplicate_keys is None:
                return
            found = replace(found, severity=self.duplicate_keys)
        if found.severity is not Severity.ERROR:
            if found not in self.warned:
                self.warned.add(found)
                self.warn(found)
        elif found.code not in self.deferred:
            self.errors[found] = None

    def finish(self) -> None:
        """Raise what was found."""
        if self.errors:
            raise PlaybookInvalid(findings.in_order(self.errors))

    def document(self, path: Path, named_at: Span | None) -> Node | None:
        """Return a file's tree, read once; report why it cannot be read."""
        if path not in self.documents:
            self.documents[path] = None
            try:
                self.documents[path] = self.files.root(path, named_at, self.report)
            except PlaybookInvalid as invalid:
                self.unreadable.add(path)
                for found in invalid.diagnostics:
                    self.report(found)
        return self.documents[path]

    def variables(self, path: Path) -> MappingLike[str, Value]:
        """Return the variables of a file; report why it cannot be read."""
        try:
            return self.files.variables(path)
        except PlaybookInvalid as invalid:
            for found in invalid.diagnostics:
                self.report(found)
            return {}

    def is_refused(self, path: Path, named_at: Span | None, depth: int) -> bool:
        """Tell whether one more import is too many; report that."""
        refused = self.files.refusal(path, named_at, depth)
        if refused is not None:
            self.report(refused)
        return refused is not None

    def level(self, inherited: Inherited, path: Path) -> Level:
        """Return the outermost level of a file."""
        return Level(inherited, self.report, self, path, self.playbook_dir)

    def import_tasks(self, file: Text, span: Span, level: Level) -> tuple[Step, ...]:
        """Return the tasks of the file that `import_tasks` names."""
        name = self.name(file, span, level)
        if name is None:
            return (unread(span, level),)
        path = tasks_path(
            name, level.path.parent, level.role, level.folder, handlers=level.handlers
        )
        importers = (*level.importers, level.path)
        if self.is_loop(path, span, importers):
            return ()
        return self.tasks(path, span, replace(level, path=path, importers=importers))

    def import_role(self, use: RoleUse, level: Level) -> tuple[Step, ...]:
        """Return the steps of a role that is used in a place."""
        read = read_role(self, use, level)
        if read is None:
            return (unread(use.span, level),)
        level.gathered.roles.append(read.role)
        return (read.block,)

    def tasks(self, path: Path, named_at: Span, level: Level) -> tuple[Step, ...]:
        """Return the tasks of a file."""
        root = self.document(path, named_at)
        refused = self.is_refused(path, named_at, len(level.importers))
        if refused or path in self.unreadable:
            return (unread(named_at, level),)
        if isinstance(root, nodes.Mapping | Scalar):
            self.report(findings.not_tasks(root, path))
            return ()
        if isinstance(root, Sequence) and findings.holds_plays(root):
            self.report(findings.plays_not_tasks(root, named_at))
            return ()
        return parse_tasks(root, level) if root is not None else ()

    def name(self, text: str | Template, span: Span, level: Level) -> str | None:
        """Return the name of a file or role to import, rendered; report why that failed."""
        try:
            return self.render(text, level.variables)
        except TemplateFailed as failure:
            self.report(findings.name_not_rendered(span, failure))
            return None

    def is_loop(self, path: Path, span: Span, chain: tuple[Path, ...]) -> bool:
        """Tell whether a file imports itself; report the way it does."""
        files = [_same(one) for one in chain]
        if _same(path) not in files:
            return False
        loop = [*chain[files.index(_same(path)) :], path]
        self.report(findings.import_loop(span, loop))
        return True

    def playbook(
        self, path: Path, around: Inherited, named_at: Span | None, chain: tuple[Path, ...]
    ) -> tuple[Play, ...]:
        """Return the plays of a playbook file; `around` is what its import adds."""
        root = self.document(path, named_at)
        if not isinstance(root, Sequence) or not root.items:
            if path not in self.unreadable:
                self.report(findings.not_a_playbook(root, path, named_at))
            return ()
        if self.is_refused(path, named_at, len(chain)):
            return ()
        self.project.add(path.parent)
        level = replace(self.level(around, path), folder=path.parent)
        plays: list[Play] = []
        for item in root.items:
            plays += self.entry(item, level, path, chain)
        return tuple(plays)

    def entry(
        self, item: Node, level: Level, path: Path, chain: tuple[Path, ...]
    ) -> tuple[Play, ...]:
        """Return one play, or those of the playbook imported in its place."""
        if not isinstance(item, nodes.Mapping):
            self.report(findings.not_a_play(item))
            return ()
        key = next((k for k, _ in item.pairs() if _is_import(k)), None)
        if key is None:
            return (parse_play(item, replace(level, gathered=Gathered())),)
        return self.imported_playbook(item, key, level, path, chain)

    def imported_playbook(
        self, item: nodes.Mapping, key: Scalar, level: Level, path: Path, chain: tuple[Path, ...]
    ) -> tuple[Play, ...]:
        """Return the plays of the playbook that `import_playbook` names."""
        node = item.entries[key.value][1]
        rest = {k: pair for k, pair in item.entries.items() if k != key.value}
        mapping = nodes.Mapping(item.source, item.start, item.end, None, rest)
        fields = read_fields(mapping, Place.IMPORT_PLAYBOOK, self.report)
        without_effect = sorted(keywords_of(Place.IMPORT_PLAYBOOK).keys() - _PASSED_BY_IMPORT)
        warn_ignored(fields, without_effect, Place.IMPORT_PLAYBOOK, self.report)
        if not isinstance(node, Scalar) or not isinstance(node.value, str) or not node.value:
            self.report(findings.no_file(key))
            return ()
        inner = level.within(_passed(fields))
        name = self.name(load_text(node), node.span, inner)
        if name is None:
            return ()
        found = path.parent / name
        if self.is_loop(found, node.span, (*chain, path)):
            return ()
        return self.playbook(found, inner.inherited, node.span, (*chain, path))


def _passed(fields: Fields) -> dict[str, Field]:
    return {name: f for name, f in fields.items() if name in _PASSED_BY_IMPORT}


def _is_import(key: Scalar) -> bool:
    name = str(key.value)
    return name == _IMPORT or name in [prefix + _IMPORT for prefix in BUILTIN_PREFIXES]


def _same(path: Path) -> Path:
    # a name that no file can have is told when it is read
    return path if "\0" in str(path) else path.resolve()
