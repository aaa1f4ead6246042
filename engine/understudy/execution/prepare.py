"""From a task's text to what is to be done on one host: keywords and arguments, finalised once.

Nothing here waits, so it may be run on the event loop; a text whose lookup does I/O raises
`NeedsThread` there, and the whole preparation is repeated in a thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from understudy.execution.attempt import Rules, retries_of
from understudy.execution.keywords import (
    LONGEST_S,
    KeywordInvalid,
    Keywords,
    TimeoutInvalid,
    to_bool,
    to_float,
    to_int,
)
from understudy.execution.settings import Settings
from understudy.playbook.arguments import coerce_arguments
from understudy.playbook.model import Inherited, Task
from understudy.playbook.module_defaults import defaults_of
from understudy.playbook.module_schema import ModuleSchema, load_schema
from understudy.playbook.user_modules import user_schema
from understudy.values.argument_types import type_name
from understudy.values.errors import TemplateFailed
from understudy.values.lazy import OMIT
from understudy.values.scope import Scope
from understudy.values.template import condition, render
from understudy.values.texts import Condition, Template, Value

Result = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What a task is on one host, for one item."""

    args: Result
    rules: Rules
    check_mode: bool
    diff: bool
    no_log: bool
    async_s: int
    poll_s: int
    timeout_s: int
    environment: Mapping[str, str]
    notify: tuple[str, ...]
    """The names and topics of the handlers to notify."""


@dataclass(frozen=True, slots=True)
class Skip:
    """A condition of `when` does not hold."""

    condition: Condition

    @property
    def result(self) -> Result:
        """The result of a skipped task."""
        return {
            "changed": False,
            "skipped": True,
            "skip_reason": "Conditional result was False",
            "false_condition": written(self.condition),
        }


def written(text: Condition) -> Value:
    """Return a condition as the author wrote it."""
    return text if isinstance(text, bool) else text.text


def unmet(task: Task, scope: Scope, *, io_allowed: bool) -> Skip | None:
    """Return the first condition of `when` that does not hold; raise TemplateFailed."""
    for one in task.inherited.when:
        if not condition(one, scope, io_allowed=io_allowed):
            return Skip(one)
    return None


def prepare(task: Task, scope: Scope, settings: Settings, *, io_allowed: bool) -> Prepared:
    """Finalise keywords and arguments; raise TemplateFailed, KeywordInvalid or ArgumentsInvalid."""
    read = Keywords(scope, io_allowed)
    own = task.inherited
    _render_unread(own, read)
    return Prepared(
        rules=_rules(task, read),
        check_mode=read.read("check_mode", own.check_mode, to_bool, settings.check_mode),
        diff=read.read("diff", own.diff, to_bool, settings.diff),
        no_log=read.read("no_log", own.no_log, to_bool, settings.no_log),
        async_s=read.read("async_val", task.async_s, to_int, 0),
        poll_s=max(0, read.read("poll", task.poll_s, to_int, settings.poll_interval_s)),
        timeout_s=_timeout(task, read, settings),
        environment=_environment(own.environment, read) if own.environment else {},
        notify=tuple(_notified(task.notify, read)),
        args=finalise_arguments(task, scope, io_allowed=io_allowed),
    )


_UNREAD = (
    *("any_errors_fatal", "connection", "debugger", "delegate_facts"),
    *("ignore_errors", "ignore_unreachable", "port", "remote_user", "run_once"),
)


def _render_unread(own: Inherited, read: Keywords) -> None:
    """Render what is read elsewhere, or only if it matters: a template that fails is a failure."""
    for name in _UNREAD:
        raw = getattr(own, name)
        if type(raw) is Template:
            read.render(name, raw)
    for name in ("user", "method", "flags", "exe"):
        raw = getattr(own.become, name)
        if type(raw) is Template:
            read.render(f"become_{name}", raw)


def _rules(task: Task, read: Keywords) -> Rules:
    delay_s = read.read("delay", task.delay_s, to_float, 5.0)
    return Rules(
        changed_when=task.changed_when,
        failed_when=task.failed_when,
        until=task.until,
        retries=retries_of(read.read("retries", task.retries, to_int, None), task.until),
        delay_s=delay_s if delay_s >= 0 else 1.0,
    )


def _timeout(task: Task, read: Keywords, settings: Settings) -> int:
    raw = task.inherited.timeout_s
    seconds = read.read("timeout", raw, to_int, settings.task_timeout_s)
    if not 0 <= seconds <= LONGEST_S:
        raise TimeoutInvalid(seconds, getattr(raw, "span", None))
    return seconds


