"""Everything that a task reads: its keywords, its arguments, and the variables in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from understudy.check.flow import Read, Source, Unclear, Visit
from understudy.check.reads import Chain, facts_of
from understudy.playbook.model import Task
from understudy.values.conditions import as_condition
from understudy.values.errors import TemplateFailed
from understudy.values.texts import Authored, Expression, Template, Value, texts_in

_OF_ITS_OWN = ("until", "changed_when", "failed_when")
_EXPRESSIONS = {"debug": "var", "assert": "that"}
_INHERITED = (
    "when environment become ignore_errors ignore_unreachable check_mode diff no_log run_once"
    " connection port remote_user timeout_s throttle delegate_to delegate_facts module_defaults"
).split()
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
_DEPTH = 20


def reads_of(
    visit: Visit,
    names: Mapping[str, frozenset[Source]],
    is_open: bool,  # noqa: FBT001 (a fact)
) -> Iterator[Read]:
    """Yield what a task reads; `names` says what tasks before have given."""
    yield from _Reading(visit, names, is_open).reads()


@dataclass(frozen=True, slots=True)
class _Reading:
    """One task with what names mean before it."""

    visit: Visit
    names: Mapping[str, frozenset[Source]]
    is_open: bool

    def reads(self) -> Iterator[Read]:
        for keyword, value in _values(self.visit.task):
            for text in texts_in(value):
                yield from self._of_text(text, keyword, ())

    def _of_text(
        self, text: Template | Expression, keyword: str, via: tuple[str, ...]
    ) -> Iterator[Read]:
        for chain in facts_of(text).chains:
            sources = self._sources(chain, keyword)
            yield Read(chain, text, keyword, sources, self.visit, via)
            if chain.name not in self.names and chain.name not in via and len(via) < _DEPTH:
                yield from self._of_variable(chain.name, keyword, via)

    def _of_variable(self, name: str, keyword: str, via: tuple[str, ...]) -> Iterator[Read]:
        """Yield what a variable reads that the task names."""
        for layer in self.visit.names.layers:
            if name in layer:
                for text in texts_in(layer[name]):
                    yield from self._of_text(text, keyword, (*via, name))
                return

    def _sources(self, chain: Chain, keyword: str) -> frozenset[Source]:
        task = self.visit.task
        if keyword in _OF_ITS_OWN and chain.name == task.register:
            return frozenset({self.visit.given})
        found = self.names.get(chain.name)
        if found is not None:
            return found
        if self._is_variable(chain.name):
            return frozenset()
        is_open = self.is_open or bool(self.visit.play.vars_files)
        return frozenset({Unclear.ANYWHERE if is_open else Unclear.NOWHERE})

    def _is_variable(self, name: str) -> bool:
        """Tell whether a loop around, the text or a question of the play gives a name."""
        visit = self.visit
        loops = [task.loop for task in (visit.task, *visit.includes) if task.loop]
        return (
            any(name in (loop.loop_var, loop.index_var) for loop in loops)
            or any(name in layer for layer in visit.names.layers)
            or any(name == prompt.name for prompt in visit.play.prompts)
        )


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
    for name in _INHERITED:
        yield name.removesuffix("_s"), getattr(task.inherited, name)


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
