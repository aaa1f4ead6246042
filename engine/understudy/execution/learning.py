"""What a task learns of its host: at once for its own conditions, for good when it is through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from understudy.execution.facts import LOCAL, may_be_variable, short_name
from understudy.execution.host import HostState
from understudy.text.source import Span
from understudy.values.scope import Plain
from understudy.values.texts import Value


@dataclass(frozen=True, slots=True)
class Learned:
    """What one attempt returned as `ansible_facts`.

    It is kept when the task as a whole, with every item of its loop, has not failed. Until then
    the attempt's conditions and the items after it see it.
    """

    host: HostState
    """The task's host; with `delegate_facts` the delegate."""
    action: str
    facts: Mapping[str, Value]
    span: Span | None = None
    """The place of the task."""
    cached: bool = False
    """Whether what `set_fact` gives is a fact too, below much else but kept."""

    def layer(self, *, inject: bool) -> dict[str, Value]:
        """Return it as variables."""
        if self.action == "debug":  # it returns facts when they are what it shows
            return {}
        if self.action == "include_vars":
            return dict(self.facts)
        if self.action == "set_fact":
            return Plain(self.facts)
        short = {short_name(name): value for name, value in self.facts.items()}
        shown = {
            name: value
            for name, value in self.facts.items()
            if name == LOCAL or (inject and may_be_variable(name))
        }
        return Plain(shown, ansible_facts={**self.host.facts, **short})
