"""Playbooks and files of tasks: found, read and parsed, with everything they import."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from understudy.playbook.fields import Field, Fields, Report, read_fields, warn_ignored
from understudy.playbook.inherit import inherit
from understudy.playbook.keywords import Place, keywords_of
from understudy.playbook.model import Inherited, Play, Playbook, Step, Task
from understudy.playbook.module_names import BUILTIN_PREFIXES
from understudy.playbook.plays import parse_play
from understudy.playbook.tasks import Level, parse_tasks
from understudy.text import nodes
from understudy.text.diagnostic import Diagnostic, Label, PlaybookInvalid, Severity
from understudy.text.document import parse_document
from understudy.text.file import read_source
from understudy.text.nodes import Node, Scalar, Sequence
from understudy.text.source import Position, Source, Span, span_at
from understudy.values.errors import TemplateFailed
from understudy.values.load import load_text
from understudy.values.scope import Scope
from understudy.values.texts import Text, Value

Render: TypeAlias = Callable[[Text], str]
"""Renders a name that is needed at load, from extra variables alone; raises TemplateFailed."""

FAIL_WHEN_RUN = frozenset(
    "argument-choice argument-conflict argument-type argument-value keyword-value missing-argument"
    " unexpected-text unknown-argument".split()
)
"""What Ansible finds only when a task runs, so that `when`, `ignore_errors` and `rescue` apply."""

_IMPORT = "import_playbook"
_VAULT_FILE = "$ANSIBLE_VAULT;"
_PASSED_BY_IMPORT = frozenset({"name", "tags", "vars", "when"})


def render_without_variables(text: Text) -> str:
    """Render a name as far as that needs no variable."""
    from understudy.values.template import render_text

    return str(text) if isinstance(text, str) else render_text(text, Scope(()))


@dataclass(frozen=True, slots=True)
class Loader:
    """Reads playbooks. Warnings go to `warn`; errors are raised all at once."""

    render: Render = render_without_variables
    warn: Report = field(default=lambda _warning: None)
    deferred: frozenset[str] = frozenset()
    """Codes of findings that are no errors here, since the task fails when it is run."""

    def load_playbook(self, path: Path | str) -> Playbook:
        """Return a playbook with all it imports. Raises PlaybookInvalid with every finding."""
        reading = _Reading(self, Path(path).parent)
        plays = reading.playbook(Path(path), Inherited(), None, ())
        reading.finish()
        return Playbook(str(path), plays)

    def load_tasks(
        self,
        path: Path,
        include: Task,
        apply: Mapping[str, Value],
        playbook_dir: Path | None = None,
    ) -> tuple[Step, ...]:
        """Return the tasks of a file for an `include_tasks` and the values of its `apply`.

        The variables of the blocks around the include are not flattened into them: they lie below
        the include's own, which the cursor brings. Raises PlaybookInvalid with every finding.
        """
        reading = _Reading(self, playbook_dir or path.parent)
        inherited = inherit(replace(include.enclosing or Inherited(), vars=()), apply)
        level = reading.level(inherited, path, ())
        level = replace(level, handlers=include.is_handler)
        steps = reading.tasks(path, include.action.span, level)
        reading.finish()
        return steps


def load_playbook(
    path: Path | str, *, render: Render = render_without_variables, warn: Report = print
) -> Playbook:
    """Return a playbook with all it imports. Raises PlaybookInvalid with every finding."""
    return Loader(render, warn).load_playbook(path)


@dataclass(slots=True)
class _Reading:
    """One loading: what was found so far."""

    loader: Loader
    playbook_dir: Path
    errors: list[Diagnostic] = field(default_factory=list)
    documents: dict[Path, Node | None] = field(default_factory=dict)

    def report(self, found: Diagnostic) -> None:
        if found.severity is not Severity.ERROR:
            self.loader.warn(found)
        elif found.code not in self.loader.deferred and found not in self.errors:
            self.errors.append(found)

    def finish(self) -> None:
        """Raise what was found."""
        if self.errors:
            raise PlaybookInvalid(_in_order(self.errors))

    def document(self, path: Path, named_at: Span | None) -> Node | None:
        """Return a file's tree, read once; report why it cannot be read."""
        if path not in self.documents:
            self.documents[path] = None
            try:
                self.documents[path] = self._read(path, named_at)
            except PlaybookInvalid as invalid:
                for found in invalid.diagnostics:
                    self.report(found)
        return self.documents[path]

    def _read(self, path: Path, named_at: Span | None) -> Node | None:
        source = read_source(path, named_at=named_at)
        if source.text.startswith(_VAULT_FILE):
            message = f"`{path}` is encrypted: vault is not supported yet"
            raise PlaybookInvalid(
                [Diagnostic(code="not-supported", message=message, span=named_at)]
            )
        root = parse_document(source, self.report)
        if root is not None and "!vault" in source.text:
            _refuse_vault(root, self.report)
        return root

    def level(self, inherited: Inherited, path: Path, chain: tuple[Path, ...]) -> Level:
        """Return the level of tasks in a file; `chain` are the files that import it."""

        def import_tasks(file: Text, span: Span, level: Level) -> tuple[Step, ...]:
            return self.imported(file, span, level, (*chain, path))

        return Level(inherited, self.report, import_tasks)

    def imported(
        self, file: Text, span: Span, level: Level, chain: tuple[Path, ...]
    ) -> tuple[Step, ...]:
        """Return the tasks of the file that `import_tasks` names."""
        name = self.name(file, span)
        if name is None:
            return ()
        path = _find(name, chain[-1].parent, self.playbook_dir)
        if self.is_loop(path, span, chain):
            return ()
        inner = self.level(level.inherited, path, chain)
        return self.tasks(path, span, replace(inner, handlers=level.handlers))

    def tasks(self, path: Path, named_at: Span, level: Level) -> tuple[Step, ...]:
        """Return the tasks of a file."""
        root = self.document(path, named_at)
        if isinstance(root, nodes.Mapping | Scalar):
            self.report(_not_tasks(root, path))
            return ()
        if isinstance(root, Sequence) and _holds_plays(root):
            self.report(_plays_not_tasks(root, named_at))
            return ()
        return parse_tasks(root, level) if root is not None else ()

    def name(self, file: Text, span: Span) -> str | None:
        """Return the name of a file to import, rendered; report why that failed."""
        try:
            return self.loader.render(file)
        except TemplateFailed as failure:
            self.report(
                Diagnostic(
                    code="import-name",
                    message=f"the name of an imported file cannot be rendered: {failure.message}",
                    span=span,
                    notes=("it is read before anything is run: only extra variables are known",),
                    help="use `include_tasks`, or give the variable with `-e`",
                )
            )
            return None

    def is_loop(self, path: Path, span: Span, chain: tuple[Path, ...]) -> bool:
        """Tell whether a file imports itself; report the way it does."""
        files = [_same(one) for one in chain]
        if _same(path) not in files:
            return False
        loop = [*chain[files.index(_same(path)) :], path]
        self.report(
            Diagnostic(
                code="import-loop",
                message="this import leads back to the file it stands in",
                span=span,
                notes=(" imports ".join(f"`{one}`" for one in loop),),
                help="remove the import, or use `include_tasks` with a condition",
            )
        )
        return True

    def playbook(
        self, path: Path, around: Inherited, named_at: Span | None, chain: tuple[Path, ...]
    ) -> tuple[Play, ...]:
        """Return the plays of a playbook file; `around` is what its import adds."""
        root = self.document(path, named_at)
        if not isinstance(root, Sequence) or not root.items:
            if not self.errors:
                self.report(_not_a_playbook(root, path, named_at))
            return ()
        level = self.level(around, path, ())
        plays: list[Play] = []
        for item in root.items:
            plays += self.entry(item, level, path, chain)
        return tuple(plays)

    def entry(
        self, item: Node, level: Level, path: Path, chain: tuple[Path, ...]
    ) -> tuple[Play, ...]:
        """Return one play, or those of the playbook imported in its place."""
        if not isinstance(item, nodes.Mapping):
            self.report(_not_a_play(item))
            return ()
        key = next((k for k, _ in item.pairs() if _is_import(k)), None)
        if key is None:
            return (parse_play(item, level),)
        return self.imported_playbook(item, key, level, path, chain)

    def imported_playbook(
        self, item: nodes.Mapping, key: Scalar, level: Level, path: Path, chain: tuple[Path, ...]
    ) -> tuple[Play, ...]:
        node = item.entries[key.value][1]
        rest = {k: pair for k, pair in item.entries.items() if k != key.value}
        mapping = nodes.Mapping(item.source, item.start, item.end, None, rest)
        fields = read_fields(mapping, Place.IMPORT_PLAYBOOK, self.report)
        without_effect = sorted(keywords_of(Place.IMPORT_PLAYBOOK).keys() - _PASSED_BY_IMPORT)
        warn_ignored(fields, without_effect, Place.IMPORT_PLAYBOOK, self.report)
        if not isinstance(node, Scalar) or not isinstance(node.value, str) or not node.value:
            self.report(_no_file(key))
            return ()
        name = self.name(load_text(node), node.span)
        if name is None:
            return ()
        found = path.parent / name
        if self.is_loop(found, node.span, (*chain, path)):
            return ()
        around = level.within(_passed(fields)).inherited
        return self.playbook(found, around, node.span, (*chain, path))


