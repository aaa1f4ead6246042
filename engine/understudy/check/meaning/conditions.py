"""Which conditions keep a task from being run, or a text from reading what is not there."""

from __future__ import annotations

from understudy.check.flow.visits import Read, Visit
from understudy.check.flow.walk import never
from understudy.values.texts import Condition, Expression, Template


def is_run(visit: Visit) -> bool:
    """Tell whether a task can be come to at all."""
    return visit.unreachable is None and not never(visit.task.inherited.when)


def is_guarded(visit: Visit, read: Read) -> bool:
    """Tell whether a task asks, in `when` or where it reads, if there is something to be read."""
    return any(
        one.chain.guarded and one.chain.name == read.chain.name
        for one in visit.reads
        if one.keyword == "when" or one.text is read.text
    )


def further(visit: Visit, other: Visit) -> list[Condition]:
    """Return the conditions of a task that another one does not have as well."""
    known = other.task.inherited.when
    return [
        condition
        for condition in visit.task.inherited.when
        if condition is not True and not any(same_texts(condition, one) for one in known)
    ]


def same_texts(one: object, other: object) -> bool:
    """Tell whether two values of keywords are written alike."""
    texts = (Template, Expression)
    if isinstance(one, texts) and isinstance(other, texts):
        return one.text.strip() == other.text.strip()
    return one == other
