"""Tasks that are tried again, as rules see them: what stays the same, and what may change."""

from __future__ import annotations

from collections.abc import Iterator

from understudy.check.flow.reads import facts_of
from understudy.check.flow.visits import Read, Unclear, Visit
from understudy.playbook.model import Task
from understudy.values.texts import Expression, Template, Value, texts_in

_RESULT_TESTS = frozenset(
    "change changed failed failure finished reachable skip skipped started succeeded success"
    " successful timedout unreachable".split()
)
_RESULT_KEYS = frozenset(
    "ansible_job_id attempts changed failed finished rc stderr stderr_lines stdout stdout_lines"
    " unreachable".split()
)
_GIVE_NAMES = frozenset({"set_fact", "include_vars", "setup", "gather_facts", "add_host", ""})
_NOT_OF_THE_TEXT = frozenset({"_task", "ansible_facts", "ansible_local", "hostvars", "vars"})
_CHANGING_CALLS = frozenset({"lookup", "now", "q", "query"})


def is_retried(visit: Visit) -> bool:
    """Tell whether a task is surely tried more than once if need be."""
    return (visit.retries or 0) > 0


def own_result(visit: Visit) -> list[Read]:
    """Return each place where `until` reads what the task itself registers, in order."""
    return [read for read in visit.reads_in("until") if visit.given in read.sources]


def texts_behind(visit: Visit, keyword: str, value: Value) -> Iterator[Template | Expression]:
    """Yield the texts of a keyword's value, and of the variables by way of which it is read."""
    yield from texts_in(value)
    for name in {read.chain.name for read in visit.reads_in(keyword)}:
        layer = next((layer for layer in visit.names.layers if name in layer), {})
        yield from texts_in(layer.get(name))


def may_change(visit: Visit) -> bool:
    """Tell whether what `until` reads may change though the task's result is not read."""
    task = visit.task
    names = {read.chain.name for read in visit.reads_in("until")}
    return (
        _may_give_names(task)
        or any(name in _NOT_OF_THE_TEXT or name.startswith("ansible_") for name in names)
        or any(Unclear.ANYWHERE in read.sources for read in visit.reads_in("until"))
        or any(
            facts.failure or facts.calls & _CHANGING_CALLS
            for facts in map(facts_of, texts_behind(visit, "until", task.until))
        )
    )


def _may_give_names(task: Task) -> bool:
    """Tell whether a task may give variables in another way than by `register`."""
    action = task.action
    return action.own is not None or action.name in _GIVE_NAMES or action.name.endswith("_facts")


def stays(visit: Visit, read: Read) -> bool:
    """Tell whether what is read surely is the same in every attempt."""
    origin, _ = visit.meaning(read)
    if origin.sources:
        return not any(isinstance(one, Unclear) for one in origin.sources)
    loop = visit.task.loop
    is_item = loop is not None and read.chain.name in (loop.loop_var, loop.index_var)
    return is_item or visit.names.is_fixed(read.chain.name)


def only_attempt(name: str) -> str:
    """Return what becomes of a task whose `until` reads a name that is not defined."""
    return f"`{name}` is not defined: the first attempt fails the task, and is the only one"


def unchanging(name: str) -> str:
    """Return what becomes of a task whose `until` reads a name that it does not give."""
    return f"`{name}` stays as it is, however often the task is tried"


def is_of_result(read: Read) -> bool:
    """Tell whether a variable is read as a task's result is."""
    chain = read.chain
    return chain.test in _RESULT_TESTS or chain.path[:1] in {(key,) for key in _RESULT_KEYS}