def _passed(fields: Fields) -> dict[str, Field]:
    return {name: f for name, f in fields.items() if name in _PASSED_BY_IMPORT}


def _is_import(key: Scalar) -> bool:
    name = str(key.value)
    return name == _IMPORT or name in [prefix + _IMPORT for prefix in BUILTIN_PREFIXES]


def _find(name: str, beside: Path, playbook_dir: Path) -> Path:
    """Return the file beside the importing one, or beside the playbook."""
    for folder in (beside, beside / "tasks", playbook_dir, playbook_dir / "tasks"):
        if (folder / name).is_file():
            return folder / name
    return beside / name


def _same(path: Path) -> Path:
    return path.resolve()


def _refuse_vault(node: Node, report: Report) -> None:
    if isinstance(node, Scalar):
        if node.tag in ("!vault", "!vault-encrypted"):
            message = "`!vault` is not supported yet"
            report(Diagnostic(code="not-supported", message=message, span=node.span))
        return
    for child in node.items if isinstance(node, Sequence) else [v for _, v in node.pairs()]:
        _refuse_vault(child, report)


def _holds_plays(root: Sequence) -> bool:
    return any(isinstance(i, nodes.Mapping) and "hosts" in i.entries for i in root.items)


def _not_tasks(root: Node, path: Path) -> Diagnostic:
    return Diagnostic(
        code="not-a-list",
        message=f"`{path}` must hold a list of tasks",
        span=root.span,
        help="begin each task with `- `",
    )


