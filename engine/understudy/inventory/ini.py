"""The INI form of an inventory, line by line: sections of hosts, of children and of variables.

Values are Python literals where they read as one (`n=5`, `l="[1, 2]"`) and text where they do not;
a host's line is split as a shell would split it, a `:vars` line holds one value to its end.
"""

from __future__ import annotations

import ast
import io
import re
import shlex
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field

from understudy.inventory.model import GroupLoop, Inventory
from understudy.inventory.ranges import BadRange, expand
from understudy.inventory.safe_names import is_safe
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid, did_you_mean
from understudy.text.source import Position, Source, Span
from understudy.values.load import author
from understudy.values.texts import Value

_SECTION = re.compile(r"\[(?P<group>[^:\]\s]+)(?::(?P<kind>\w+))?\]\s*(?:#.*)?")
_SPECIAL_TO_SHELL = re.compile(r"[\"'\\#]")
_KINDS = ("hosts", "children", "vars")


def read_ini(source: Source, inventory: Inventory) -> None:
    """Add what an INI inventory names. Raise PlaybookInvalid with every finding."""
    reader = _Reader(source, inventory, defined=set(inventory.groups))
    with warnings.catch_warnings(action="ignore"):  # a literal with an odd escape is just a text
        for number, raw in enumerate(source.text.splitlines(), start=1):
            text = raw.strip()
            if text and text[0] not in "#;":
                reader.read_line(_Line(source, number, raw.index(text[0]) + 1, text))
    reader.finish()


@dataclass(frozen=True, slots=True)
class _Line:
    """A line without the blanks around it; `column` is where it begins."""

    source: Source
    number: int
    column: int
    text: str

    def span(self, start: int = 0, end: int | None = None) -> Span:
        last = self.column + (len(self.text) if end is None else end)
        first = Position(self.number, self.column + start)
        return Span(self.source, first, Position(self.number, last))


