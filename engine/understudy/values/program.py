"""From an author's text to a program: parsed and compiled once for every text of a run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, MutableMapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any, Protocol, TypeAlias

from jinja2 import Environment, nodes
from jinja2.exceptions import TemplateSyntaxError
from jinja2.nodes import EvalContext
from jinja2.parser import Parser
from jinja2.runtime import Context

from understudy.config import load_config
from understudy.values.embedded import render_strings, render_terms
from understudy.values.environment import (
    USUAL,
    AnsibleEnvironment,
    Syntax,
    concat,
    environment,
    environment_of,
)
from understudy.values.errors import TemplateFailed
from understudy.values.missing import NOTHING
from understudy.values.texts import Expression, Template, Value, is_template

_ONE_NAME = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}\Z")
_UNKNOWN = re.compile(r"No (filter|test) named '([^']+)'")
_MUTATING = re.compile(
    r"\b(?:append|extend|insert|remove|pop|popitem|clear|sort|reverse|update|setdefault)\s*\("
)
_KEYWORDS = frozenset("true false none True False None not self".split())


class Resolver(Protocol):
    """Where a program finds its variables."""

    def resolve(self, name: str) -> Value:
        """Return the rendered variable, or NOTHING."""

    def adopt(self, raw: Value) -> Value:
        """Return what a template sees for a raw value."""

    def warn(self, message: str) -> None:
        """Take a warning."""

    def alone(self) -> Resolver:
        """Return a resolver without variables."""


Block: TypeAlias = Callable[[Context], Iterator[Value]]
_RESOLVER = "the resolver"
"""The key under which a context hands on where its variables are found: it is no name."""


rendering_file: ContextVar[Resolver] = ContextVar("rendering_file")
"""What renders the file that is at work: what it imports without the context has no variables."""


class LazyContext(Context):
    """The variables of one rendering: what the text sets, then the scope, then the globals.

    `parent` is what a template that includes this one has set; it has the resolver, too.
    """

    def __init__(
        self,
        environment: Environment,
        parent: dict[str, Value],
        name: str | None,
        blocks: dict[str, Block],
        globals: MutableMapping[str, Value] | None = None,  # noqa: A002, ARG002 (as Jinja calls it)
    ) -> None:
        self.parent = parent
        self.vars = {}
        self.environment = environment
        self.eval_ctx = EvalContext(environment)
        self.exported_vars = set()
        self.name = name
        self.globals_keys = set()
        self.blocks = {name: [block] for name, block in blocks.items()}
        self.resolver: Resolver = parent.get(_RESOLVER) or rendering_file.get().alone()

    def resolve_or_missing(self, key: str) -> Value:
        """Return the value of a name, or Jinja's `missing`."""
        if key in self.vars:
            return self.vars[key]
        if key in self.parent:
            return self.parent[key]
        found = self.resolver.resolve(key)
        if found is NOTHING:
            return self.resolver.adopt(self.environment.globals.get(key, NOTHING))
        return found

    def get_all(self) -> dict[str, Value]:
        """Return what a file that is included with the context gets."""
        return {**self.parent, **self.vars, _RESOLVER: self.resolver}

    def warn(self, message: str) -> None:
        """Hand a warning to the run."""
        self.resolver.warn(message)


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled text. `name` is the variable when the text is exactly one `{{ name }}`.

    `mutates` is true where the text may change a container in place: it gets copies of them then.
    """

    text: str
    root: Block
    blocks: dict[str, Block]
    environment: AnsibleEnvironment
    line_ends: int
    mutates: bool
    name: str | None = None

    def run(self, resolver: Resolver) -> Value:
        """Return what the text yields with the variables of `resolver`; views are left as such."""
        value = concat(self.pieces(resolver))
        return self._restore_line_ends(value) if self.line_ends else value

    def pieces(self, resolver: Resolver) -> Iterator[Value]:
        """Yield each piece of text and the value of each expression."""
        return self.root(LazyContext(self.environment, {_RESOLVER: resolver}, None, self.blocks))

    def _restore_line_ends(self, value: Value) -> Value:
        """Put back the last line end, which Jinja drops, where the result is text."""
        if not isinstance(value, str):
            return value
        here = len(value) - len(value.rstrip("\n"))
        return value + "\n" * (self.line_ends - here)


@cache
def compile_template(text: str) -> Program:
    """Compile an author's text, once for every text; raise TemplateFailed on a syntax error."""
    one_name = _ONE_NAME.match(text)
    name = one_name.group(1) if one_name and one_name.group(1) not in _KEYWORDS else None
    return _program(text, _parsed_template(text), _IN_TEMPLATE, name)


_FILES = Lock()


def compile_file(text: str, syntax: Syntax = USUAL, folders: tuple[str, ...] = ()) -> Program:
    """Compile the text of a template file, which may include others out of `folders`.

    Files are rendered in threads: one of them compiles, which may take long, the others wait.
    """
    with _FILES:
        return _compiled_file(text, syntax, folders)


@cache
def _compiled_file(text: str, syntax: Syntax, folders: tuple[str, ...]) -> Program:
    env = environment_of(syntax, folders)
    env.context_class = LazyContext
    parsed = _parsed(text, _IN_TEMPLATE, lambda _: env.parse(text))
    return _program(text, parsed, _IN_TEMPLATE, env=env)


@cache
def compile_expression(text: str) -> Program:
    """Compile one expression without braces."""
    return _program(text, _parsed_expression(text), _where(text))


@cache
def _embeds() -> bool:
    return load_config().allow_embedded_templates


@cache
def compile_condition(text: str) -> Program:
    """Compile a condition's text: an expression whose strings are rendered."""
    if not (is_template(text) and _embeds()):
        return compile_expression(text)
    return _program(text, render_strings(_parsed_expression(text)), _where(text))


