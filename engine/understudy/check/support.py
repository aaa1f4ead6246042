"""What of a project runs here and what does not: each use of what may be missing, counted.

A project is seen as trees of nodes and as texts. Nothing of it is run and nothing is guessed: what
only a template can name is not counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from understudy.inventory.read import PLUGINS
from understudy.playbook.call import FindOwn, Own, sort_task
from understudy.playbook.fields import unknown_keyword
from understudy.playbook.keywords import KEYWORDS, LOOP_PREFIX, Place, Rendered
from understudy.playbook.module_names import collection_of, short_name
from understudy.playbook.plugins import missing_plugin
from understudy.playbook.project import ACTION_FOLDER, NOT_RUN
from understudy.playbook.user_modules import UserModule
from understudy.text.diagnostic import Diagnostic
from understudy.text.nodes import Mapping, Node, Scalar, Sequence
from understudy.text.offsets import part_of
from understudy.text.source import Position, Source, Span, span_at
from understudy.values.environment import environment
from understudy.values.lookups import find_lookup
from understudy.values.program import calls_of
from understudy.values.texts import Expression, Template, is_template

OWN = "of the project"
UNKNOWN = "of no known collection"
_ABSENT, _UNSUPPORTED = "not known here", "not supported"

_SECTIONS = ("pre_tasks", "tasks", "post_tasks", "handlers")
_PARTS = ("block", "rescue", "always")
_EXPRESSIONS = frozenset(
    {"that", "var"} | {k.name for k in KEYWORDS.values() if k.rendered is Rendered.AS_EXPRESSION}
)
_NO_MODULE = frozenset({"unknown-module", "unsupported-module"})
_CALLED = (
    ("filter", re.compile(r"(?:\||\bfilter\b)\s*([A-Za-z_][\w.]*)")),
    ("filter", re.compile(r"\bmap\s*\(\s*['\"]([\w.]+)")),
    ("test", re.compile(r"\bis\s+(?:not\s+)?([A-Za-z_][\w.]*)")),
    ("test", re.compile(r"\b(?:select|reject)\s*\(\s*['\"]([\w.]+)")),
    ("lookup", re.compile(r"\b(?:lookup|query|q)\s*\(\s*['\"]([\w.]+)")),
)
"""What may be a call. It finds too much: Jinja's parser has the last word on an unknown name."""
_IN_INI = re.compile(
    r"(?m)^[^#;\n]*?\b(ansible_connection|ansible_become_method)\s*=\s*[\"']?(\w+)"
)


class Kind(Enum):
    """The sorts of things that a project uses, in the order in which they are shown."""

    MODULE = "modules"
    PLUGIN = "plugins of the project"
    FILTER = "filters that are not here"
    TEST = "tests that are not here"
    LOOKUP = "lookups that are not here"
    LOOP = "loops"
    CONNECTION = "connections"
    STRATEGY = "strategies"
    BECOME = "become methods"
    INVENTORY = "inventory plugins"
    KEYWORD = "keywords that are not known"


_KEYWORDS = {
    "connection": Kind.CONNECTION,
    "strategy": Kind.STRATEGY,
    "become_method": Kind.BECOME,
    "debugger": Kind.KEYWORD,
    "order": Kind.KEYWORD,
}
_VARIABLES = {"ansible_connection": "connection", "ansible_become_method": "become_method"}
_CALLS = {"filter": Kind.FILTER, "test": Kind.TEST, "lookup": Kind.LOOKUP}


@dataclass(slots=True)
class Row:
    """One thing that a project uses. `why` says why it does not run; None: it runs."""

    kind: Kind
    group: str
    name: str
    uses: int = 0
    first: Span | None = None
    why: str | None = None
    cause: Span | None = None
    """Where it stands itself, or what hinders it; None: it is no file of the project."""