@dataclass(slots=True)
class _Reader:
    source: Source
    inventory: Inventory
    group: str = "ungrouped"
    kind: str = "hosts"
    defined: set[str] = field(default_factory=set)
    wanted: dict[str, Diagnostic] = field(default_factory=dict)
    """Groups that were used before they were defined, and what to say if they never are."""
    parents: dict[str, list[tuple[str, Span]]] = field(default_factory=dict)
    """The parents of groups that were not defined yet, and where it says so."""
    findings: list[Diagnostic] = field(default_factory=list)
    """What is wrong. What comes after the first mistake is read for more, but is not kept."""

    def read_line(self, line: _Line) -> None:
        if line.text.startswith("[") and line.text.partition("#")[0].rstrip().endswith("]"):
            self._section(line)
        elif self.kind == "children":
            self._child(line)
        elif self.kind == "vars":
            self._variable(line)
        elif self.kind == "hosts":
            self._hosts(line)

    def finish(self) -> None:
        self.findings += [said for name, said in self.wanted.items() if name not in self.defined]
        if self.findings:
            raise PlaybookInvalid(self.findings)

    def _section(self, line: _Line) -> None:
        found = _SECTION.fullmatch(line.text)
        self.kind = "unreadable"
        if found is None:
            message = f"`{line.text}` is not a section: write `[group]` without blanks inside"
            self._report(line.span(), "invalid-section", message)
            return
        kind = found["kind"] or "hosts"
        if kind not in _KINDS:
            message = f"`{kind}` is not a kind of section: it is `children` or `vars`"
            near = did_you_mean(kind, _KINDS)
            help_ = f"did you mean `{near}`?" if near else None
            self._report(line.span(*found.span("kind")), "invalid-section", message, help_)
            return
        self.group, self.kind = self._name(found["group"]), kind
        span = line.span(*found.span("group"))
        if kind == "vars":
            message = f"no group `{self.group}` is defined for these variables"
            self._want(self.group, span, message)
        else:
            self._define(self.group)

    def _child(self, line: _Line) -> None:
        name = line.text.partition("#")[0].strip()
        span = line.span(0, len(name))
        name = self._name(name)
        if len(name.split()) != 1 or ":" in name:
            self._report(span, "invalid-section", f"`{name}` is not the name of a group")
            return
        if name in self.defined:
            self._add_child(self.group, name, span)
            return
        self._want(name, span, f"`[{self.group}:children]` names a group `{name}` nobody defines")
        self.parents.setdefault(name, []).append((self.group, span))

    def _add_child(self, parent: str, name: str, span: Span) -> None:
        try:
            self.inventory.add_child(parent, name)
        except GroupLoop as error:
            self._report(span, "group-loop", str(error))

    def _variable(self, line: _Line) -> None:
        name, equals, text = line.text.partition("=")
        if not equals:
            message = f"`{line.text}` is not a variable: write `name = value`"
            self._report(line.span(), "invalid-variable", message)
            return
        start = len(name) + 1 + len(text) - len(text.lstrip())
        span = line.span(start)
        group = self.inventory.group(self.group)
        self.inventory.give(group, {name.strip(): _value(text.strip(), span)})

    def _hosts(self, line: _Line) -> None:
        if line.text == "---":
            message = "`---` begins a YAML file, and this one is read as INI"
            self._report(line.span(), "invalid-host", message, "name it `.yml`")
            return
        try:
            words = list(_words(line.text))
            names, port = expand(words[0][0])
        except (BadRange, ValueError) as error:
            message = str(error) if isinstance(error, BadRange) else "a quotation is never closed"
            self._report(line.span(), "invalid-host", message)
            return
        values: dict[str, Value] = {} if port is None else {"ansible_port": port}
        values.update(self._host_values(line, words[1:]))
        span = line.span(0, len(words[0][0]))
        for name in self.inventory.wanted(names):
            host = self.inventory.enlist(name, self.group, self.source.name, span)
            self.inventory.give(host, values)

    def _host_values(
        self, line: _Line, words: list[tuple[str, int, int]]
    ) -> Iterator[tuple[str, Value]]:
        for word, start, end in words:
            name, equals, text = word.partition("=")
            span = line.span(start, end)
            if equals:
                yield name, _value(text, span)
            else:
                message = f"`{word}` is not a variable of the host: write `name=value`"
                self._report(span, "invalid-variable", message, "a value with blanks needs quotes")

    def _name(self, written: str) -> str:
        """Return the name that a group is known under; an odd one is noted."""
        if written in self.inventory.groups or is_safe(written):
            return written
        self.inventory.odd_names[written] = None
        return self.inventory.kept_name(written)

    def _define(self, name: str) -> None:
        self.defined.add(name)
        self.inventory.group(name)
        for parent, span in self.parents.pop(name, ()):
            self._add_child(parent, name, span)

    def _want(self, name: str, span: Span, message: str) -> None:
        near = did_you_mean(name, self.inventory.groups)
        help_ = f"did you mean `{near}`?" if near else f"write a section `[{name}]`"
        said = Diagnostic(code="undefined-group", message=message, span=span, help=help_)
        self.wanted.setdefault(name, said)

    def _report(self, span: Span, code: str, message: str, help_: str | None = None) -> None:
        self.findings.append(Diagnostic(code=code, message=message, span=span, help=help_))
        self.inventory = self.inventory.scratch()


def _words(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield each word of a line, unquoted, with where it starts and ends. Raise ValueError."""
    if not _SPECIAL_TO_SHELL.search(text):
        for found in re.finditer(r"\S+", text):
            yield found[0], *found.span()
        return
    stream = io.StringIO(text)
    lexer = shlex.shlex(stream, posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    start = 0
    for word in lexer:
        end = stream.tell()
        start += len(text[start:]) - len(text[start:].lstrip())
        yield word, start, start + len(text[start:end].rstrip())
        start = end


def _value(text: str, span: Span) -> Value:
    """Return a literal's value, else the text, as the author's."""
    return author(literal(text), span)


def literal(text: str) -> Value:
    """Return what a text is worth as a Python literal, or the text itself."""
    if text.isidentifier() and text not in ("True", "False", "None"):
        return text
    try:
        return _as_yaml_would(ast.literal_eval(text))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return text


def _as_yaml_would(value: Value) -> Value:
    """Turn what Python has and YAML has not (tuple, set, bytes, …) into its nearest kin."""
    if isinstance(value, list | tuple | set):
        return [_as_yaml_would(one) for one in value]
    if isinstance(value, dict):
        return {key: _as_yaml_would(one) for key, one in value.items()}
    if isinstance(value, bytes):
        return value.decode()
    if value is Ellipsis:
        return "..."
    return str(value) if isinstance(value, complex) else value
