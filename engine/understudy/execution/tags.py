"""Which tasks `--tags` and `--skip-tags` leave."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from understudy.playbook.model import Step, Task
from understudy.values.texts import Value

_GENERAL = frozenset({"all", "tagged", "untagged"})


@dataclass(frozen=True, slots=True)
class TagFilter:
    """The tags asked for, and those to leave out. `render` gives the names of a templated tag."""

    only: frozenset[str]
    skip: frozenset[str]
    render: Callable[[Value], Value]

    def steps(self, steps: Iterable[Step]) -> tuple[Step, ...]:
        """Return the steps that remain; blocks that become empty go too."""
        kept = (self._step(step) for step in steps)
        return tuple(step for step in kept if step is not None)

    def _step(self, step: Step) -> Step | None:
        if isinstance(step, Task):
            return step if step.implicit or self.selects(self.names(step)) else None
        body = self.steps(step.body)
        rescue, always = self.steps(step.rescue), self.steps(step.always)
        if not (body or rescue or always):
            return None
        return replace(step, body=body, rescue=rescue, always=always)

    def names(self, task: Task) -> frozenset[str]:
        """Return the tags of a task, its blocks' and its play's among them."""
        names: list[str] = []
        for raw in task.inherited.tags:
            value = self.render(raw)
            for part in value if isinstance(value, (list, tuple)) else [value]:
                names += [name.strip() for name in str(part).split(",")]
        return frozenset(names)

    def selects(self, tags: frozenset[str]) -> bool:
        """Tell whether a task with these tags runs. `always` and `never` are as in Ansible."""
        return self._wanted(tags) and not self._refused(tags)

    def _wanted(self, tags: frozenset[str]) -> bool:
        if "always" in tags or ("all" in self.only and "never" not in tags):
            return True
        if tags & (self.only - _GENERAL):
            return True
        if tags - {"always"} and "tagged" in self.only and "never" not in tags:
            return True
        return not tags and "untagged" in self.only

    def _refused(self, tags: frozenset[str]) -> bool:
        if "all" in self.skip:
            return "always" not in tags or "always" in self.skip
        if tags & (self.skip - _GENERAL):
            return True
        return (bool(tags) and "tagged" in self.skip) or (not tags and "untagged" in self.skip)