def _environment(layers: tuple[Value, ...], read: Keywords) -> dict[str, str]:
    """Merge the mappings of play, blocks and task; the innermost wins."""
    merged: dict[str, str] = {}
    for layer in layers:
        value = _with_what_is_known(layer, read)
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, dict):
                merged |= {str(k): str(v) for k, v in part.items() if v is not OMIT}
            elif part not in (None, "", OMIT):
                raise KeywordInvalid("environment", f"expected a mapping, not {part!r}")
    return merged


def _with_what_is_known(layer: Value, read: Keywords) -> Value:
    """Return one level of `environment` rendered.

    What is made of `ansible_env` is left out while that is not known: it is a fact, and facts are
    gathered in the environment of their play.
    """
    if not isinstance(layer, dict) or not any(map(_names_env, layer.values())):
        return read.render("environment", layer)
    known: dict[str, Value] = {}
    for name, raw in layer.items():
        try:
            known[name] = read.render("environment", raw)
        except TemplateFailed as failure:
            if "'ansible_env'" not in str(failure):
                raise
    return known


def _names_env(raw: Value) -> bool:
    return isinstance(raw, Template) and "ansible_env" in raw.text


def _notified(names: Iterable[Value], read: Keywords) -> Iterator[str]:
    for name in names:
        value = read.render("notify", name)
        for one in value if isinstance(value, list) else [value]:
            if one is not OMIT:
                yield str(one)


def finalise_arguments(task: Task, scope: Scope, *, io_allowed: bool) -> Result:
    """Return the arguments rendered, coerced and with their defaults."""
    schema = schema_of(task)
    try:
        args = _rendered(task, schema, scope, io_allowed=io_allowed)
    except TemplateFailed as failure:
        failure.within(f"Finalization of task args for {_full_name(task)!r} failed: ")
        raise
    coerced = coerce_arguments(task.action.name, args, schema)
    return coerced | {name: args[name] for name in args if _is_expression(name, schema)}


def schema_of(task: Task) -> ModuleSchema:
    """Return the schema of a task's action; the parser has refused actions without one."""
    schema = user_schema() if task.action.own else load_schema(task.action.name)
    if schema is None:
        raise LookupError(task.action.name)
    return schema


def _full_name(task: Task) -> str:
    written_name = task.action.written
    if task.action.own is not None:
        return written_name
    return written_name if "." in written_name else f"ansible.builtin.{written_name}"


def _rendered(task: Task, schema: ModuleSchema, scope: Scope, *, io_allowed: bool) -> Result:
    action = task.action
    raw = {**_of_template(action.template, scope, io_allowed=io_allowed), **action.args}
    args = module_defaults(task, action.name, scope, io_allowed=io_allowed)
    for name, value in raw.items():
        args[name] = _argument(name, value, schema, scope, io_allowed=io_allowed)
    if action.free_form is not None:
        name = schema.free_form or "_raw_params"
        args[name] = _argument(name, action.free_form, schema, scope, io_allowed=io_allowed)
    return {name: value for name, value in args.items() if value is not OMIT}


def _of_template(
    template: Template | None, scope: Scope, *, io_allowed: bool
) -> Mapping[str, Value]:
    """Return the arguments that one template gives; raise TemplateFailed if they are none."""
    if template is None:
        return {}
    given = render(template, scope, io_allowed=io_allowed)
    if isinstance(given, Mapping):
        return given
    if given is OMIT:
        return {}
    message = f"Task args must resolve to a 'dict' not {type_name(given)!r}."
    raise TemplateFailed(message, text=template.text, span=template.span)


def module_defaults(task: Task, module: str, scope: Scope, *, io_allowed: bool) -> Result:
    """Return the arguments that `module_defaults` around a task give to a module."""
    args: Result = {}
    for given in defaults_of(module, task.inherited.module_defaults):
        value = render(given, scope, io_allowed=io_allowed) if given else {}
        if isinstance(value, Mapping):
            args |= value
        elif value is not None and value is not OMIT:
            message = f"the defaults of `{module}` must be a mapping, not {type_name(value)}"
            raise TemplateFailed(message, span=getattr(given, "span", None))
    return args


def _argument(
    name: str, value: Value, schema: ModuleSchema, scope: Scope, *, io_allowed: bool
) -> Value:
    if _is_expression(name, schema):
        return value
    try:
        return render(value, scope, io_allowed=io_allowed)
    except TemplateFailed as failure:
        failure.within(f"Error while resolving value for {name!r}: ")
        raise


def _is_expression(name: str, schema: ModuleSchema) -> bool:
    """Tell whether an argument is an expression, which the action itself evaluates."""
    known = schema.arguments.get(name)
    return known is not None and known.expression
