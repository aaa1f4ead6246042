"""Everything that a task reads: its keywords, its arguments, and the variables in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from understudy.check.flow.given import is_of_host
from understudy.check.flow.known import Layers
from understudy.check.flow.reads import facts_of
from understudy.check.flow.surroundings import Surroundings
from understudy.check.flow.visits import Assigned, Read, Source, Unclear, Visit
from understudy.playbook.model import Inherited, Task
from understudy.values.conditions import as_condition
from understudy.values.errors import TemplateFailed
from understudy.values.texts import Authored, Expression, Template, Value, texts_in

_OF_ITS_OWN = ("until", "changed_when", "failed_when", "loop_control")
"""Keywords that are evaluated when the task has run, and see what it has given."""
_EXPRESSIONS = {"debug": "var", "assert": "that"}
_INHERITED = {
    name: name.removesuffix("_s")
    for name in (
        "when environment become ignore_errors ignore_unreachable check_mode diff no_log run_once"
        " connection port remote_user timeout_s throttle delegate_to delegate_facts module_defaults"
    ).split()
}
_NO_BECOME = Inherited().become
_OF_TASK = {
    "until": "until",
    "retries": "retries",
    "delay_s": "delay",
    "async_s": "async",
    "poll_s": "poll",
    "changed_when": "changed_when",
    "failed_when": "failed_when",
    "name": "name",
    "notify": "notify",
}
_PLAIN = frozenset({bool, int, float, str, Authored})
"""Types of values that hold no text to be evaluated: most keywords have one of them."""
_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Before:
    """What names mean where a task begins."""

    names: Mapping[str, frozenset[Source]]
    """What tasks have given."""
    missing: frozenset[Source]
    """What can have given any other name."""
    above: Layers
    """What the includes around give, which hides what tasks have given."""
    surroundings: Surroundings


def reads_of(visit: Visit, before: Before) -> Iterator[Read]:
    """Yield what a task reads."""
    yield from _Reading(visit, before).reads()


@dataclass(frozen=True, slots=True)
class _Reading:
    """One task with what names mean before it."""

    visit: Visit
    before: Before

    def reads(self) -> Iterator[Read]:
        for keyword, value in _values(self.visit.task):
            if value is None or value == () or type(value) in _PLAIN:
                continue
            for text in texts_in(value):
                yield from self._of_text(text, keyword, (), set())

    def _of_text(
        self, text: Template | Expression, keyword: str, via: tuple[str, ...], seen: set[str]
    ) -> Iterator[Read]:
        """Yield what a text reads, and what is in the variables that it names: each once."""
        for chain in facts_of(text).chains:
            sources = self._sources(chain.name, keyword)
            yield Read(chain, text, keyword, sources, self.visit, via)
            if chain.name not in seen and len(via) < _DEPTH:
                seen.add(chain.name)
                for value in self._values(chain.name, sources):
                    for inner in texts_in(value):
                        yield from self._of_text(inner, keyword, (*via, chain.name), seen)

    def _values(self, name: str, sources: frozenset[Source]) -> Iterator[Value]:
        """Yield the values that a variable may have which are rendered where it is read."""
        for source in sources:
            if isinstance(source, Assigned) and source.is_lazy:
                yield source.value
        if sources and not any(isinstance(source, Unclear) for source in sources):
            return
        for layer in self.visit.names.layers:
            if name in layer:
                yield layer[name]
                return
        yield from self.before.surroundings.values.get(name, ())

    def _sources(self, name: str, keyword: str) -> frozenset[Source]:
        task, loop, before = self.visit.task, self.visit.task.loop, self.before
        if keyword in _OF_ITS_OWN and name == task.register:
            return frozenset({self.visit.given})
        if keyword in _OF_ITS_OWN and task.action.name == "set_fact" and name in task.action.args:
            return frozenset({Assigned(name, task.action.args[name], task)})
        is_bound = loop is not None and name in (loop.loop_var, loop.index_var)
        if is_bound or any(name in layer for layer in before.above):
            return frozenset()
        found = before.names.get(name)
        if found is not None:
            return found
        return frozenset() if self._is_variable(name) else before.missing

    def _is_variable(self, name: str) -> bool:
        """Tell whether a name is one of the text, or its host's."""
        is_named = any(name in layer for layer in self.visit.names.layers)
        return is_named or name in self.before.surroundings.names or is_of_host(name)


def _values(task: Task) -> Iterator[tuple[str, Value]]:
    """Yield the values of a task that are evaluated, each with its keyword."""
    action = task.action
    expression = _EXPRESSIONS.get(action.name)
    for name, value in action.args.items():
        as_text = _as_expressions(value) if name == expression else value
        yield f"args.{name}", as_text
    yield "args", action.free_form
    yield "args", action.template
    if task.loop:
        yield "loop", task.loop.items
        yield "loop_control", (task.loop.label, task.loop.pause_s, task.loop.break_when)
    for name, keyword in _OF_TASK.items():
        yield keyword, getattr(task, name)
    for name, keyword in _INHERITED.items():
        value = getattr(task.inherited, name)
        if value is not _NO_BECOME:
            yield keyword, value


def _as_expressions(value: Value) -> Value:
    """Return `var` or `that` as what they are: expressions, though written without braces."""
    if isinstance(value, list):
        return [_as_expressions(item) for item in value]
    if not isinstance(value, Authored):
        return value
    try:
        return as_condition(value)
    except TemplateFailed:
        return None
