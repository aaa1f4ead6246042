"""Which variables a text sees: layers in order of precedence, and one rendering over them.

A scope is a tuple of shared read-only mappings and costs nothing to make. A variable is rendered
when it is read, in the scope of the reader; its value is remembered for one rendering of one text
and no longer, so nothing is ever invalidated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import takewhile

from understudy.values.environment import USUAL, Syntax
from understudy.values.errors import TemplateFailed
from understudy.values.lazy import LazyMapping, LazySequence, finalise, holds_templates, reason
from understudy.values.merging import layered
from understudy.values.missing import NOTHING, Missing
from understudy.values.program import (
    Program,
    compile_condition,
    compile_expression,
    compile_file,
    compile_template,
    rendering_file,
)
from understudy.values.texts import Authored, Expression, Template, Value, VaultText
from understudy.values.vault import KEYRING, VAULT_LOCKED, VaultError
from understudy.values.world import NoWorld, World

PRECEDENCE: tuple[tuple[str, str], ...] = (
    ("extra", "`-e` on the command line: wins over everything"),
    ("include_params", "`vars` of the `include_tasks` or `include_role` that brought the task"),
    ("role_params", "parameters given beside `role:`"),
    ("set_facts", "`set_fact` and registered results of the host"),
    ("include_vars", "what `include_vars` loaded for the host"),
    ("task", "`vars` of the task itself"),
    ("block", "`vars` of its blocks, the innermost first"),
    ("role", "`vars/main.yml` of the role"),
    ("vars_files", "`vars_files` of the play"),
    ("vars_prompt", "answers to `vars_prompt`"),
    ("play", "`vars` of the play"),
    ("facts", "facts of the host, gathered or cached"),
    ("playbook_host_vars", "`host_vars/` beside the playbook"),
    ("inventory_host_vars", "`host_vars/` beside the inventory"),
    ("inventory_host", "variables of the host in the inventory's own text"),
    ("playbook_group_vars", "`group_vars/` of its groups beside the playbook, child before parent"),
    ("inventory_group_vars", "`group_vars/` of its groups beside the inventory"),
    ("playbook_group_all", "`group_vars/all` beside the playbook"),
    ("inventory_group_all", "`group_vars/all` beside the inventory"),
    ("inventory_group", "variables of its groups in the inventory's own text"),
    ("role_defaults", "`defaults/main.yml` of the role"),
    ("command_line", "connection values of the command line, such as `-u`"),
)
"""The layers of Ansible's precedence, highest first: a name, and where its values come from."""


class Plain(dict[str, Value]):
    """A layer that holds no template anywhere: facts, registered results, `set_fact`.

    Its values are handed out without being searched.
    """


_DATA = frozenset({str, Authored, int, float, bool, type(None), dict, list})


@dataclass(frozen=True, slots=True)
class Scope:
    """The variables that a text sees: `layers`, highest precedence first."""

    layers: tuple[Mapping[str, Value], ...]
    world: World = field(default_factory=NoWorld)

    def with_layer(self, layer: Mapping[str, Value]) -> Scope:
        """Return this scope with a layer above all others."""
        return Scope((layer, *self.layers), self.world)

    def with_fallback(self, layer: Mapping[str, Value]) -> Scope:
        """Return this scope with a layer below all others."""
        return Scope((*self.layers, layer), self.world)

    def raw(self, name: str, default: Value = NOTHING) -> Value:
        """Return a variable as it was written, or `default`."""
        for layer in self.layers:
            if name in layer:
                return layer[name]
        return default

    def merged(self, name: str) -> Value:
        """Return a mapping as it was written, with those of lower layers below it."""
        found = [layer[name] for layer in self.layers if name in layer]
        hashes = list(takewhile(lambda value: type(value) is dict, found))
        return layered(reversed(hashes), deep=True)

    def get(self, name: str, default: Value = NOTHING) -> Value:
        """Return a variable as plain data, or `default`; raise TemplateFailed."""
        value = Rendering(self).resolve(name)
        if value is NOTHING:
            value = Missing(name=name) if default is NOTHING else default
        return finalise(value)

    def __contains__(self, name: object) -> bool:
        return any(name in layer for layer in self.layers)

    def names(self) -> Iterator[str]:
        """Yield the name of every variable once."""
        return iter(dict.fromkeys(name for layer in self.layers for name in layer))