def _parsed_template(text: str) -> nodes.Template:
    return _parsed(text, _IN_TEMPLATE, lambda env: env.parse(text))


def _parsed_expression(text: str) -> nodes.Template:
    return _parsed(text, _where(text), lambda env: _parse_expression(env, text))


def _where(expression: str) -> str:
    return _IN_EXPRESSION_WITH_BRACES if is_template(expression) else _IN_EXPRESSION


def _parse_expression(env: AnsibleEnvironment, text: str) -> nodes.Template:
    parser = Parser(env, text, state="variable")
    expression = parser.parse_expression()
    if not parser.stream.eos:
        raise TemplateSyntaxError("chunk after expression", parser.stream.current.lineno)
    template = nodes.Template([nodes.Output([expression], lineno=1)], lineno=1)
    template.set_environment(env)
    return template


def _parsed(
    text: str, where: str, parse: Callable[[AnsibleEnvironment], nodes.Template]
) -> nodes.Template:
    try:
        return parse(environment())
    except TemplateSyntaxError as error:
        raise _syntax_error(text, where, error) from None


_IN_TEMPLATE = "Syntax error in template: "
_IN_EXPRESSION = "Syntax error in expression: "
_IN_EXPRESSION_WITH_BRACES = (
    "Syntax error in expression. Template delimiters are not supported in expressions: "
)


def _syntax_error(text: str, where: str, error: TemplateSyntaxError) -> TemplateFailed:
    unknown = _UNKNOWN.search(error.message or "")
    kind, name = unknown.groups() if unknown else (None, None)
    known = {"filter": environment().filters, "test": environment().tests}.get(str(kind), {})
    return TemplateFailed(
        f"{where}{error.message}",
        code="template-syntax",
        text=text,
        name=name,
        known=tuple(one for one in known if "." not in one),
    )


def parse_text(text: str, *, is_template: bool) -> nodes.Template:
    """Return the tree of a template or of an expression without braces.

    It takes a quarter of compiling the text. Raises TemplateFailed for syntax errors.
    """
    try:
        return (_parsed_template if is_template else _parsed_expression)(text)
    except RecursionError:
        raise _too_deep(text) from None


def unknown_call(text: str, parsed: nodes.Template, *, is_template: bool) -> TemplateFailed | None:
    """Return why a text that was parsed cannot be compiled: for a filter or test there is not.

    It is compiled only where it names one, for Jinja's own words.
    """
    if _knows_all(parsed):
        return None
    try:
        (compile_template if is_template else compile_expression)(text)
    except RecursionError:
        return _too_deep(text)
    except TemplateFailed as failure:
        return failure
    return None


def _too_deep(text: str) -> TemplateFailed:
    message = "this is nested too deep to be read"
    return TemplateFailed(message, code="template-syntax", text=text)


_LOOKUPS = frozenset({"lookup", "q", "query"})
_BY_NAME = {"map": "filter", "reject": "test", "select": "test"}
"""Filters whose first argument names a filter or a test."""


@cache
def names_in(text: Template | Expression) -> frozenset[str]:
    """Return the variables that a text names; none if it has a syntax error."""
    from jinja2.meta import find_undeclared_variables

    try:
        parsed = (_parsed_template if isinstance(text, Template) else _parsed_expression)(text.text)
    except TemplateFailed:
        return frozenset()
    return frozenset(find_undeclared_variables(parsed)) - environment().globals.keys()


def calls_of(text: Template | Expression) -> set[tuple[str, str]]:
    """Return kind and name of every filter, test and lookup that a text calls by a written name.

    Of a text with a syntax error nothing is known.
    """
    try:
        parsed = (_parsed_template if isinstance(text, Template) else _parsed_expression)(text.text)
    except TemplateFailed:
        return set()
    called = {("filter", node.name) for node in parsed.find_all(nodes.Filter)}
    called |= {("test", node.name) for node in parsed.find_all(nodes.Test)}
    named = parsed.find_all((nodes.Call, nodes.Filter))
    return called | {found for node in named for found in _named(node)}


def _named(node: nodes.Expr) -> Iterator[tuple[str, str]]:
    """Yield what a call names in its first argument."""
    first = node.args[0] if isinstance(node, nodes.Call | nodes.Filter) and node.args else None
    if not isinstance(first, nodes.Const) or not isinstance(first.value, str):
        return
    if isinstance(node, nodes.Filter):
        if node.name in _BY_NAME:
            yield _BY_NAME[node.name], first.value
    elif isinstance(node, nodes.Call) and getattr(node.node, "name", None) in _LOOKUPS:
        yield "lookup", first.value


def _knows_all(parsed: nodes.Template) -> bool:
    env = environment()
    return all(
        node.name in (env.filters if isinstance(node, nodes.Filter) else env.tests)
        for node in parsed.find_all((nodes.Filter, nodes.Test))
    )


def _program(
    text: str,
    template: nodes.Template,
    where: str,
    name: str | None = None,
    env: AnsibleEnvironment | None = None,
) -> Program:
    env = env or environment()
    if text.count("{{") + text.count("{%") > 1 and _embeds():
        template = render_terms(template)
    try:
        code = env.compile(template, filename="<template>")
    except TemplateSyntaxError as error:
        raise _syntax_error(text, where, error) from None
    namespace: dict[str, Any] = {"environment": env, "__file__": "<template>"}
    exec(code, namespace)  # noqa: S102 (Jinja's own code, made from the parsed template)
    return Program(
        text=text,
        root=namespace["root"],
        blocks=namespace["blocks"],
        environment=env,
        line_ends=len(text) - len(text.rstrip("\n")),
        mutates=_MUTATING.search(text) is not None,
        name=name,
    )
