"""The Jinja environment: a text goes in, a program with Ansible's native results comes out.

Jinja's own native environment evaluates the *text* of its result, which would make data of what
a host printed. Here a program that yields one value gives that very value, several are joined as
text, and no text is ever read back.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from typing import TypeAlias

from jinja2 import Environment, FunctionLoader, TemplateNotFound, Undefined, nodes
from jinja2 import Template as JinjaTemplate
from jinja2.compiler import CodeGenerator, Frame
from jinja2.environment import TemplateModule
from jinja2.lexer import TokenStream
from jinja2.loaders import split_template_path
from jinja2.runtime import Context

from understudy.values.embedded import embedded
from understudy.values.lazy import OMIT, finalise
from understudy.values.missing import Missing
from understudy.values.texts import Value
from understudy.values.vault import decrypted

Token: TypeAlias = tuple[int, str, str]


class _Generator(CodeGenerator):
    """Yields each expression's value as it is; only literal text is joined at compile time."""

    @staticmethod
    def _default_finalize(value: Value) -> Value:
        return value

    def _output_child_to_const(
        self, node: nodes.Expr, frame: Frame, _finalize: CodeGenerator._FinalizeInfo
    ) -> Value:
        if not isinstance(node, nodes.TemplateData):
            raise nodes.Impossible
        return node.as_const(frame.eval_ctx)

    def _output_child_pre(self, *_args: object) -> None: ...

    def _output_child_post(self, *_args: object) -> None: ...


def concat(values: Iterable[Value]) -> Value:
    """Join what a program yielded: nothing is None, one value is itself, several are text."""
    pieces = list(values)
    kept = [value for value in pieces if value is not None and value is not OMIT]
    if len(kept) == 1:
        return kept[0]
    if not kept:
        return OMIT if OMIT in pieces else None
    return "".join([v if isinstance(v, str) else _as_text(v) for v in kept])


def _as_text(value: Value) -> str:
    if type(value) is Undefined:
        return ""
    return str(value if isinstance(value, timedelta) else finalise(value))


class _FileTemplate(JinjaTemplate):
    """A file that others include or import; what it sets is not kept for the next that does."""

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        """Return the module for an import, made anew: it is of one host and one moment."""
        keys = ctx.globals_keys - self.globals.keys() if ctx else ()
        return self.make_module({key: ctx.parent[key] for key in keys} if ctx else None)


class AnsibleEnvironment(Environment):
    """Jinja as Ansible sets it up: block lines leave no empty line, dunder names are refused."""

    code_generator_class = _Generator
    template_class = _FileTemplate
    concat = staticmethod(concat)
    embedded = staticmethod(embedded)
    reads_escapes = False
    """Whether escapes are read in the strings of `{{ … }}`: in template files they are."""

    def __init__(self) -> None:
        super().__init__(
            trim_blocks=True,
            undefined=Missing,
            cache_size=0,
            optimized=False,
        )

    def _tokenize(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> TokenStream:
        tokens = self.lexer.tokeniter(source, name, filename, state)
        if state is None and "\\" in source and not self.reads_escapes:
            tokens = _literal_backslashes(tokens)
        return TokenStream(self.lexer.wrap(tokens, name, filename), name, filename)

    def getattr(self, obj: Value, attribute: str) -> Value:
        """Return `obj.attribute`: a method before a key, as Jinja does; else Missing."""
        if attribute.startswith("__"):
            return self._unsafe(obj, attribute)
        if isinstance(obj, dict) and not hasattr(dict, attribute):
            return self._item(obj, attribute)
        try:
            return getattr(obj, attribute)
        except AttributeError:
            return self._item(obj, attribute)

    def getitem(self, obj: Value, argument: Value) -> Value:
        """Return `obj[argument]`, or an attribute of that name; a missing one is Missing."""
        if isinstance(argument, str) and argument.startswith("__") and argument not in _keys(obj):
            return self._unsafe(obj, argument)
        try:
            return obj[argument]
        except (AttributeError, TypeError, LookupError):
            if isinstance(argument, Missing):
                return argument
            if isinstance(argument, str) and not isinstance(obj, (dict, list)):
                return self._attribute(obj, argument)
        return Missing(obj=obj, name=argument)

    def _attribute(self, obj: Value, name: str) -> Value:
        return getattr(obj, name, Missing(obj=obj, name=name))

    def _item(self, obj: Value, key: str) -> Value:
        try:
            return obj[key]
        except (TypeError, LookupError, AttributeError):
            return Missing(obj=obj, name=key)

    def _unsafe(self, obj: Value, attribute: str) -> Missing:
        owner = type(obj).__name__
        return Missing(f"access to attribute {attribute!r} of {owner!r} object is unsafe.")


def _keys(obj: Value) -> Container[Value]:
    return obj if isinstance(obj, Mapping) else ()


def _literal_backslashes(tokens: Iterator[Token]) -> Iterator[Token]:
    r"""Keep backslashes in the strings of `{{ … }}`, where Ansible does not read escapes.

    It does in `{% … %}` and in conditions; so `regex_replace('\d', '')` works as it is written.
    """
    inside = False
    for line, kind, text in tokens:
        if kind in ("variable_begin", "variable_end"):
            inside = kind == "variable_begin"
        elif kind == "string" and inside:
            text = text[0] + text[1:-1].replace("\\", "\\\\") + text[-1]  # noqa: PLW2901
        yield line, kind, text


@dataclass(frozen=True, slots=True)
class Syntax:
    """How templates are marked in a file, and which line ends go with blocks."""

    block_start_string: str = "{%"
    block_end_string: str = "%}"
    variable_start_string: str = "{{"
    variable_end_string: str = "}}"
    comment_start_string: str = "{#"
    comment_end_string: str = "#}"
    line_statement_prefix: str | None = None
    line_comment_prefix: str | None = None
    lstrip_blocks: bool = False
    trim_blocks: bool = True

    def settings(self) -> dict[str, Value]:
        """Return the settings by Jinja's names; those that are None keep their defaults."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


USUAL = Syntax()
"""Jinja's own marks, as Ansible uses them."""


@cache
def environment_of(syntax: Syntax, folders: tuple[str, ...] = ()) -> AnsibleEnvironment:
    """Return the environment for template files, which include others out of `folders`."""
    loader = FunctionLoader(partial(_load, folders))
    made = environment().overlay(loader=loader, cache_size=_FILES_KEPT, **syntax.settings())
    made.reads_escapes = True
    return made


def _load(folders: tuple[str, ...], name: str) -> tuple[str, str, Callable[[], bool]]:
    """Return the text of a template, where it lies, and whether it is still the same."""
    found = _first_file(folders, name)
    if found is None:
        places = ", ".join(map(repr, folders))
        raise TemplateNotFound(name, f"{name!r} not found in search paths: {places}")
    changed_ns = found.stat().st_mtime_ns
    text = decrypted(found.read_bytes()).decode("utf-8")
    return text, str(found), lambda: found.stat().st_mtime_ns == changed_ns


def _first_file(folders: tuple[str, ...], name: str) -> Path | None:
    try:
        pieces = split_template_path(name)
    except TemplateNotFound:
        return None
    paths = (Path(folder, *pieces) for folder in folders)
    return next((path for path in paths if path.is_file()), None)


_FILES_KEPT = 400


@cache
def environment() -> AnsibleEnvironment:
    """Return the environment of this process, with every filter, test and global."""
    made = AnsibleEnvironment()
    from understudy.values.registry import install

    install(made)
    return made
