"""The Jinja environment: a text goes in, a program with Ansible's native results comes out.

Jinja's own native environment evaluates the *text* of its result, which would make data of what
a host printed. Here a program that yields one value gives that very value, several are joined as
text, and no text is ever read back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol, TypeAlias

from jinja2 import Environment, Undefined, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import TemplateSyntaxError
from jinja2.lexer import TokenStream
from jinja2.nodes import EvalContext
from jinja2.parser import Parser
from jinja2.runtime import Context

from understudy.values.errors import TemplateFailed
from understudy.values.lazy import OMIT, finalise
from understudy.values.missing import NOTHING, Missing
from understudy.values.texts import Value, is_template

Token: TypeAlias = tuple[int, str, str]
_ONE_NAME = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}\Z")
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
    return str(finalise(value))


class AnsibleEnvironment(Environment):
    """Jinja as Ansible sets it up: block lines leave no empty line, dunder names are refused."""

    code_generator_class = _Generator
    concat = staticmethod(concat)

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
        if state is None and "\\" in source:
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


class LazyContext(Context):
    """The variables of one rendering: what the text sets, then the scope, then the globals."""

    def __init__(self, environment: Environment, resolver: Resolver, program: Program) -> None:
        self.parent = {}
        self.vars = {}
        self.environment = environment
        self.eval_ctx = EvalContext(environment)
        self.exported_vars = set()
        self.name = None
        self.globals_keys = set()
        self.blocks = {name: [block] for name, block in program.blocks.items()}
        self.resolver = resolver

    def resolve_or_missing(self, key: str) -> Value:
        """Return the value of a name, or Jinja's `missing`."""
        if key in self.vars:
            return self.vars[key]
        found = self.resolver.resolve(key)
        if found is NOTHING:
            return self.resolver.adopt(self.environment.globals.get(key, NOTHING))
        return found

    def warn(self, message: str) -> None:
        """Hand a warning to the run."""
        self.resolver.warn(message)


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled text. `name` is the variable when the text is exactly one `{{ name }}`.

    `mutates` is true where the text may change a container in place: it gets copies of them then.
    """

    text: str
    root: Callable[[Context], Iterator[Value]]
    blocks: dict[str, Callable[[Context], Iterator[Value]]]
    line_ends: int
    mutates: bool
    name: str | None = None

    def run(self, resolver: Resolver) -> Value:
        """Return what the text yields with the variables of `resolver`; views are left as such."""
        value = concat(self.pieces(resolver))
        return self._restore_line_ends(value) if self.line_ends else value

    def pieces(self, resolver: Resolver) -> Iterator[Value]:
        """Yield each piece of text and the value of each expression."""
        return self.root(LazyContext(environment(), resolver, self))

    def _restore_line_ends(self, value: Value) -> Value:
        """Put back the last line end, which Jinja drops, where the result is text."""
        if not isinstance(value, str):
            return value
        here = len(value) - len(value.rstrip("\n"))
        return value + "\n" * (self.line_ends - here)


@cache
def environment() -> AnsibleEnvironment:
    """Return the environment of this process, with every filter, test and global."""
    made = AnsibleEnvironment()
    from understudy.values.registry import install

    install(made)
    return made


@cache
def compile_template(text: str) -> Program:
    """Compile an author's text, once for every text; raise TemplateFailed on a syntax error."""
    one_name = _ONE_NAME.match(text)
    name = one_name.group(1) if one_name and one_name.group(1) not in _KEYWORDS else None
    parsed = _parsed(text, _IN_TEMPLATE, lambda env: env.parse(text))
    return _program(text, parsed, _IN_TEMPLATE, name)


@cache
def compile_file(text: str) -> Program:
    """Compile the text of a template file, in whose strings escapes are read."""
    parsed = _parsed(text, _IN_TEMPLATE, lambda env: Parser(env, text, state="root").parse())
    return _program(text, parsed, _IN_TEMPLATE)


@cache
def compile_expression(text: str) -> Program:
    """Compile a condition's text: one expression without braces."""
    where = _IN_EXPRESSION_WITH_BRACES if is_template(text) else _IN_EXPRESSION
    parsed = _parsed(text, where, lambda env: _parse_expression(env, text))
    return _program(text, parsed, where)


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
    return TemplateFailed(f"{where}{error.message}", code="template-syntax", text=text)


def _program(text: str, template: nodes.Template, where: str, name: str | None = None) -> Program:
    env = environment()
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
        line_ends=len(text) - len(text.rstrip("\n")),
        mutates=_MUTATING.search(text) is not None,
        name=name,
    )