def _plays_not_tasks(root: Sequence, named_at: Span) -> Diagnostic:
    play = next(i for i in root.items if isinstance(i, nodes.Mapping) and "hosts" in i.entries)
    return Diagnostic(
        code="play-as-tasks",
        message="this file holds plays, where tasks are expected",
        span=play.span,
        others=(Label(named_at, "taken for a file of tasks here"),),
        help="import it with `import_playbook` beside the plays, or keep only the tasks",
    )


def _not_a_playbook(root: Node | None, path: Path, named_at: Span | None) -> Diagnostic:
    empty = root is None or isinstance(root, Sequence)
    return Diagnostic(
        code="empty-playbook" if empty else "not-a-list",
        message=f"`{path}` holds no play" if empty else "a playbook must be a list of plays",
        span=root.span if root is not None else named_at or _start_of(path),
        help="begin it with `- hosts: all`" if empty else "begin each play with `- `",
    )


def _start_of(path: Path) -> Span:
    return span_at(Source(str(path), ""), Position(1, 1))


def _in_order(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return findings file by file, in the order of the text."""
    findings = list(findings)
    files = list(dict.fromkeys(found.span.source.name for found in findings if found.span))

    def place(found: Diagnostic) -> tuple[int, Position]:
        if found.span is None:
            return -1, Position(0, 0)
        return files.index(found.span.source.name), found.span.start

    return sorted(findings, key=place)


def _not_a_play(item: Node) -> Diagnostic:
    return Diagnostic(
        code="not-a-play",
        message="a play must be a mapping with `hosts` and `tasks`",
        span=item.span,
        help="begin it with `- hosts: all`",
    )


def _no_file(key: Scalar) -> Diagnostic:
    return Diagnostic(
        code="keyword-type",
        message=f"`{key.written}` must name a file",
        span=key.span,
        help=f"write `{key.written}: other.yml`",
    )