@dataclass(slots=True)
class Support:
    """Counts what a project uses, file by file."""

    own: FindOwn
    """Gives the project's own modules."""
    rows: dict[tuple[Kind, str, str], Row] = field(default_factory=dict)

    def in_order(self) -> list[Row]:
        """Return every row, sorted; what belongs to no known collection is last."""
        order = list(Kind)
        return sorted(
            self.rows.values(),
            key=lambda row: (
                order.index(row.kind),
                row.group in (OWN, UNKNOWN),
                row.group,
                row.name,
            ),
        )

    def playbook(self, root: Sequence) -> None:
        """Count what the plays of a playbook use."""
        for play in (item for item in root.items if isinstance(item, Mapping)):
            self._keywords(play)
            for section in _SECTIONS:
                self.tasks(play.get(section))
            roles = play.get("roles")
            for role in roles.items if isinstance(roles, Sequence) else ():
                if isinstance(role, Mapping):
                    self._plugins(role)

    def tasks(self, node: Node | None) -> None:
        """Count what a list of tasks uses."""
        for item in node.items if isinstance(node, Sequence) else ():
            if not isinstance(item, Mapping):
                continue
            if "block" in item.entries:
                self._keywords(item)
                for part in _PARTS:
                    self.tasks(item.get(part))
            else:
                self._task(item)

    def _task(self, task: Mapping) -> None:
        self._plugins(task)
        found: list[Diagnostic] = []
        asked: dict[Span, tuple[str, Own | None]] = {}

        def own(written: str, span: Span) -> Own | None:
            mine = self.own(written, span)
            asked[span] = written, mine
            return mine

        call = sort_task(task, Place.TASK, found.append, own).call
        if call is not None and call.name:
            self._module(call.written, call.span, call.own, None)
        for one in found:
            if one.code in _NO_MODULE and one.span in asked:
                self._module(asked[one.span][0], one.span, asked[one.span][1], one)
            elif one.code == "unknown-keyword" and one.span is not None:
                self._add(Kind.KEYWORD, _key_at(task, one.span), one.span, _hint(one))

    def _module(
        self, written: str, span: Span, own: Own | None, missing: Diagnostic | None
    ) -> None:
        name = short_name(written)
        if own is not None:
            row = self.own_module(name, own)
        else:
            group = collection_of(written) or UNKNOWN
            short = name.removeprefix(f"{group}.")
            row = self._row(Kind.MODULE, group, short)
            if missing is not None:
                row.why = _ABSENT if group == UNKNOWN else _UNSUPPORTED
        _use(row, span)

    def own_module(self, name: str, found: Own) -> Row:
        """Note a module of the project's own; return its row."""
        row = self._row(Kind.MODULE, OWN, name)
        if isinstance(found, UserModule):
            row.cause = row.cause or start_of(found.path)
        else:
            row.why = found.message
            row.cause = found.others[0].span if found.others else found.span
        return row

    def own_plugin(self, path: Path, kind: str, found: Diagnostic | None = None) -> None:
        """Note a file with a plugin of the project's own, and why it cannot be loaded.

        What an action plugin lacks, the module of its name lacks.
        """
        row = self._row(Kind.PLUGIN, kind, path.stem)
        row.cause = start_of(path)
        if kind in NOT_RUN:
            row.why = f"{_UNSUPPORTED}: no plugin of this kind is run"
        elif found is not None:
            row.why = found.message
            row.cause = found.others[0].span if found.others else found.span
            if kind == ACTION_FOLDER:
                module = self._row(Kind.MODULE, OWN, path.stem)
                module.why, module.cause = row.why, row.cause

    def inventory_plugin(self, node: Scalar) -> None:
        """Count the plugin that an inventory file names."""
        name = short_name(node.written)
        why = None if name in PLUGINS else _UNSUPPORTED
        self._add(Kind.INVENTORY, name, node.span, why)

    def _keywords(self, mapping: Mapping) -> None:
        """Count the keywords of a play or a block that are not known, and the plugins it names."""
        self._plugins(mapping)
        for key, _ in mapping.pairs():
            if short_name(str(key.value)) not in (*KEYWORDS, "import_playbook"):
                why = _hint(unknown_keyword(key, Place.PLAY))
                self._add(Kind.KEYWORD, key.written, key.span, why)

    def _plugins(self, mapping: Mapping) -> None:
        for key, node in mapping.pairs():
            name = str(key.value)
            if name.startswith(LOOP_PREFIX):
                here = find_lookup(name.removeprefix(LOOP_PREFIX)) is not None
                why = None if here else _ABSENT
                self._add(Kind.LOOP, name, key.span, why)
            elif name in _KEYWORDS and isinstance(node, Scalar):
                self._plugin(name, node.value, node.span)

    def _plugin(self, keyword: str, value: object, span: Span) -> None:
        """Count a plugin that a keyword or a variable names."""
        if not isinstance(value, str) or is_template(value):
            return
        found = missing_plugin(keyword, value, span)
        kind = _KEYWORDS[keyword]
        if kind is not Kind.KEYWORD:
            self._add(kind, short_name(value), span, _UNSUPPORTED if found else None)
        elif found is not None:
            self._add(kind, f"{keyword}: {value}", span, _UNSUPPORTED)

    def texts(self, root: Node) -> None:
        """Count what the texts and the variables of a file use."""
        waiting = [(root, False)]
        while waiting:
            node, expression = waiting.pop()
            if isinstance(node, Mapping):
                waiting += [(value, key.value in _EXPRESSIONS) for key, value in node.pairs()]
                self._variables(node)
            elif isinstance(node, Sequence):
                waiting += [(item, expression) for item in node.items]
            elif isinstance(node.value, str) and node.tag is None:
                self._scalar(node, node.value, expression=expression)

    def _variables(self, mapping: Mapping) -> None:
        for name, keyword in _VARIABLES.items():
            if isinstance(node := mapping.get(name), Scalar):
                self._plugin(keyword, node.value, node.span)

    def _scalar(self, node: Scalar, text: str, *, expression: bool) -> None:
        bare = expression and not is_template(text)
        for kind, name, start in _missing(text, bare=bare) if bare or is_template(text) else ():
            place = part_of(text, node.span, start, start + len(name))
            self._add(_CALLS[kind], name, place, _ABSENT)

    def template_file(self, source: Source) -> None:
        """Count what a template file uses."""
        if is_template(source.text) and "_string" not in source.line(1):
            for kind, name, start in _missing(source.text, bare=False):
                place = span_at(source, source.position(start), len(name))
                self._add(_CALLS[kind], name, place, _ABSENT)

    def ini_inventory(self, source: Source) -> None:
        """Count the connections and become methods that an inventory in INI names."""
        for found in _IN_INI.finditer(source.text):
            place = span_at(source, source.position(found.start(2)), len(found[2]))
            self._plugin(_VARIABLES[found[1]], found[2], place)

    def _add(self, kind: Kind, name: str, span: Span, why: str | None) -> None:
        row = self._row(kind, "", name)
        row.why = why
        _use(row, span)

    def _row(self, kind: Kind, group: str, name: str) -> Row:
        return self.rows.setdefault((kind, group, name), Row(kind, group, name))


def _use(row: Row, span: Span) -> None:
    row.uses += 1
    row.first = row.first or span


def _missing(text: str, *, bare: bool) -> Iterator[tuple[str, str, int]]:
    """Yield kind, name and place of each filter, test and lookup of a text that is not here."""
    found = [
        (kind, match[1], match.start(1))
        for kind, pattern in _CALLED
        for match in pattern.finditer(text)
        if not _is_here(kind, match[1])
    ]
    if found:
        called = calls_of(Expression(text) if bare else Template(text))
        yield from (one for one in found if one[:2] in called)


def _is_here(kind: str, name: str) -> bool:
    if kind == "lookup":
        return find_lookup(name) is not None
    return name in (environment().filters if kind == "filter" else environment().tests)


def _key_at(mapping: Mapping, span: Span) -> str:
    return next((key.written for key, _ in mapping.pairs() if key.span == span), "?")


def _hint(found: Diagnostic) -> str:
    return found.help or _ABSENT


def start_of(path: Path) -> Span:
    """Return the place where a file begins."""
    return span_at(Source(str(path), ""), Position(1, 1))