class Rendering:
    """One rendering of one text: its scope, and what has been rendered so far.

    `active` holds the texts being evaluated, by their and the rendering's identity, with the names
    they were read under; the renderings in other hosts' scopes that this one starts share it.
    """

    __slots__ = ("active", "copying", "io_allowed", "memo", "others", "scope")

    def __init__(
        self,
        scope: Scope,
        *,
        io_allowed: bool = True,
        active: dict[tuple[int, int], str] | None = None,
    ) -> None:
        self.scope = scope
        self.io_allowed = io_allowed
        self.copying = False
        self.memo: dict[str, Value] = {}
        self.active = {} if active is None else active
        self.others: dict[str, Rendering] = {}

    def resolve(self, name: str) -> Value:
        """Return what a template sees for a variable, or NOTHING."""
        memo = self.memo
        if name in memo:
            return memo[name]
        for layer in self.scope.layers:
            if name in layer:
                raw = layer[name]
                break
        else:
            return NOTHING
        if type(raw) is dict and self.scope.world.merges_hashes:
            raw, layer = self.scope.merged(name), {}
        plain = type(layer) is Plain and type(raw) in _DATA
        value = self._own(raw) if plain else self.adopt(raw, name)
        memo[name] = value
        return value

    def adopt(self, raw: Value, name: str = "") -> Value:
        """Return what a template sees for a raw value: rendered text, a view, or itself."""
        kind = type(raw)
        if kind is str or kind is Authored:
            return raw
        if kind is Template:
            return self._variable(raw, name)
        if isinstance(raw, dict):
            return LazyMapping(raw, self) if holds_templates(raw) else self._own(raw)
        if isinstance(raw, list):
            return LazySequence(raw, self) if holds_templates(raw) else self._own(raw)
        if kind is VaultText:
            return self._unlocked(raw)
        bind = getattr(kind, "bind_to", None)
        return bind(raw, self) if bind else raw

    def _own(self, plain: Value) -> Value:
        """Return a copy where a text may change it in place: the layers are shared by hosts."""
        return deepcopy(plain) if self.copying and type(plain) in (dict, list) else plain

    def prepare(self, program: Program) -> Program:
        """Make ready for a program: what it may change must be its own."""
        if program.mutates and not self.copying:
            self.copying = True
            self.memo.clear()
        return program

    def evaluate(self, text: Template | Expression) -> Value:
        """Return what an author's text yields; views are left as such. Raise TemplateFailed."""
        return self.located(text, lambda: self._run(text))

    def located(self, text: Template | Expression, run: Callable[[], Value]) -> Value:
        """Call `run`; whatever it raises becomes a TemplateFailed that names `text`."""
        try:
            return run()
        except TemplateFailed as failure:
            if failure.text is None:
                failure.text, failure.span = text.text, text.span
            raise
        except RecursionError:
            raise _recursion(text, ()) from None
        except Exception as error:
            kind = "expression" if isinstance(text, Expression) else "template"
            message = f"Error rendering {kind}: {reason(error)}"
            raise TemplateFailed(message, text=text.text, span=text.span) from error

    def evaluate_file(
        self, template: Template, syntax: Syntax = USUAL, folders: tuple[str, ...] = ()
    ) -> Value:
        """Return what a template file's text yields; views are left as such.

        Files that it includes are looked for in `folders`.
        """

        def run() -> Value:
            token = rendering_file.set(self)
            try:
                return self.prepare(compile_file(template.text, syntax, folders)).run(self)
            finally:
                rendering_file.reset(token)

        return self.located(template, run)

    def _run(self, text: Template | Expression) -> Value:
        if isinstance(text, Expression):
            compiled = compile_condition if text.is_condition else compile_expression
            return self.prepare(compiled(text.text)).run(self)
        program = self.prepare(compile_template(text.text))
        if program.name:
            value = self.resolve(program.name)
            if value is not NOTHING:
                return value
        return program.run(self)

    def warn(self, message: str) -> None:
        """Hand a warning to the run."""
        self.scope.world.warn(message)

    def with_layer(self, layer: Mapping[str, Value]) -> Rendering:
        """Return a rendering with a layer above all others, as a part of this one."""
        scope = self.scope.with_layer(layer)
        return Rendering(scope, io_allowed=self.io_allowed, active=self.active)

    def alone(self) -> Rendering:
        """Return a rendering without variables."""
        return Rendering(Scope((), self.scope.world), io_allowed=self.io_allowed)

    def in_scope_of(self, host: str) -> Rendering:
        """Return the rendering in another host's scope, the same one for each call."""
        if host not in self.others:
            scope = self.scope.world.scope_of(host)
            other = Rendering(scope, io_allowed=self.io_allowed, active=self.active)
            other.others = self.others
            other.copying = self.copying
            self.others[host] = other
        return self.others[host]

    def _unlocked(self, vault: VaultText) -> Value:
        """Return what was encrypted in the file."""
        try:
            return KEYRING.value(vault)
        except VaultError as error:
            raise TemplateFailed(
                str(error),
                code=VAULT_LOCKED,
                text="!vault",
                span=vault.span,
                help="give its password with `--vault-password-file`, `--vault-id` or `-J`",
            ) from None

    def _variable(self, template: Template, name: str) -> Value:
        key = (id(template), id(self))
        if key in self.active:
            raise _recursion(template, (*self.active.values(), name))
        self.active[key] = name
        try:
            value = self.evaluate(template)
            if not isinstance(value, Missing):
                return value
            failure = value.failure()
        except TemplateFailed as raised:
            failure = raised
        finally:
            del self.active[key]
        return _unread(failure, template, name)


def _unread(failure: TemplateFailed, template: Template, name: str) -> Missing:
    """Return what stands for a variable that could not be rendered; only a missing one may be."""
    if failure.text is None:
        failure.text, failure.span = template.text, template.span
    if name:
        failure.chain = ((name, template.span), *failure.chain)
    if failure.code != "undefined-variable":
        raise failure
    return Missing(failure=failure)


def _recursion(text: Template | Expression, names: tuple[str, ...]) -> TemplateFailed:
    steps = " -> ".join(f"`{name}`" for name in names if name)
    return TemplateFailed(
        "Recursive loop detected in template: maximum recursion depth exceeded",
        code="template-recursion",
        text=text.text,
        span=text.span,
        help=f"each is rendered from the next: {steps}" if steps else None,
    )
